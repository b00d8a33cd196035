"""What a bad version did to users, from the ledger of the load."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from e2e.load import Answer


@dataclass(frozen=True, slots=True)
class Harm:
    """The reach of one version.

    Attributes:
        first_bad: Its first rejection of somebody whom the good version approves.
        last: Its last answer.
        wronged: How many it rejected whom the good version approves.
        answers: How many it answered.
    """

    first_bad: Answer | None = None
    last: Answer | None = None
    wronged: int = 0
    answers: int = 0

    @property
    def containment_s(self) -> float | None:
        """Seconds from the first bad answer to the last one of any kind."""
        if self.first_bad is None or self.last is None:
            return None
        return self.last.answered_at - self.first_bad.answered_at


def harm(answers: Iterable[Answer], version: str, approves: Sequence[bool]) -> Harm:
    """Count what a version did.

    Args:
        answers: In the order in which they came.
        version: The bad version.
        approves: For each row of the traffic, whether the good version approves it.
    """
    own = [answer for answer in answers if answer.version == version]
    bad = [answer for answer in own if answer.approved is False and approves[answer.row]]
    return Harm(
        first_bad=bad[0] if bad else None,
        last=own[-1] if own else None,
        wronged=len(bad),
        answers=len(own),
    )
