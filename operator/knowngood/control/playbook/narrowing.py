"""Which series of a signal are asked for, and over which spans: those of one model alone."""

import re
from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1 import ClusterSignalTemplate, IdentityBy
from knowngood.control.arms import Arm, Arms
from knowngood.control.playbook.checks import Case
from knowngood.signals.identity import ENVOY_CLUSTER
from knowngood.signals.selectors import Matcher, Operator

HOURS_BEFORE: Final = 3 * 3600.0
"""Seconds before the harm that are counted at most."""

LATEST: Final = 3600.0
"""Seconds since the harm began that are counted at most: the latest ones."""

SHORTEST: Final = 60.0
"""Seconds before the harm began that are counted at least: with fewer there is nothing to compare with."""

LEAST_SINCE: Final = 20.0
"""Seconds since the harm began that are counted at least; with scrapes further apart they show nothing."""

Span = tuple[float, float]
"""Its first and its last instant, unix seconds."""

_NOBODY: Final = "-"
"""What no pod is called."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What is compared: before the harm began, and since."""

    before: Span
    since: Span


@dataclass(frozen=True, slots=True)
class Asked:
    """A signal of a model in two spans.

    Attributes:
        part: The label whose values are told apart; empty for none.
    """

    arms: Arms
    template: ClusterSignalTemplate
    spans: Spans
    part: str

    def narrowed(self) -> tuple[Matcher, ...]:
        """What its series fulfil, so that a query costs no more than the pods of two versions do."""
        both = (self.arms.canary, self.arms.stable)
        namespace = Matcher("namespace", Operator.EQUAL, self.arms.namespace)
        match self.template.spec.identity.by:
            case IdentityBy.POD:
                return (namespace, _one_of("pod", {_pods(arm) for arm in both}))
            case IdentityBy.SERVICE:
                return (namespace, _one_of("service", {re.escape(arm.service) for arm in both}))
            case IdentityBy.LABELS:
                return (namespace, Matcher("model", Operator.EQUAL, self.arms.model))
            case _:
                names = (re.escape(f"{self.arms.namespace}_{arm.service}_") for arm in both)
                return (_one_of(ENVOY_CLUSTER, {f"{name}[0-9]+" for name in names}),)


def spans_of(case: Case) -> Spans | None:
    """What is compared; None where the version has no past: it was promoted just before the harm began."""
    until = case.now.timestamp()
    onset = min(case.onset.timestamp(), until - LEAST_SINCE)
    promoted = case.record.status.promoted_at if case.record and case.record.status else None
    began = max(onset - HOURS_BEFORE, promoted.timestamp() if promoted else 0.0)
    if onset - began < SHORTEST:
        return None
    return Spans((began, onset), (max(onset, until - LATEST), until))


def _pods(arm: Arm) -> str:
    if arm.deployment:
        return f"{re.escape(arm.deployment)}-.+"
    return "|".join(map(re.escape, sorted(arm.pods))) or _NOBODY


def _one_of(label: str, patterns: set[str]) -> Matcher:
    return Matcher(label, Operator.MATCHES, "|".join(sorted(patterns)))
