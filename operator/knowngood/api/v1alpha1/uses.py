"""What the verdict of a trigger is used for, and what fits together."""

from enum import StrEnum
from typing import Final

from knowngood.api.hints import cel


class Use(StrEnum):
    """What a verdict is used for.

    Act takes a breached version back, and holds a promotion until it is Healthy. Gate only holds the promotion. Notify
    only tells people.
    """

    ACT = "Act"
    GATE = "Gate"
    NOTIFY = "Notify"


CONSISTENT: Final = (
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
"""Rules of a trigger: nothing is asked for that would do nothing."""
