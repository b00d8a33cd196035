"""All answers of a load, and questions about them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from e2e.load.answer import Answer


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers of one version in a span of time.

    Attributes:
        answers: How many answers.
        decisions: How many of them were decisions.
        approved: How many decisions were approvals.
        failed: How many answers were errors, ordered or not.
    """

    answers: int = 0
    decisions: int = 0
    approved: int = 0
    failed: int = 0

    @property
    def approval_rate(self) -> float | None:
        """Approvals per decision; None without decisions."""
        return self.approved / self.decisions if self.decisions else None

    def plus(self, answer: Answer) -> "Tally":
        """Return the tally with one more answer."""
        return Tally(
            self.answers + 1,
            self.decisions + (answer.approved is not None),
            self.approved + (answer.approved is True),
            self.failed + (not answer.ok),
        )


class Ledger:
    """Answers in the order in which they came. One thread adds; any thread may ask."""

    def __init__(self) -> None:
        self._answers: list[Answer] = []
        self._lost: list[Answer] = []

    def add(self, answer: Answer) -> None:
        """Append an answer.

        Raises:
            ValueError: it came before the last one.
        """
        if self._answers and answer.answered_at < self._answers[-1].answered_at:
            raise ValueError("answers must be added in the order in which they came")
        self._answers.append(answer)
        if answer.lost:
            self._lost.append(answer)

    def __len__(self) -> int:
        return len(self._answers)

    def answers(self, since: float = 0.0, until: float | None = None) -> Sequence[Answer]:
        """Return the answers that came from `since` on and before `until`, in Unix seconds."""
        known = self._answers
        size = len(known)
        first = bisect_left(known, since, hi=size, key=_time)
        end = size if until is None else bisect_left(known, until, lo=first, hi=size, key=_time)
        return known[first:end]

    def lost(self, since: float = 0.0) -> tuple[Answer, ...]:
        """Return the requests that failed although the model was not told to fail them."""
        return tuple(self._lost[bisect_left(self._lost, since, key=_time) :])

    def injected(self, since: float = 0.0) -> tuple[Answer, ...]:
        """Return the requests that the model was told to fail."""
        return tuple(answer for answer in self.answers(since) if answer.injected)

    def tallies(self, since: float = 0.0, until: float | None = None) -> dict[str, Tally]:
        """Count the answers of each version in a span; answers of nobody are left out."""
        counts: dict[str, Tally] = {}
        for answer in self.answers(since, until):
            if answer.version:
                counts[answer.version] = counts.get(answer.version, Tally()).plus(answer)
        return counts

    def first(self, matches: Callable[[Answer], bool], since: float = 0.0) -> Answer | None:
        """Return the first answer that matches."""
        return next((answer for answer in self.answers(since) if matches(answer)), None)

    def last(self, matches: Callable[[Answer], bool]) -> Answer | None:
        """Return the last answer that matches."""
        return next((answer for answer in self._backwards() if matches(answer)), None)

    def first_of(self, version: str, since: float = 0.0) -> Answer | None:
        """Return the first answer of a version."""
        return self.first(lambda answer: answer.version == version, since)

    def last_of(self, version: str) -> Answer | None:
        """Return the last answer of a version."""
        return self.last(lambda answer: answer.version == version)

    def _backwards(self) -> Iterator[Answer]:
        for index in range(len(self._answers) - 1, -1, -1):
            yield self._answers[index]


def _time(answer: Answer) -> float:
    return answer.answered_at
