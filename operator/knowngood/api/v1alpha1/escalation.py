"""Who is told of an incident, and after how long somebody else is."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import DURATION_PATTERN, between, cel, listed, validated_by
from knowngood.api.v1alpha1.scalars import DnsLabel, Duration
from knowngood.api.v1alpha1.wire import Wire

MOST_RECEIVERS: Final = 16
"""Receivers that the operator's configuration may have; each may be named, and noted, once."""

MOST_STEPS: Final = 8

Named = Annotated[DnsLabel, Field(description="A receiver of the operator's configuration.")]


class Unless(StrEnum):
    """What keeps a step from being taken: Acknowledged."""

    ACKNOWLEDGED = "Acknowledged"


class EscalationStep(Wire):
    """Receivers that are told after a while."""

    model_config = validated_by(
        cel(
            # What is no duration is refused by its pattern, in words that help.
            f"has(self.unless) || !self.after.matches('{DURATION_PATTERN}') || "
            "duration(self.after) == duration('0s')",
            "a later step is for what nobody has taken: set unless to Acknowledged",
        )
    )

    after: Annotated[Duration, between("0s", "24h")]
    """How long after the detection: 0s is at once."""

    unless: Unless | None = None
    """Acknowledged: the step is not taken once a person has taken the incident. Required where after is above 0s."""

    notify: Annotated[tuple[Named, ...], listed(MOST_RECEIVERS, 1)]
    """Receivers, by the names that they have in the operator's configuration."""
