"""One round of reading: a few queries for all models, asked at one instant, then dealt out to the models."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowngood.control.ports import Series, Signals, Vector
from knowngood.errors import ObserverError
from knowngood.signals.identity import groups_of
from knowngood.signals.planning import (
    Need,
    Query,
    QueryKind,
    RatioSpec,
    Reach,
    Spec,
    ValueSpec,
    plan,
    reach_of,
)
from knowngood.signals.series import scraped_from


@dataclass(slots=True)
class Answers:
    """What one template's queries said.

    Attributes:
        error: Why there is no answer, in words that stay the same from try to try; empty when there is one.
        scraped_from: Since when the scraper was evidently at work, over the whole answer, unix seconds.
        at: The instant up to which was read, unix seconds.
        asked: The instant of the look that asked; later than `at` while the past is read piece by piece.
    """

    error: str = ""
    series: dict[QueryKind, dict[tuple[str, str], list[Any]]] = field(default_factory=dict)
    scraped_from: float | None = None
    vector: Vector = ()
    at: float = 0.0
    asked: float = 0.0

    def of(self, kind: QueryKind, groups: Iterable[tuple[str, str]]) -> tuple[Any, ...]:
        """Series of some groups, see `groups_of`."""
        index = self.series.get(kind, {})
        found = {id(one): one for group in groups for one in index.get(group, ())}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Source:
    """A need of one model, and where it is read."""

    source: str
    need: Need


Slot = tuple[str, Reach | None]
"""Template and span: a model that must be replayed reads further back than the others."""


def slot_of(need: Need, now: float) -> Slot:
    """Where the answer to a need is found."""
    reach = None if isinstance(need.spec, ValueSpec) else reach_of(need.since, now)
    return need.template, reach


async def read(signals: Signals, wanted: Sequence[Source], now: float) -> Mapping[Slot, Answers]:
    """Ask what is needed, once for all models.

    Args:
        signals: The port. It says how many queries a source gets at the same time.
        wanted: Needs of all models; the same template always has the same source.
        now: The instant of evaluation, unix seconds.

    Returns:
        Answers by slot. A slot one of whose queries failed has an error and nothing else.
    """
    answers: dict[Slot, Answers] = defaultdict(Answers)
    by_source: dict[str, list[Need]] = defaultdict(list)
    for one in wanted:
        by_source[one.source].append(one.need)
    queries = [(source, q) for source, needs in by_source.items() for q in plan(needs, now)]
    # Totals are read before events: what happened between the two reads must not lack its total.
    for late in (False, True):
        async with asyncio.TaskGroup() as group:
            for source, query in queries:
                if all(kind is QueryKind.EVENTS for _, kind in query.readers) is late:
                    group.create_task(_ask(signals, source, query, answers))
    for one in wanted:
        _pick(answers[slot_of(one.need, now)], one.need.spec)
    for found in answers.values():
        found.asked = now
    return answers


async def _ask(signals: Signals, source: str, query: Query, answers: dict[Slot, Answers]) -> None:
    try:
        answer = await signals.read(source, query)
    except ObserverError as error:
        for template, _ in query.readers:
            answers[template, _reach(query)].error = str(error)
        return
    for template, kind in query.readers:
        slot = answers[template, _reach(query)]
        slot.at = query.at
        _keep(slot, kind, answer)


def _reach(query: Query) -> Reach | None:
    return None if query.width is None else Reach(query.at, query.width)


def _keep(answers: Answers, kind: QueryKind, answer: Series | Vector) -> None:
    if kind is QueryKind.VALUE:
        answers.vector = answer  # type: ignore[assignment]  # a value's query is parsed as a vector
        return
    series: Series = answer  # type: ignore[assignment]  # and every other one as series
    since = scraped_from(series)
    if since is not None:
        answers.scraped_from = (
            since if answers.scraped_from is None else min(since, answers.scraped_from)
        )
    answers.series[kind] = _index(series)


def _pick(answers: Answers, spec: Spec) -> None:
    """Find the events in the answer for the total, where one query was enough."""
    if answers.error or not isinstance(spec, RatioSpec) or not spec.is_one_read:
        return
    if QueryKind.EVENTS not in answers.series:
        total = answers.series.get(QueryKind.TOTAL, {})
        answers.series[QueryKind.EVENTS] = {
            group: list(spec.pick_events(series)) for group, series in total.items()
        }


def _index(series: Series) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for one in series:
        for group in groups_of(one.labels):
            found[group].append(one)
    return found
