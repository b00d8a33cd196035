"""Ask each signal template once, beside the looks: is there such a source, does it take the query, do series fit?

A template is asked when it is new or edited, and slowly again until nothing is wrong with it. Whether it is judged by
does not depend on what is found here: it is for people.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from knowngood.api.v1alpha1 import ClusterSignalTemplate
from knowngood.control.fitting import EVENTS, SEEN_AT_MOST, Found, grouped, labels_of, traits_of
from knowngood.control.ports import Signals, Vector
from knowngood.control.specs import Unreadable, selectors_of, spec_of
from knowngood.errors import ObserverError, QueryRefused, SourceUnknown
from knowngood.signals.identity import TELLING, objection
from knowngood.signals.planning import Query, QueryKind, Spec, ValueSpec

logger = logging.getLogger(__name__)

FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 300.0


class Tone(StrEnum):
    """What came of asking."""

    TAKEN = "Taken"
    REFUSED = "Refused"
    SOURCE_UNKNOWN = "SourceUnknown"
    UNANSWERED = "Unanswered"


@dataclass(frozen=True, slots=True)
class Sounding:
    """What came of asking one template.

    Attributes:
        words: For people: what the source said, or what was seen.
        found: Whether there is a series that can be of a version; None where nobody could say.
        doubt: What is odd about the series; empty when nothing is.
        fits: Whether the series that there are can be counted as the template asks, as far as anybody can say.
    """

    tone: Tone
    words: str = ""
    found: bool | None = None
    doubt: str = ""
    fits: bool = True

    @property
    def settled(self) -> bool:
        """Whether asking again would say nothing new as long as the template stays as it is."""
        unknown = self.tone is Tone.SOURCE_UNKNOWN  # sources change with a restart only
        return unknown or (self.tone is Tone.TAKEN and self.found is True and not self.doubt)


@dataclass(slots=True)
class _Asked:
    generation: int
    sounding: Sounding | None = None
    task: asyncio.Task[None] | None = None
    due: datetime | None = None
    pause: float = FIRST_PAUSE


class Soundings:
    """Remembers what came of asking each template.

    Attributes:
        revision: Goes up whenever something else was found.
    """

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._asked: dict[str, _Asked] = {}
        self.revision = 0

    def ask(self, templates: Sequence[ClusterSignalTemplate], now: datetime) -> None:
        """Begin to ask whatever is due; of each source one template at a time."""
        uids = {template.metadata.uid for template in templates}
        for gone in self._asked.keys() - uids:
            del self._asked[gone]
        busy = {t.spec.source for t in templates if self._under_way(t)}
        for template in templates:
            spec = spec_of(template.spec)
            if isinstance(spec, Unreadable) or template.spec.source in busy:
                continue
            if (asked := self._due(template, now)) is not None:
                busy.add(template.spec.source)
                work = self._sound(template, spec, asked, now)
                asked.task = asyncio.get_running_loop().create_task(work)

    def of(self, template: ClusterSignalTemplate) -> Sounding | None:
        """What was found of a template as it is now; None while nobody knows."""
        asked = self._asked.get(template.metadata.uid)
        if asked is None or asked.generation != template.metadata.generation:
            return None
        return asked.sounding

    def _under_way(self, template: ClusterSignalTemplate) -> bool:
        asked = self._asked.get(template.metadata.uid)
        return asked is not None and asked.task is not None and not asked.task.done()

    def _due(self, template: ClusterSignalTemplate, now: datetime) -> _Asked | None:
        meta = template.metadata
        asked = self._asked.get(meta.uid)
        if asked is None or asked.generation != meta.generation:
            asked = self._asked[meta.uid] = _Asked(meta.generation)
            return asked
        if asked.sounding is None:
            return asked  # whoever asked was stopped
        return asked if asked.due is not None and now >= asked.due else None

    async def _sound(
        self, template: ClusterSignalTemplate, spec: Spec, asked: _Asked, now: datetime
    ) -> None:
        asked.due = None
        try:
            found = await self._answer(template, spec, now.timestamp())
        except (
            Exception
        ):  # a bug in here must not be taken for one of the operator: nothing hangs on it
            logger.exception("asking template %s failed", template.metadata.name)
            found = Sounding(Tone.UNANSWERED, "asking failed; the operator's log says where")
        if not found.settled:
            asked.due = now + timedelta(seconds=asked.pause)
            asked.pause = min(LONGEST_PAUSE, asked.pause * 2)
        if found != asked.sounding:
            asked.sounding = found
            self.revision += 1

    async def _answer(self, template: ClusterSignalTemplate, spec: Spec, at: float) -> Sounding:
        seen: dict[_Question, Found] = {}
        field = ""
        try:
            for question in _questions(spec):
                field = question.field
                seen[question] = await self._ask(template, question.promql, at)
            told = _told(seen, template)
            return await self._fitted(told, template, spec, seen, at) if told.found else told
        except SourceUnknown as error:
            return Sounding(Tone.SOURCE_UNKNOWN, f"spec.source: {error}")
        except QueryRefused as error:
            return Sounding(Tone.REFUSED, f"{field}: {error}")
        except ObserverError as error:
            return Sounding(Tone.UNANSWERED, str(error))

    async def _fitted(
        self,
        told: Sounding,
        template: ClusterSignalTemplate,
        spec: Spec,
        seen: Mapping["_Question", Found],
        at: float,
    ) -> Sounding:
        """Say whether the series that there are can be counted as the template asks."""
        fields = {question.field for question, found in seen.items() if found}
        doubts = [told.doubt]
        for trait in traits_of(spec):
            if trait.of not in fields:
                continue  # events that never were
            found = await self._ask_besides(template, trait.question, at)
            if found is None or len(found) >= SEEN_AT_MOST:
                continue  # nobody can say, or not all were seen
            misfit = trait.misfit(found)
            if misfit is not None:
                labels = await self._ask_besides(template, labels_of(trait.selector), at)
                return Sounding(Tone.TAKEN, misfit.told(labels or ()), found=False, fits=False)
            doubts.append(trait.doubt(found))
        return replace(told, doubt="; ".join(filter(None, doubts)))

    async def _ask(self, template: ClusterSignalTemplate, promql: str, at: float) -> Found:
        query = Query(template.metadata.name, QueryKind.VALUE, promql, at)
        answer: Vector = await self._signals.read(template.spec.source, query)  # type: ignore[assignment]  # a vector was asked for
        return [labels for labels, _ in answer]

    async def _ask_besides(
        self, template: ClusterSignalTemplate, promql: str, at: float
    ) -> Found | None:
        """Ask what the template does not; None where a source does not know such a question: that is no fault of it."""
        try:
            return await self._ask(template, promql, at)
        except QueryRefused:
            return None


class _Question(NamedTuple):
    """What is asked.

    Attributes:
        field: Of the template.
        wanted: What the template wants to be read, as PromQL.
        promql: How it is asked here.
    """

    field: str
    wanted: str
    promql: str


def _questions(spec: Spec) -> Iterable[_Question]:
    if isinstance(spec, ValueSpec):
        yield _Question("spec.value.query", spec.promql, spec.promql)
    for field, selector in selectors_of(spec).items():
        # Of each target one series: whatever is counted, and whatever the buckets are.
        yield _Question(field, selector.render(), grouped(TELLING, selector))


def _told(seen: Mapping[_Question, Found], template: ClusterSignalTemplate) -> Sounding:
    """Say what the series that were seen are good for."""
    by = template.spec.identity.by
    nothing = {
        question.field: (
            f"{question.field} matches no series: source {template.spec.source} has none for {question.wanted}"
        )
        for question, series in seen.items()
        if not series
    }
    never = nothing.pop(EVENTS, "")
    if nothing:
        return Sounding(Tone.TAKEN, next(iter(nothing.values())), found=False)
    objections = [
        why for series in seen.values() for labels in series if (why := objection(by, labels))
    ]
    total = sum(map(len, seen.values()))
    if objections and len(objections) == total:
        words = f"by identity {by} no series is of any version: {objections[0]}"
        return Sounding(Tone.TAKEN, words, found=False)
    doubts = []
    if objections:
        doubts.append(f"{len(objections)} of {total} targets are left out: {objections[0]}")
    if never:
        doubts.append(f"{never}; right if it never happened, else look for a typing error")
    return Sounding(Tone.TAKEN, "there are series", found=True, doubt="; ".join(doubts))
