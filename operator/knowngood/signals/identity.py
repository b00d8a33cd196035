"""Whose a series is: what its labels say, which of them the scrape attached, and where they contradict each other.

Prometheus attaches the labels of a target to what the target exports, and calls a label of the process by another name
(`exported_pod`) where both have one. So `pod`, `namespace`, `service` and `job` can be believed where the scrape
attaches them; nothing else can.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1.signal_template import IdentityBy
from knowngood.signals.selectors import Operator, Selector

ENVOY_CLUSTER: Final = "envoy_cluster_name"
OF_THE_TARGET: Final = ("job", "namespace")
"""Labels that the scrape attaches, and that tell one gateway from any pod that exports the same names."""

# A pod of a Deployment is called <deployment>-<template hash>-<5 characters>.
_POD_SUFFIX_PARTS: Final = 2

# <namespace>_<service>_<port>, as Contour calls the statistics of a cluster; no name of Kubernetes has an underscore.
_CLUSTER: Final = re.compile(r"([a-z0-9][-a-z0-9]{0,62})_([a-z0-9][-a-z0-9.]{0,62})_[0-9]{1,5}")
_WORDS: Final = re.compile(r"[A-Za-z0-9_./-]+(\|[A-Za-z0-9_./-]+)*")

Group = tuple[str, str]
"""Namespace, and a name in it: of a pod, a Deployment or a model; or of a Service, as `service_group` says."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a signal is read, and whose its series are: what was counted from elsewhere is another signal.

    Attributes:
        source: Name of the source.
        by: How a series tells which version it is of.
    """

    source: str
    by: IdentityBy


def cluster_service(cluster: str) -> Group | None:
    """Namespace and Service of an Envoy cluster; None when its name does not say."""
    found = _CLUSTER.fullmatch(cluster)
    return (found[1], found[2]) if found else None


def service_group(by: IdentityBy, namespace: str, service: str) -> Group:
    """Where the series of a Service are found; not where those of a pod of the same name are."""
    return namespace, f"{by}:{service}"


def groups_of(labels: Mapping[str, str]) -> Iterable[Group]:
    """Every place in which a series is looked for."""
    namespace, pod = labels.get("namespace", ""), labels.get("pod", "")
    names = {pod, pod.rsplit("-", _POD_SUFFIX_PARTS)[0], labels.get("model", "")} - {""}
    yield from ((namespace, name) for name in names)
    if "service" in labels:
        yield service_group(IdentityBy.SERVICE, namespace, labels["service"])
    if ENVOY_CLUSTER in labels:
        place = cluster_service(labels[ENVOY_CLUSTER])
        if place is not None:
            yield service_group(IdentityBy.ENVOY_CLUSTER, *place)


_WANTED: Final[Mapping[IdentityBy, tuple[str, ...]]] = {
    IdentityBy.POD: ("namespace", "pod"),
    IdentityBy.LABELS: ("namespace", "model", "model_version"),
    IdentityBy.SERVICE: ("namespace", "service"),
    IdentityBy.ENVOY_CLUSTER: (ENVOY_CLUSTER,),
}

_CONTRADICTED: Final[Mapping[IdentityBy, tuple[str, ...]]] = {
    IdentityBy.POD: ("namespace", "pod"),
    IdentityBy.SERVICE: ("namespace", "pod", "service"),
}


TELLING: Final = tuple(
    sorted(
        {name for names in _WANTED.values() for name in names}
        | {f"exported_{name}" for names in _CONTRADICTED.values() for name in names}
    )
)
"""Every label that says whose a series is, or contradicts it."""


def objection(by: IdentityBy, labels: Mapping[str, str]) -> str:
    """Say why a series is of nobody, in words that name the labels; empty when it can be of somebody."""
    missing = [name for name in _WANTED[by] if not labels.get(name)]
    if missing:
        return f"no label {' and '.join(missing)}"
    if by is IdentityBy.ENVOY_CLUSTER and cluster_service(labels[ENVOY_CLUSTER]) is None:
        return f"{ENVOY_CLUSTER} is not <namespace>_<service>_<port>"
    for name in _CONTRADICTED.get(by, ()):
        claimed = labels.get(f"exported_{name}")
        if claimed and claimed != labels.get(name):
            return f"exported_{name} contradicts {name}"
    return ""


def anybody_may_claim(by: IdentityBy, selector: Selector) -> bool:
    """Whether any pod could export what a selector selects and be believed.

    The name of an Envoy cluster is what a process says, so only a gateway may say it: its scrape must be named.
    """
    if by is not IdentityBy.ENVOY_CLUSTER:
        return False
    return not any(
        matcher.label in OF_THE_TARGET
        and matcher.operator in {Operator.EQUAL, Operator.MATCHES}
        and _WORDS.fullmatch(matcher.value)
        and not (matcher.is_pattern and "." in matcher.value)
        for matcher in selector.matchers
    )
