"""Ask a trigger that compares the version that answers everybody: with what is remembered, or with a shadow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.distribution.rule import Baseline as Frozen
from knowngood.analysis.distribution.rule import DistributionRule
from knowngood.analysis.looking import pods_missing, unseen
from knowngood.analysis.remembered.baseline import BaselineRule
from knowngood.analysis.remembered.frozen import lanes_of, share_of
from knowngood.analysis.remembered.judging import (
    BaselineJudged,
    PastJudged,
    ShadowJudged,
    Watched,
    judge_baseline,
    judge_past,
    judge_shadow,
)
from knowngood.analysis.remembered.lanes import LanesJudged, judge_lanes
from knowngood.analysis.remembered.past import PastRule
from knowngood.analysis.remembered.shadow import ShadowRule
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1 import (
    Baseline,
    ComparedTo,
    ProportionTest,
    VerdictKind,
    points,
    seconds,
)
from knowngood.api.v1alpha1.comparisons import DistributionTest
from knowngood.control.arms import Arms
from knowngood.control.policies import Bound
from knowngood.signals.ledgers import AnyLedger, VectorLedger, counts_shares

Remembered = BaselineJudged | PastJudged | ShadowJudged | LanesJudged


@dataclass(frozen=True, slots=True)
class Asked:
    """What a trigger is asked about.

    Attributes:
        bound: The trigger.
        ledger: Of its signal; None when that counts nothing.
        arms: Who answers.
        baselines: What is remembered, by signal.
        now: Unix seconds.
        expected: How many targets of each version are to be scraped.
    """

    bound: Bound
    ledger: AnyLedger | None
    arms: Arms
    baselines: Mapping[str, Baseline]
    now: float
    expected: Mapping[str, int]

    @property
    def signal(self) -> str:
        """Name of the signal."""
        return self.bound.trigger.signal.name

    @property
    def baseline(self) -> Baseline | None:
        """What is remembered of it; not what is remembered of segments only, where all requests are asked about."""
        found = self.baselines.get(self.signal)
        return found if found is not None and found.segments is None else None

    def blind(self) -> Verdict | None:
        """The verdict if the version can not be seen."""
        if self.ledger is None:
            return None
        names = (self.arms.canary.version,)
        return unseen(self.ledger, self.signal, names, self.now) or pods_missing(
            self.ledger, self.signal, names, self.expected, self.now
        )

    def inconclusive(self, text: str) -> Verdict:
        """There is nothing to compare with."""
        words = f"{self.signal} of version {self.arms.canary.version}: {text}"
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.NOTHING_TO_COMPARE, words, self.now)


def remember(state: Remembered | None, asked: Asked) -> tuple[Remembered | None, Verdict]:
    """Judge what a version shows by what is remembered.

    Args:
        state: What the last call returned.
        asked: The trigger, and what it is asked about.

    Returns:
        What to pass the next time, and the verdict.

    Raises:
        ValueError: The signal or the baseline does not serve the test; the text says why.
    """
    test = asked.bound.trigger.test
    if test.distribution is not None:
        return _of_lanes(state, asked, test.distribution)
    if test.proportion is None or asked.ledger is None or not counts_shares(asked.ledger):
        raise ValueError(f"trigger {asked.bound.trigger.name}: a proportion needs a ratio")
    if test.proportion.compared_to is ComparedTo.SHADOW:
        return _of_shadow(state, asked, test.proportion)
    if test.proportion.compared_to is ComparedTo.PAST:
        known = state if isinstance(state, PastJudged) else None
        watched = _watched(asked)
        return judge_past(
            known, _past(asked, test.proportion), watched, asked.now, blind=asked.blind()
        )
    baseline = asked.baseline
    if baseline is None:
        return None, asked.inconclusive("no baseline of it is known yet")
    return judge_baseline(
        state if isinstance(state, BaselineJudged) else None,
        _rule(asked, test.proportion),
        share_of(baseline),
        _watched(asked),
        asked.now,
        blind=asked.blind(),
    )


def _of_shadow(
    state: Remembered | None, asked: Asked, test: ProportionTest
) -> tuple[Remembered | None, Verdict]:
    shadow, watched = asked.arms.compared, _watched(asked)
    if shadow is None or asked.ledger is None or not counts_shares(asked.ledger):
        text = "no version that stands by gets copies of its requests (spec.shadow.mirrorPercent)"
        return None, asked.inconclusive(text)
    known = state if isinstance(state, ShadowJudged) else None
    beside = shadow.version, asked.ledger.column(shadow.version)
    rule = ShadowRule(**_demands(asked, test))
    return judge_shadow(known, rule, watched, beside, asked.now, blind=asked.blind())


def _of_lanes(
    state: Remembered | None, asked: Asked, test: DistributionTest
) -> tuple[Remembered | None, Verdict]:
    ledger, baseline = asked.ledger, asked.baseline
    if not isinstance(ledger, VectorLedger):
        name = asked.bound.trigger.name
        text = f"trigger {name}: a distribution needs a histogram or categories"
        raise ValueError(text)  # noqa: TRY004  - the policy is wrong, not a type
    if baseline is None:
        return None, asked.inconclusive("no baseline of it is known yet")
    partition, counts = lanes_of(baseline)
    rule = DistributionRule(
        Bins(partition.labels, partition.edges),
        Frozen(counts, asked.bound.once_in * 60),
        test.statistic,
        float(test.above),
        seconds(test.window),
        test.min_samples,
        float(test.design_effect),
    )
    known = state if isinstance(state, LanesJudged) else None
    version = asked.arms.canary.version
    return judge_lanes(
        known, rule, partition, ledger, (asked.signal, version), now=asked.now, blind=asked.blind()
    )


def _watched(asked: Asked) -> Watched:
    ledger = asked.ledger
    if ledger is None or not counts_shares(ledger):
        raise ValueError(f"signal {asked.signal} has no counts")
    version = asked.arms.canary.version
    return Watched(
        asked.signal, version, ledger.column(version), ledger.settled_until, ledger.since
    )


def _rule(asked: Asked, test: ProportionTest) -> BaselineRule:
    return BaselineRule(**_demands(asked, test), seasonality=test.seasonality)


def _past(asked: Asked, test: ProportionTest) -> PastRule:
    # The API server takes no comparison with the past that names no offset.
    return PastRule(**_demands(asked, test), offset=int(seconds(test.offset or "1h")))


def _demands(asked: Asked, test: ProportionTest) -> dict[str, Any]:
    """What both kinds of memory are asked for."""
    effect = test.effect
    return {
        "direction": test.direction,
        "tolerance": points(test.tolerance),
        "once_in_minutes": asked.bound.once_in,
        "min_samples": test.min_samples,
        "min_events": test.min_events,
        "design_effect": asked.bound.design_effect or 1.0,
        "effect_at_least": points(effect.at_least) if effect else None,
        "effect_over": seconds(effect.over) if effect and effect.over else None,
    }
