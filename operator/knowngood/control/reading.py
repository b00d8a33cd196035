"""One round of reading: a few queries for all models, asked at one instant, then dealt out to the models."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowngood.control.ports import Signals, Vector
from knowngood.errors import ObserverError
from knowngood.signals.planning import Need, Query, QueryKind, RatioSpec, ValueSpec, plan
from knowngood.signals.series import RawSeries, scraped_from

# A pod of a Deployment is called <deployment>-<template hash>-<5 characters>.
_POD_SUFFIX_PARTS = 2


@dataclass(slots=True)
class Answers:
    """What one template's queries said.

    Attributes:
        error: Why there is no answer, in words that stay the same from try to try; empty when there is one.
        scraped_from: Since when the scraper was evidently at work, over the whole answer, unix seconds.
    """

    error: str = ""
    series: dict[QueryKind, dict[tuple[str, str], list[RawSeries]]] = field(default_factory=dict)
    scraped_from: float | None = None
    vector: Vector = ()

    def of(self, kind: QueryKind, groups: Iterable[tuple[str, str]]) -> tuple[RawSeries, ...]:
        """Series of some groups: (namespace, pod), (namespace, Deployment) or, where labels tell, (namespace, model)."""
        index = self.series.get(kind, {})
        found = {id(one): one for group in groups for one in index.get(group, ())}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Source:
    """A need of one model, and where it is read."""

    source: str
    need: Need


async def read(
    signals: Signals, wanted: Sequence[Source], now: float, in_flight: int
) -> Mapping[str, Answers]:
    """Ask what is needed, once for all models.

    Args:
        signals: The port.
        wanted: Needs of all models; the same template always has the same source.
        now: The instant of evaluation, unix seconds.
        in_flight: Queries at the same time.

    Returns:
        Answers by template. A template one of whose queries failed has an error and nothing else.
    """
    answers: dict[str, Answers] = defaultdict(Answers)
    slots = asyncio.Semaphore(in_flight)
    by_source: dict[str, list[Need]] = defaultdict(list)
    for one in wanted:
        by_source[one.source].append(one.need)

    async def ask(source: str, query: Query) -> None:
        async with slots:
            try:
                answer = await signals.read(source, query)
            except ObserverError as error:
                for template, _ in query.readers:
                    answers[template].error = str(error)
                return
        for template, kind in query.readers:
            _keep(answers[template], kind, answer)

    async with asyncio.TaskGroup() as group:
        for source, needs in by_source.items():
            for query in plan(needs, now):
                group.create_task(ask(source, query))
    specs = {one.need.template: one.need.spec for one in wanted}
    for template, spec in specs.items():
        _pick(answers[template], spec)
    return answers


def _keep(answers: Answers, kind: QueryKind, answer: tuple[RawSeries, ...] | Vector) -> None:
    if kind is QueryKind.VALUE:
        answers.vector = answer  # type: ignore[assignment]  # a value's query is parsed as a vector
        return
    series: tuple[RawSeries, ...] = answer  # type: ignore[assignment]  # and every other one as a matrix
    since = scraped_from(series)
    if since is not None:
        answers.scraped_from = (
            since if answers.scraped_from is None else min(since, answers.scraped_from)
        )
    answers.series[kind] = _index(series)


def _pick(answers: Answers, spec: RatioSpec | ValueSpec) -> None:
    """Find the events in the answer for the total, where one query was enough."""
    if isinstance(spec, RatioSpec) and spec.is_one_read and not answers.error:
        total = answers.series.get(QueryKind.TOTAL, {})
        answers.series[QueryKind.EVENTS] = {
            group: list(spec.pick_events(series)) for group, series in total.items()
        }


def _index(series: Iterable[RawSeries]) -> dict[tuple[str, str], list[RawSeries]]:
    found: dict[tuple[str, str], list[RawSeries]] = defaultdict(list)
    for one in series:
        namespace = one.labels.get("namespace", "")
        pod, model = one.labels.get("pod", ""), one.labels.get("model", "")
        for name in {pod, pod.rsplit("-", _POD_SUFFIX_PARTS)[0], model} - {""}:
            found[namespace, name].append(one)
    return found
