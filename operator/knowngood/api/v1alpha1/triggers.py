"""Triggers of a policy: which signal is tested, how, and for whom."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import between, cel, checked, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.scalars import (
    Certainty,
    Confidence,
    Decimal,
    DnsLabel,
    Duration,
    ObjectName,
    Points,
    PositivePercent,
    PositivePoints,
)
from knowngood.api.v1alpha1.shared import Severity
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.api.v1alpha1.wire import Wire

_POSITIVE = cel("!self.startsWith('-') && self.matches('[1-9]')", "must be above zero")

Samples = Annotated[int, Field(ge=1, le=100_000_000)]


class SignalKind(StrEnum):
    """Kind of a signal template."""

    CLUSTER = "ClusterSignalTemplate"


class JudgedRole(StrEnum):
    """Role of a version that is judged.

    Canary: the version that is rolled out. Stable: the one that answers everybody, for as long as it does.
    """

    CANARY = "Canary"
    STABLE = "Stable"


class ComparedTo(StrEnum):
    """What a version is compared with.

    Stable is the version that answers users in the same minutes.
    """

    STABLE = "Stable"


class Direction(StrEnum):
    """Which change is bad: Decrease, Increase, or Either."""

    DECREASE = "Decrease"
    INCREASE = "Increase"
    EITHER = "Either"


class Seasonality(StrEnum):
    """Which hours have a baseline of their own, in UTC: None, HourOfDay or HourOfWeek."""

    NONE = "None"
    HOUR_OF_DAY = "HourOfDay"
    HOUR_OF_WEEK = "HourOfWeek"


class Use(StrEnum):
    """What a verdict is used for.

    Act takes a breached version back, and holds a promotion until it is Healthy. Gate only holds the promotion. Notify
    only tells people.
    """

    ACT = "Act"
    GATE = "Gate"
    NOTIFY = "Notify"


class SignalRef(Wire):
    """A signal template."""

    kind: SignalKind = SignalKind.CLUSTER
    """Kind of the template. Default: ClusterSignalTemplate."""

    name: ObjectName
    """Name of the template."""


class Effect(Wire):
    """How large a difference must be, besides being proved."""

    at_least: PositivePoints
    """The estimated difference must be at least this large, in percentage points."""

    over: Annotated[Duration, between("1s", "24h")] | None = None
    """The span over which the difference is estimated. Default: since the canary got its first
    request."""


class FalseAlarms(Wire):
    """How often a false alarm is accepted."""

    per_rollout: PositivePercent
    """Probability that a rollout of a version that is as good as the other one is taken back, for
    example 1%."""


class NonInferior(Wire):
    """What must be shown before a version is Healthy: that it is not worse by the margin."""

    margin: PositivePoints
    """The difference that would be too much, in percentage points. A smaller one needs many more requests."""

    confidence: Certainty = "95%"
    """A version that is worse by the margin or more is called Healthy with at most the rest of the probability, however
    often one looks. Default: 95%."""


class ProportionTest(Wire):
    """Compares the share of events with another version, request by request.

    Valid however often it looks.
    """

    compared_to: ComparedTo
    """What the version is compared with: Stable."""

    direction: Direction
    """Which change is bad: Decrease, Increase, or Either (which needs more samples)."""

    tolerance: Points = "0pp"
    """Differences up to this are fine, and never cause more false alarms than promised. Default:
    0pp."""

    effect: Effect | None = None
    """How large the estimated difference must be, besides being proved. Default: any."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    min_samples: Samples = 500
    """Requests of each version before it is called healthy. Does not delay an alarm. Default:
    500."""

    min_events: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    """Bad answers before an alarm. Default: 3."""

    non_inferior: NonInferior | None = None
    """What must be shown before the version is called healthy. Default: nothing; the verdict then says how large a
    difference would have been found."""


class ThresholdTest(Wire):
    """Compares the share of events, or the value, with a fixed limit."""

    model_config = validated_by(exactly_one("above", "below"))

    above: Decimal | None = None
    """Breached above this limit. Shares are written as fractions: 0.05 is 5 percent."""

    below: Decimal | None = None
    """Breached below this limit. Shares are written as fractions: 0.05 is 5 percent."""

    window: Annotated[Duration, between("1s", "24h")]
    """The span that is looked at, up to now."""

    for_: Annotated[Duration, between("0s", "24h"), Field(alias="for")] = "0s"
    """How long the limit must be crossed without a break. Default: 0s."""

    min_samples: Samples = 50
    """Requests in the window before it says anything. Default: 50."""

    confidence: Confidence = "99%"
    """How sure it must be that the limit is crossed, or None to compare the plain number. Default:
    99%."""


class DistributionTest(Wire):
    """Compares how requests spread over bins or categories with another version.

    Valid however often it looks.
    """

    compared_to: ComparedTo
    """What the version is compared with: Stable."""

    statistic: Statistic = Statistic.PSI
    """How the distance is measured: PSI, JS, MaxGap or Wasserstein. The last two need a histogram.
    Default: PSI."""

    above: Annotated[Decimal, checked(_POSITIVE)]
    """The distance beyond chance that an alarm needs, besides being proved: 0.25 by PSI is a large
    change, 0.1 a moderate one."""

    window: Annotated[Duration, between("1m", "24h")] = "1h"
    """The span over which the distance is estimated. Default: 1h."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    min_samples: Samples = 1000
    """Requests of each version in the window before the distance is believed. Default: 1000."""


class TriggerTest(Wire):
    """A test of a signal: exactly one kind."""

    model_config = validated_by(exactly_one("proportion", "threshold", "distribution"))

    proportion: ProportionTest | None = None
    """Compare the share of events with another version."""

    threshold: ThresholdTest | None = None
    """Compare the share of events, or the value, with a fixed limit."""

    distribution: DistributionTest | None = None
    """Compare how requests spread over bins or categories with another version."""


class Trigger(Wire):
    """One signal, tested in one way."""

    model_config = validated_by(
        cel(
            "!has(self.use) || self.use != 'Notify' || !has(self.critical) || !self.critical",
            "critical: a trigger that only notifies holds no promotion",
            path=".critical",
        ),
        cel(
            "!has(self.use) || self.use != 'Gate' || !has(self.critical) || self.critical",
            "critical: a trigger that is used as a Gate does nothing but hold the promotion",
            path=".critical",
        ),
        cel(
            "!has(self.critical) || self.critical || !has(self.test.proportion) || "
            "!has(self.test.proportion.nonInferior)",
            "critical: what nonInferior asks for must be shown for the promotion, so the trigger is critical",
            path=".critical",
        ),
    )

    name: DnsLabel
    """Name of the trigger."""

    signal: SignalRef
    """The signal that is tested."""

    roles: Annotated[tuple[JudgedRole, ...], listed(4, 1)] = (JudgedRole.CANARY,)
    """Roles of the versions that are judged. Default: Canary."""

    severity: Severity = Severity.HIGH
    """How bad a breach is: Low, Medium, High or Critical. Default: High."""

    use: Use = Use.ACT
    """What its verdict is used for: Act takes a breached version back and holds the promotion until it is Healthy; Gate
    only holds the promotion; Notify only tells. Default: Act."""

    critical: bool | None = None
    """Whether the rollout waits for it: no promotion before it is Healthy, no step while its signal can not be seen.
    False for a signal that is too rare to wait for. Default: true, unless it only notifies. A value has no sample size:
    it is waited for while it can not be seen, and never has to be Healthy."""

    test: TriggerTest
    """The test: exactly one of proportion, threshold and distribution."""
