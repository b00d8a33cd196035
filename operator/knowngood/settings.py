"""The operator's own settings: command line and environment, never custom resources."""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from knowngood.api.hints import DURATION_PATTERN
from knowngood.api.v1alpha1 import seconds
from knowngood.arguments import parser
from knowngood.decisions.retaining import Retention
from knowngood.decisions.suspendable import NOTHING, AllowList, NotSuspendable, allow_list
from knowngood.messages.escalating import Reach
from knowngood.receivers.arms import secret_url
from knowngood.receivers.receiver import (
    ReceiverConfig,
    ReceiverProblem,
    load_receivers,
)
from knowngood.sinks.sink import SinkConfig, SinkProblem, load_sinks
from knowngood.sources.credentials import check
from knowngood.sources.source import Source, SourceProblem, load_sources, parse_sources

LONGEST_TICK = 60
"""Seconds; a loop that looks less often would be taken for stuck."""
SHORTEST_SWITCH, LONGEST_SWITCH = 5, 3600
"""Seconds between two beats of a dead man's switch."""


class SettingsError(Exception):
    """A setting is wrong; the text names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator is told when it starts.

    Attributes:
        sources: Prometheus-compatible endpoints by name.
        sinks: SIEMs that incidents are exported to, by name.
        receivers: Whoever is told of incidents, by name.
        switch: Holds the URL of a dead man's switch; None where there is none.
        switch_every: Seconds between two times that it is told that all is well.
        tick: Seconds between two looks at the signals.
        resync: Seconds between two LISTs that correct the view.
        retention: Which closed incidents are kept.
        auto_close_after: Seconds without news after which an incident that needs nobody is closed.
        people_proved: The API server refuses what people say in another name than their own.
        suspendable: Which feeds may be suspended, by kind.
        hooks_port: Where receivers tell who has taken an incident; open only where one has a secret for that.
        address: Of this pod, as gateways and other replicas reach it; empty outside of a cluster.
        pod_uid: Of this pod; empty outside of a cluster.
        kubeconfig: None inside a cluster.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    sinks: dict[str, SinkConfig] = field(default_factory=dict)
    receivers: dict[str, ReceiverConfig] = field(default_factory=dict)
    switch: Path | None = None
    switch_every: float = 60.0
    namespace: str = "knowngood"
    identity: str = "knowngood"
    lease: str = "knowngood"
    tick: float = 0.5
    resync: float = 300.0
    retention: Retention = field(default_factory=Retention)
    auto_close_after: float = 168 * 3600.0
    people_proved: bool = False
    suspendable: AllowList = NOTHING
    port: int = 8080
    hooks_port: int = 8083
    log_level: str = "INFO"
    kubeconfig: str | None = None
    address: str = ""
    pod_uid: str = ""

    @property
    def reaches(self) -> dict[str, Reach]:
        """Who may be told of what, by the receiver's name."""
        return {name: config.reach for name, config in self.receivers.items()}


def parse(arguments: Sequence[str]) -> Settings:
    """Read the command line.

    Raises:
        SettingsError: A value is wrong.
        SystemExit: `--help`, or an unknown option.
    """
    options = parser().parse_args(arguments)
    _check_numbers(options)
    with _told():
        return Settings(
            sources=_sources(options.source, options.sources),
            sinks=load_sinks(options.siem) if options.siem else {},
            receivers=load_receivers(options.receivers) if options.receivers else {},
            switch=_switch(options.dead_mans_switch),
            switch_every=options.dead_mans_switch_every,
            namespace=options.namespace,
            identity=options.identity,
            lease=options.lease,
            tick=options.tick,
            resync=options.resync,
            retention=_retention(options.keep_incidents),
            auto_close_after=seconds(options.auto_close_after),
            people_proved=options.people_proved,
            suspendable=allow_list(options.suspendable, options.suspend_in),
            port=options.port,
            hooks_port=options.hooks_port,
            log_level=options.log_level,
            kubeconfig=options.kubeconfig,
            address=options.address,
            pod_uid=os.environ.get("POD_UID", ""),
        )


def _check_numbers(options: argparse.Namespace) -> None:
    if not 0 < options.tick <= LONGEST_TICK or options.resync <= 0:
        raise SettingsError(
            f"--tick takes seconds above 0 and up to {LONGEST_TICK}, --resync seconds above 0"
        )
    if not SHORTEST_SWITCH <= options.dead_mans_switch_every <= LONGEST_SWITCH:
        raise SettingsError(
            f"--dead-mans-switch-every takes {SHORTEST_SWITCH} to {LONGEST_SWITCH} seconds"
        )
    after = options.auto_close_after
    if not re.fullmatch(DURATION_PATTERN, after) or seconds(after) <= 0:
        raise SettingsError("--auto-close-after takes a duration above 0, like 168h or 90m")


def _retention(text: str) -> Retention:
    found = re.fullmatch(rf"([0-9]{{1,6}}),({DURATION_PATTERN[1:-1]})", text)
    if found is None or int(found[1]) < 1 or seconds(found[2]) <= 0:
        raise SettingsError(
            "--keep-incidents takes a number and a duration, both above 0, like 1000,8760h"
        )
    return Retention(int(found[1]), timedelta(seconds=seconds(found[2])))


def _sources(texts: Sequence[str], path: Path | None) -> dict[str, Source]:
    """Put the two ways to name a source together, and try the files that they name."""
    short = dict(_source(text) for text in texts)
    named, listed = parse_sources(short), load_sources(path) if path else {}
    for name, source in (named | listed).items():
        _try(name, source)
    if twice := named.keys() & listed.keys():
        raise SettingsError(f"source {min(twice)}: it is in --source and in --sources")
    return named | listed


def _switch(path: Path | None) -> Path | None:
    if path is not None:
        secret_url(path, "--dead-mans-switch")
    return path


@contextmanager
def _told() -> Iterator[None]:
    """Tell whatever is wrong with a file, or with an entry of a list, as a setting that is wrong."""
    try:
        yield
    except (SourceProblem, SinkProblem, ReceiverProblem, NotSuspendable) as problem:
        raise SettingsError(str(problem)) from problem


def _try(name: str, source: Source) -> None:
    try:
        check(source)
    except SourceProblem as problem:
        raise SourceProblem(f"source {name}: {problem}") from problem


def _source(text: str) -> tuple[str, str]:
    name, separator, url = text.partition("=")
    if not name or not separator:
        # What was written is not repeated: a URL may hold a password.
        raise SettingsError("--source: write NAME=URL, like default=http://prometheus:9090")
    return name, url
