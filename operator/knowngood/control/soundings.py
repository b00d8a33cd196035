"""Ask each signal template once, beside the looks: is there such a source, does it take the query, is there a series?

A template is asked when it is new or edited, and slowly again until nothing is wrong with it. Whether it is judged by
does not depend on what is found here: it is for people.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from knowngood.api.v1alpha1 import ClusterSignalTemplate, IdentityBy
from knowngood.control.ports import Signals, Vector
from knowngood.control.specs import Unreadable, selectors_of, spec_of
from knowngood.errors import ObserverError, QueryRefused, SourceUnknown
from knowngood.signals.identity import TELLING, objection
from knowngood.signals.planning import Query, QueryKind, Spec, ValueSpec

logger = logging.getLogger(__name__)

SEEN_AT_MOST: Final = 1000
"""Targets that are looked at; enough to see what their labels are like."""

FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 300.0
EVENTS: Final = "spec.ratio.events"


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
    """

    tone: Tone
    words: str = ""
    found: bool | None = None
    doubt: str = ""

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
        seen: dict[str, list[Mapping[str, str]]] = {}
        for field, promql in _questions(spec):
            query = Query(template.metadata.name, QueryKind.VALUE, promql, at)
            try:
                answer: Vector = await self._signals.read(template.spec.source, query)  # type: ignore[assignment]  # a vector was asked for
            except SourceUnknown as error:
                return Sounding(Tone.SOURCE_UNKNOWN, f"spec.source: {error}")
            except QueryRefused as error:
                return Sounding(Tone.REFUSED, f"{field}: {error}")
            except ObserverError as error:
                return Sounding(Tone.UNANSWERED, str(error))
            seen[field] = [labels for labels, _ in answer]
        return _told(seen, template.spec.identity.by)


def _questions(spec: Spec) -> Iterable[tuple[str, str]]:
    if isinstance(spec, ValueSpec):
        yield "spec.value.query", spec.promql
    for field, selector in selectors_of(spec).items():
        # Of each target one series: whatever is counted, and whatever the buckets are.
        targets = f"group by ({', '.join(TELLING)}) ({selector.render()})"
        yield field, f"topk({SEEN_AT_MOST}, {targets})"


def _told(seen: Mapping[str, Sequence[Mapping[str, str]]], by: IdentityBy) -> Sounding:
    """Say what the series that were seen are good for."""
    for field, series in seen.items():
        if not series and field != EVENTS:
            return Sounding(Tone.TAKEN, f"{field} matches no series", found=False)
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
    if not seen.get(EVENTS, True):
        doubts.append(
            f"{EVENTS} matches no series: right if it never happened, else look for a typing error"
        )
    return Sounding(Tone.TAKEN, "there are series", found=True, doubt="; ".join(doubts))
