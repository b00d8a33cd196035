"""What is fixed when an epoch begins, so that every later leader judges by the same."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import Number, ObjectName, PositivePercent, Text
from knowngood.api.v1alpha1.uses import Use
from knowngood.api.v1alpha1.wire import Wire

FIRST_KEPT: Final = 128
LATER_KEPT: Final = 64
EFFECTS_KEPT: Final = 64

ShareKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=160,
        description="Name of a policy, name of a trigger, and a digest of both and of the test.",
    ),
]


class BudgetShares(Wire):
    """Which triggers share a false-alarm budget. Who comes or goes later changes the part of nobody else."""

    use: Use
    """Whose budget it is: of triggers that Act, of those that only hold a promotion (Gate), or of those that only tell
    (Notify, and all of a policy that observes)."""

    per_rollout: PositivePercent | None = None
    """The budget of the rollout, as it was when it began. Absent for the version that serves: that budget is what the
    policies say now."""

    first: Annotated[tuple[ShareKey, ...], listed(FIRST_KEPT)] = ()
    """Triggers that were there at the start: equal parts of nine tenths of the budget."""

    later: Annotated[tuple[ShareKey, ...], listed(LATER_KEPT)] = ()
    """Triggers that came later, or whose test was changed: parts of the last tenth, the first one half of it, the
    second a sixth, and so on."""


class Basis(StrEnum):
    """What a design effect rests on.

    Pods: pods of one version were compared. Assumed: there was nothing to compare, so requests are taken to be
    independent.
    """

    PODS = "Pods"
    ASSUMED = "Assumed"


class FixedEffect(Wire):
    """How many requests of a signal count as one, fixed when the rollout began."""

    signal: ObjectName
    """The signal."""

    value: Number
    """How many: a bound that is sure in nine of ten cases, and at least 1."""

    basis: Basis
    """What it rests on: Pods or Assumed."""

    estimate: Number | None = None
    """What was found between pods, without the margin; absent where nothing was compared."""

    outlier: Annotated[str, Field(max_length=320)] | None = None
    """The pod that most of the spread comes from, if there is one: more likely it is at fault than the clients."""

    message: Text = ""
    """The same in words."""
