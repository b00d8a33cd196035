"""The step that looks how new the data is that features are made of."""

from collections.abc import Iterable

from knowngood.api.v1alpha1 import ClusterSignalTemplate
from knowngood.api.v1alpha1.feeds import CRON_JOBS
from knowngood.api.v1alpha1.signal_template import PlaybookCheck
from knowngood.control.arms import Arms
from knowngood.control.playbook.checks import Case
from knowngood.control.playbook.counting import Counting
from knowngood.control.playbook.ports import Objects
from knowngood.control.reading import Answers
from knowngood.control.values import values
from knowngood.decisions.playbook.freshness import Age, Fed, upstream_freshness
from knowngood.decisions.playbook.steps import Finding
from knowngood.errors import ApiError, ObserverError
from knowngood.signals.planning import Spec, ValueSpec

DAY = 86400
EVERY = 3600
"""Seconds between two looks at the day before the harm began."""


class Freshness:
    """Looks how new the data is."""

    def __init__(self, counting: Counting, objects: Objects) -> None:
        self._counting, self._objects = counting, objects

    async def __call__(self, case: Case) -> Finding:
        """Look."""
        unread: list[str] = []
        arms = self._counting.arms(case)
        signals = self._counting.signals_of(PlaybookCheck.UPSTREAM_FRESHNESS)
        ages = await self._ages(case, arms, signals, unread) if arms is not None else []
        feeds = await self._feeds(case, unread)
        return upstream_freshness(ages, feeds, unread)

    async def _ages(
        self,
        case: Case,
        arms: Arms,
        signals: Iterable[tuple[ClusterSignalTemplate, Spec]],
        unread: list[str],
    ) -> list[Age]:
        ages: list[Age] = []
        for template, spec in signals:
            name = template.metadata.name
            try:
                if isinstance(spec, ValueSpec):
                    ages += await self._age(case, arms, template, spec)
            except ObserverError as error:
                unread.append(f"{name} ({error})")
        return ages

    async def _age(
        self, case: Case, arms: Arms, template: ClusterSignalTemplate, spec: ValueSpec
    ) -> list[Age]:
        """How old data is now, and was at most in the day before; nothing where the signal is silent."""
        name, source, by = template.metadata.name, template.spec.source, template.spec.identity.by
        # The comment that a query may end with must not take the bracket with it.
        past = f"max_over_time(({spec.promql}\n)[{DAY}s:{EVERY}s])"
        asked = ((spec.promql, case.now), (past, case.onset))
        found: list[list[float]] = []
        for promql, at in asked:
            vector = await self._counting.vector(source, name, promql, at.timestamp())
            found.append(values(arms, arms.canary, Answers(vector=vector), by))
        now, before = found
        limit = self._counting.limit(case, name)
        return [Age(name, max(now), max(before, default=None), limit)] if now else []

    async def _feeds(self, case: Case, unread: list[str]) -> list[Fed]:
        targets = [feed.target for feed in case.model.spec.feeds]
        names = [t.name for t in targets if t and (t.api_version, t.kind) == CRON_JOBS]
        if not names:
            return []
        try:
            jobs = await self._objects.cron_jobs(case.model.metadata.namespace)
        except ApiError as error:
            unread.append(f"CronJobs ({error})")
            return []
        seen = {job.name: job for job in jobs}
        return [Fed(name, seen.get(name)) for name in names]
