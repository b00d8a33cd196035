"""Which baselines a version has once it is called known good."""

from itertools import accumulate

from knowngood.api.v1alpha1 import Baseline, BaselineSource, VersionStatus
from knowngood.decisions.plan import StandingChange
from knowngood.decisions.proving import PROVED
from knowngood.decisions.situation import Situation

MOST = 32
"""Baselines of one version; each segment of a signal has one of its own."""


def remembered(s: Situation, before: VersionStatus, change: StandingChange) -> tuple[Baseline, ...]:
    """What its signals have shown, frozen, beside what a person has handed in; that is never replaced by itself."""
    if change.reason != PROVED or s.serving is None:
        return before.baselines
    handed_in = {b.signal: b for b in before.baselines if b.source is BaselineSource.HANDED_IN}
    seen = {b.signal: b for b in s.serving.baselines}
    found = {**seen, **handed_in}
    ordered = [found[signal] for signal in sorted(found)]
    room = accumulate(one.parts for one in ordered)
    return tuple(one for one, taken in zip(ordered, room, strict=True) if taken <= MOST)
