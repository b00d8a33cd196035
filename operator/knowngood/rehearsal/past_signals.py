"""The `Signals` port on what was recorded: the answers of another one, with notes of what there was."""

from dataclasses import dataclass

from knowngood.control.ports import Series, Signals, Vector
from knowngood.errors import ObserverError, QueryRefused
from knowngood.signals.planning import Query, QueryKind


@dataclass(slots=True)
class Seen:
    """What there was of one signal: the times of its first and last sample, unix seconds."""

    first: float
    last: float


class PastSignals:
    """Asks what the operator would have asked, at instants that have passed.

    Attributes:
        values: The queries of signals that are values; others for a value ask besides, and may go unanswered.
        problem: Why a question was not answered, which makes the rehearsal worthless; empty while all were.
        seen: What there was, by signal template.
        pods: Names of the pods that were scraped behind a Service of the model's namespace, by its name.
    """

    def __init__(self, signals: Signals, namespace: str) -> None:
        """Begin.

        Args:
            signals: Who is asked.
            namespace: Of the model: what there is of other ones does not count.
        """
        self.values: frozenset[str] = frozenset()
        self._signals = signals
        self._namespace = namespace
        self.problem = ""
        self.seen: dict[str, Seen] = {}
        self.pods: dict[str, set[str]] = {}

    async def read(self, source: str, query: Query) -> Series | Vector:
        """Ask one query at its instant.

        Raises:
            ObserverError: As the other one does; it is noted, but for questions that a source need not know.
        """
        judged = query.kind is not QueryKind.HOURS
        if query.kind is QueryKind.VALUE:
            judged = query.promql in self.values
        try:
            answer = await self._signals.read(source, query)
        except ObserverError as error:
            if judged or not isinstance(error, QueryRefused):
                self.problem = self.problem or f"signal {query.template}: {error}"
            raise
        if judged:
            for template, _ in query.readers:
                self._note(template, query, answer)
        return answer

    def _note(self, template: str, query: Query, answer: Series | Vector) -> None:
        for one in answer:
            if isinstance(one, tuple):  # a value of this very instant
                labels, first, last = one[0], query.at, query.at
            else:
                labels, first, last = one.labels, one.samples[0][0], one.samples[-1][0]
            if labels.get("namespace", self._namespace) != self._namespace:
                continue
            known = self.seen.setdefault(template, Seen(first, last))
            known.first, known.last = min(known.first, first), max(known.last, last)
            if "service" in labels and "pod" in labels:
                self.pods.setdefault(labels["service"], set()).add(labels["pod"])
