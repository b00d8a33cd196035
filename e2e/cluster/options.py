"""What a caller may ask of a local cluster."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Part(StrEnum):
    """One piece of the cluster; every other part needs the control plane."""

    CONTROL_PLANE = "control-plane"
    NODE = "node"
    GATEWAY = "gateway"
    SECOND_GATEWAY = "second-gateway"
    PROMETHEUS = "prometheus"


USUAL = frozenset({Part.CONTROL_PLANE, Part.NODE, Part.GATEWAY, Part.PROMETHEUS})
"""What is started unless somebody asks for something else: all that one model needs."""


@dataclass(frozen=True, slots=True)
class Image:
    """What the node runs for an image: a program on this machine.

    Attributes:
        argv: The entry point; a container's `command` replaces it, its `args` follow it.
        env: Environment of the image; the container's own `env` wins.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """How a cluster is made.

    Attributes:
        parts: What to start; the control plane is always among it.
        images: Image name prefix to program; the longest prefix wins.
        scrape_interval: Of Prometheus, as it writes durations ("1s").
        run_dir: Where logs, keys and data go. It survives the cluster; without one a private
            temporary directory is used and removed at a clean stop.
        cache_dir: Where built programs are kept, between clusters and checkouts.
        token_renewal_s: Renew the tokens of pods at least this often; None renews them when
            80 % of their life is over, as a kubelet does.
    """

    parts: Collection[Part] = USUAL
    images: Mapping[str, Sequence[str] | Image] = field(default_factory=dict)
    scrape_interval: str = "1s"
    run_dir: Path | None = None
    cache_dir: Path | None = None
    token_renewal_s: float | None = None


def default_cache_dir() -> Path:
    """Return the user's cache for programs: `$XDG_CACHE_HOME/knowngood` or `~/.cache/knowngood`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "knowngood"


def as_image(entry: Sequence[str] | Image) -> Image:
    """Return an entry of an images map as an `Image`; a bare argv has no environment."""
    return entry if isinstance(entry, Image) else Image(tuple(entry))
