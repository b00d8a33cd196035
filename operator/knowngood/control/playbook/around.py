"""The steps that need no signal: whether there is a way back, and what was changed lately."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.api.v1alpha1.feeds import CRON_JOBS
from knowngood.api.v1alpha1.playbook_status import RecentChange
from knowngood.control.golden import Golden
from knowngood.control.guard import Guard
from knowngood.control.playbook.checks import Case
from knowngood.control.playbook.ports import Objects
from knowngood.control.ports import Endpoints, Key
from knowngood.control.store import Store
from knowngood.decisions.naming import child_name
from knowngood.decisions.playbook.changes import (
    Span,
    of_command,
    of_cron_jobs,
    of_edit,
    of_versions,
    span_before,
    told,
)
from knowngood.decisions.playbook.objects import CronJobSeen
from knowngood.decisions.playbook.standing_by import Ready, fallback_ready
from knowngood.decisions.playbook.steps import Finding, found_at
from knowngood.decisions.references import references
from knowngood.errors import ApiError

MOST_READ = 16
"""ConfigMaps of a version that are asked for."""

_CRON_JOB = CRON_JOBS[1]

Named = tuple[str, str, str]
"""Namespace, kind and name of an object."""


class WayBack:
    """Looks whether users could be sent to the version that stands by."""

    def __init__(self, endpoints: Endpoints, golden: Golden) -> None:
        self._endpoints, self._golden = endpoints, golden

    async def __call__(self, case: Case) -> Finding:
        """Look."""
        versions = case.model.status.versions if case.model.status else None
        shadow = versions.shadow if versions else ""
        pods = {v: self._ready(case.model, v, case) for v in (case.bad, shadow) if v}
        record = case.other if case.other and shadow == case.other.spec.model.version else None
        tried = self._golden.tried(case.model, case.now).get(shadow)
        return fallback_ready(Ready(case.model, case.bad, record, pods, tried))

    def _ready(self, model: AIModelDeployment, version: str, case: Case) -> int:
        records = (r for r in (case.record, case.other) if r and r.spec.model.version == version)
        record = next(records, None)
        service = record.spec.serving.service if record else None
        name = service.name if service else child_name(model.metadata.name, version)
        return self._endpoints.ready(model.metadata.namespace, name)


class Changes:
    """Looks what was changed in the 24 hours before the harm began, and since."""

    def __init__(self, store: Store, guard: Guard, objects: Objects) -> None:
        self._store, self._guard, self._objects = store, guard, objects

    async def __call__(self, case: Case) -> Finding:
        """Look."""
        span = span_before(case.onset, case.now)
        changes = [*self._of_versions(case, span), *of_command(case.model, _found(case, span))]
        unread: list[str] = []
        for named in (*self._config_maps(case), *self._policies(case.key)):
            changes += await self._edit(named, span, unread)
        try:
            jobs = await self._objects.cron_jobs(case.model.metadata.namespace)
        except ApiError as error:
            unread.append(f"CronJobs ({error})")
            jobs = ()
        changes += of_cron_jobs(jobs, span)
        feeds = [(t.kind, t.name) for f in case.model.spec.feeds if (t := f.target) is not None]
        for named in _read_by(jobs, feeds, case.model.metadata.namespace):
            changes += await self._edit(named, span, unread)
            feeds.append(named[1:])
        return told(changes, unread, case.onset, feeds)

    async def _edit(self, named: Named, span: Span, unread: list[str]) -> Sequence[RecentChange]:
        namespace, kind, name = named
        try:
            edited = await self._objects.edited(namespace, kind, name)
        except ApiError as error:
            unread.append(f"{kind} {name} ({error})")
            return ()
        return tuple(of_edit(kind, name, edited, span))

    def _of_versions(self, case: Case, span: Span) -> Iterator[RecentChange]:
        """How versions of this model stood until the harm was found, and those of models that have to do with it."""
        namespace, uid = case.model.metadata.namespace, case.model.metadata.uid
        records: list[AIModelVersion] = self._store.all("AIModelVersion")
        recent = [r for r in records if r.status and _is_recent(r, span)]
        mine = [r for r in recent if r.spec.model_ref.uid == uid]
        yield from of_versions(mine, _found(case, span), namespace, case.onset)
        shared = self._shared(case.key)
        others = (r for r in recent if r.spec.model_ref.uid != uid)
        related = [
            r
            for r in others
            if r.metadata.namespace == namespace
            or shared & self._shared(Key(r.metadata.namespace, r.spec.model_ref.name))
        ]
        yield from of_versions(related, span, namespace)

    def _shared(self, key: Key) -> frozenset[tuple[str, ...]]:
        """The policies that speak for a model, and the sources that they read."""
        bounds = self._guard.bound(key)
        templates = self._guard.templates(b.trigger.signal.name for b in bounds)
        sources = {(t.spec.source,) for t in templates}
        return frozenset({b.identity[:3] for b in bounds} | sources)

    def _config_maps(self, case: Case) -> Iterator[Named]:
        deployment = case.record.spec.serving.deployment if case.record else None
        if deployment is None:
            return
        found = [
            r for r in references(deployment.template) if r.kind == "ConfigMap" and r.can_exist
        ]
        for one in found[:MOST_READ]:
            yield case.model.metadata.namespace, one.kind, one.name

    def _policies(self, key: Key) -> Sequence[Named]:
        return sorted(
            {(b.identity[1], b.identity[0], b.identity[2]) for b in self._guard.bound(key)}
        )


def _read_by(
    jobs: Iterable[CronJobSeen], feeds: Collection[tuple[str, str]], namespace: str
) -> Sequence[Named]:
    """The ConfigMaps that the jobs read which feed the model: who edits one changes the feed."""
    mine = (job for job in jobs if (_CRON_JOB, job.name) in feeds)
    found = dict.fromkeys(name for job in mine for name in job.config_maps)
    return [(namespace, "ConfigMap", name) for name in found][:MOST_READ]


def _is_recent(record: AIModelVersion, span: Span) -> bool:
    status = record.status
    return status is not None and any(span.has(t.time) for t in status.transitions)


def _found(case: Case, span: Span) -> Span:
    """Up to when the harm was found: what was done about it is no cause of it."""
    status = case.incident.status
    found = found_at(status) if status else None
    return Span(span.since, found - timedelta(microseconds=1) if found else span.until)
