"""How often a false alarm is accepted, and what a number of samples may be."""

from typing import Annotated

from pydantic import Field

from knowngood.api.hints import exactly_one, validated_by
from knowngood.api.v1alpha1.scalars import PositivePercent, Rarity
from knowngood.api.v1alpha1.wire import Wire

Samples = Annotated[int, Field(ge=1, le=100_000_000)]


class FalseAlarms(Wire):
    """How often a false alarm is accepted: per rollout for a canary, once in a time for what serves."""

    model_config = validated_by(exactly_one("perRollout", "onceIn"))

    per_rollout: PositivePercent | None = None
    """Probability that a rollout of a version that is as good as the other one is taken back, for
    example 1%."""

    once_in: Rarity | None = None
    """The mean time to a false alarm while the version serves, in days or years of judged time: 30d, 10y."""


class FalseAlarmBudget(Wire):
    """False alarms that are accepted for one model, over all triggers that act."""

    per_rollout: PositivePercent = "1%"
    """Probability that a rollout of a version that is as good as the other one is taken back. Default: 1%."""

    once_in_per_model: Rarity = "10y"
    """The mean time to a false alarm about the version that serves, in days or years of judged time. Default: 10y."""
