"""Triggers of a policy: which signal is tested, how, and for whom."""

from enum import StrEnum
from typing import Annotated

from knowngood.api.hints import cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.comparisons import DistributionTest, ProportionTest
from knowngood.api.v1alpha1.event_tests import DisagreementTest, RateTest
from knowngood.api.v1alpha1.scalars import DnsLabel, ObjectName
from knowngood.api.v1alpha1.shared import Severity
from knowngood.api.v1alpha1.threshold_tests import ThresholdTest
from knowngood.api.v1alpha1.uses import CONSISTENT, Use
from knowngood.api.v1alpha1.wire import Wire

_ALONE = "has(self.roles) && self.roles == ['Stable']"
_COMPARED = tuple(
    cel(
        f"!has(self.test.{test}) || (self.test.{test}.comparedTo == 'Stable') != ({_ALONE})",
        f"{test}.comparedTo: Stable compares a canary with the version beside it; Shadow, Baseline and Past compare "
        "the version that answers everybody, so roles must be [Stable], and only for them",
        path=".roles",
    )
    for test in ("proportion", "distribution")
)


class SignalKind(StrEnum):
    """Kind of a signal template."""

    CLUSTER = "ClusterSignalTemplate"


class JudgedRole(StrEnum):
    """Role of a version that is judged.

    Canary: the version that is rolled out. Stable: the one that answers everybody, for as long as it does.
    """

    CANARY = "Canary"
    STABLE = "Stable"


class SignalRef(Wire):
    """A signal template."""

    kind: SignalKind = SignalKind.CLUSTER
    """Kind of the template. Default: ClusterSignalTemplate."""

    name: ObjectName
    """Name of the template."""


class TriggerTest(Wire):
    """A test of a signal: exactly one kind."""

    model_config = validated_by(
        exactly_one("proportion", "threshold", "distribution", "rate", "disagreement")
    )

    proportion: ProportionTest | None = None
    """Compare the share of events with another version."""

    threshold: ThresholdTest | None = None
    """Compare the share of events, or the value, with a fixed limit."""

    distribution: DistributionTest | None = None
    """Compare how requests spread over bins or categories with another version."""

    rate: RateTest | None = None
    """Count events that have no denominator; only the events of the signal matter."""

    disagreement: DisagreementTest | None = None
    """Compare two answers to the same request, which somebody has joined and counted."""


class Trigger(Wire):
    """One signal, tested in one way."""

    model_config = validated_by(*CONSISTENT, *_COMPARED)

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
    """The test: exactly one of proportion, threshold, distribution, rate and disagreement."""
