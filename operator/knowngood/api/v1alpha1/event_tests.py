"""Tests of events that have no denominator, and of pairs of answers to the same request."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import between, cel, checked, validated_by
from knowngood.api.v1alpha1.false_alarms import FalseAlarms, Samples
from knowngood.api.v1alpha1.scalars import Decimal, Duration, PositivePoints
from knowngood.api.v1alpha1.wire import Wire


class RateComparedTo(StrEnum):
    """What the number of events is compared with.

    Share is the version's share of the requests, Limit a fixed number in a span of time.
    """

    SHARE = "Share"
    LIMIT = "Limit"


class DisagreesWith(StrEnum):
    """Whose answers to the same requests are compared.

    Shadow: one answer of each pair is that to a copy of the request.
    """

    SHADOW = "Shadow"


class DisagreementKind(StrEnum):
    """Which disagreement is bad.

    Net: more of it goes against the judged version than for it. Any: there is too much of it.
    """

    NET = "Net"
    ANY = "Any"


class RateTest(Wire):
    """Counts events that have no denominator.

    Valid however often it looks.
    """

    model_config = validated_by(
        cel(
            "(self.comparedTo == 'Limit') == has(self.above)",
            "must be set with comparedTo Limit, and only then",
            path=".above",
        ),
        cel("!has(self.per) || has(self.above)", "is for comparedTo Limit only", path=".per"),
    )

    compared_to: RateComparedTo
    """Share: the canary's share of the requests should also be its share of the events. Limit: so
    many events are fine."""

    above: (
        Annotated[Decimal, checked(cel("self.matches('^[0-9.]*[1-9]')", "must be above zero"))]
        | None
    ) = None
    """Breached when it is proved that the version has more events than this in the span of per."""

    per: Annotated[Duration, between("1s", "24h")] | None = None
    """The span that above is for. Default: 1h."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    min_events: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    """Events of the version before an alarm, and events that were due before it is called healthy.
    Default: 3."""


class DisagreementTest(Wire):
    """Compares two answers to the same request, which somebody has joined and counted.

    The signal counts pairs. Valid however often it looks.
    """

    model_config = validated_by(
        cel(
            "(self.kind == 'Any') == has(self.above)",
            "must be set with kind Any, and only then",
            path=".above",
        )
    )

    with_: Annotated[DisagreesWith, Field(alias="with")] = DisagreesWith.SHADOW
    """Whose answers to the same requests are compared. Default: Shadow."""

    kind: DisagreementKind
    """Net: events are the pairs that disagree against the version, the total all that disagree.
    Any: events are the pairs that disagree, the total all pairs."""

    above: PositivePoints | None = None
    """Disagreement up to this share of the pairs is fine, in percentage points. For kind Any."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    min_samples: Samples | None = None
    """Pairs of the signal's total before the version is called healthy. Does not delay an alarm.
    Default: 500 for Any, 50 for Net."""
