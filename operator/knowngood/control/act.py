"""Make the world as the plan says. Everything is idempotent and is asked for again until it is seen."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    DeploymentStatus,
    Incident,
    Phase,
    Standing,
    VersionStatus,
)
from knowngood.control.feeds import Feeds
from knowngood.control.incidents import tell
from knowngood.control.ports import Backend, Key, Traffic, Workloads
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.drifting import is_contested
from knowngood.decisions.handing_over import readable
from knowngood.decisions.hearing import heard_first
from knowngood.decisions.incidents import incident_manifest, incident_status, incidents_told
from knowngood.decisions.naming import STANDING_LABEL
from knowngood.decisions.noting import noted
from knowngood.decisions.outliving import ended_with_model
from knowngood.decisions.parting import (
    LASTS,
    RESTORE_WITHIN,
    Parting,
    first_step,
    is_left_as_it_is,
    is_orphaned,
    is_too_early,
)
from knowngood.decisions.phases import RESTING, ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.putting_back import shares_now
from knowngood.decisions.records import record_of, version_status
from knowngood.decisions.reporting import backend_of
from knowngood.decisions.safe_path_incidents import with_return
from knowngood.decisions.situation import Situation
from knowngood.decisions.workloads import replicas_wanted
from knowngood.errors import ApiError, Claimed, Gone, KnowngoodError

logger = logging.getLogger(__name__)


class Actor:
    """Performs plans through the ports."""

    def __init__(
        self, store: Store, writer: Writer, workloads: Workloads, traffic: Traffic, feeds: Feeds
    ) -> None:
        self._store = store
        self._writer = writer
        self._workloads = workloads
        self._traffic = traffic
        self._feeds = feeds
        self._asked: dict[str, datetime] = {}
        self._parted: dict[str, tuple[Parting, datetime | None]] = {}

    async def stand(self, s: Situation, plan: Plan) -> None:
        """Write where versions stand. This comes before the model's status: a version that was rejected stays so.

        So the model is looked at once more before: a plan that was made from an old view of it must not let a rejected
        version stand as one that may be tried.
        """
        statuses = {v: version_status(s, plan, record) for v, record in s.versions.items()}
        if any(s.versions[v].status != status for v, status in statuses.items()):
            await self._writer.confirm(s.model)
        for version, status in statuses.items():
            try:
                await self._stand(s.versions[version], status)
            except Gone:
                logger.warning("%s: the record of version %s is gone", _name(s), version)

    async def _stand(self, record: AIModelVersion, status: VersionStatus) -> None:
        written = await self._writer.status(record, status)
        standing = (status.standing or Standing.CANDIDATE).value
        await self._writer.labels(written, {STANDING_LABEL: standing})

    async def perform(self, s: Situation, plan: Plan, model: AIModelDeployment) -> None:
        """Do what the plan says; the route first, because that is what contains.

        Every part is tried: pods that are refused must not keep an incident from being told.

        Args:
            s: What the plan was made from.
            plan: What to do.
            model: The model with the status that was just written.
        """
        failed: list[KnowngoodError] = []
        parts: tuple[Callable[[], Awaitable[None]], ...] = (
            partial(self._route, s, plan, model),
            partial(self._feeds.perform, model),
            partial(self._incident, s, model),
            partial(self._record, s, plan),
            partial(self._pods, s, plan),
        )
        for part in parts:
            try:
                await part()
            except (ApiError, Claimed) as error:
                failed.append(error)
        if failed:
            raise failed[0]

    async def dismantle(self, s: Situation) -> bool:
        """Take everything of a deleted model away, the route first; True when nothing is left."""
        key = Key(s.model.metadata.namespace, s.model.metadata.name)
        if not is_orphaned(s) and not await self._given_back(s):
            return False
        left = () if is_orphaned(s) else self._workloads.seen(key)
        for workload in left:
            await self._workloads.remove(key, workload.name)
        if left:
            return False
        await self._close_incidents(s)
        self._asked.pop(s.model.metadata.uid, None)
        self._parted.pop(s.model.metadata.uid, None)
        return True

    async def _close_incidents(self, s: Situation) -> None:
        incidents: list[Incident] = self._store.all("Incident", s.model.metadata.namespace)
        for incident in incidents:
            if incident.spec.model_ref.uid == s.model.metadata.uid:
                status = ended_with_model(incident, s.now)
                if status is not None:
                    await tell(self._writer, incident, status)

    async def _given_back(self, s: Situation) -> bool:
        """Whether the requests go elsewhere, and the last ones of ours are answered."""
        if is_left_as_it_is(s):
            return True
        if is_too_early(s):
            return False
        ours = frozenset(s.services.values())
        asked = self._asked.setdefault(s.model.metadata.uid, s.now)
        if s.model.spec.route_ref is None or s.now >= asked + RESTORE_WITHIN:
            gone = await self._traffic.remove(s.model, ours, Parting.LEAVING)
            return gone or s.model.spec.route_ref is not None
        return await self._parts(s, ours)

    async def _parts(self, s: Situation, ours: frozenset[str]) -> bool:
        """Go on with giving back, step by step; True when the last one is done."""
        uid = s.model.metadata.uid
        step, since = self._parted.get(uid) or (first_step(s), None)
        if await self._traffic.remove(s.model, ours, step) and since is None:
            since = s.now
        self._parted[uid] = (step, since)
        if since is None or s.now < since + LASTS[step]:
            return False
        if step is Parting.LEAVING:
            return True
        self._parted[uid] = (Parting(step + 1), None)
        return False

    async def _route(self, s: Situation, plan: Plan, model: AIModelDeployment) -> None:
        if not plan.shares or (s.route and not s.route.adopted and not any(plan.shares.values())):
            return
        status = model.status or DeploymentStatus()
        if status.traffic and status.traffic.override:
            return
        if is_contested(s, status.phase, status.traffic):
            return
        if s.taken:
            raise Claimed(s.taken)
        if s.route is not None and not self._traffic.seen(model, s.services).asks_as(s.route):
            return  # changed since: that has asked for a pass of its own, which tells of it and decides anew
        backends = tuple(
            Backend(v, *backend_of(s, v), weight, plan.copies.get(v, 0), v == plan.tested)
            for v, weight in shares_now(s, plan).items()
        )
        await self._traffic.apply(model, backends, frozenset(s.services.values()))

    async def _record(self, s: Situation, plan: Plan) -> None:
        resting = plan.phase in RESTING
        wanted = plan.stable if resting or plan.rollout is None else plan.rollout.version
        if (
            wanted == s.desired
            and wanted not in s.versions
            and (resting or plan.phase in ROLLING | {Phase.INITIALIZING})
        ):
            await self._writer.create(record_of(s.model))

    async def _pods(self, s: Situation, plan: Plan) -> None:
        if s.model.spec.serving.deployment is None:
            return
        wanted = replicas_wanted(s, plan)
        for version, replicas in wanted.items():
            record = s.versions.get(version)
            if record is not None and replicas is not None:
                await self._workloads.apply(s.model, record, replicas)
        done = s.does(plan.shares, plan.copies, plan.tested)
        if s.route is None or plan.phase is Phase.PENDING or not done:
            return  # the traffic is somebody else's, or still: a version that we think idle may be answering
        key = Key(s.model.metadata.namespace, s.model.metadata.name)
        for workload in self._workloads.seen(key):
            if workload.version not in wanted:
                await self._workloads.remove(key, workload.name)

    async def _incident(self, s: Situation, model: AIModelDeployment) -> None:
        for name, failure in incidents_told(model).items():
            incident: Incident | None = self._store.get("Incident", model.metadata.namespace, name)
            if incident is None:
                if name in s.incidents_unread:
                    continue  # a newer release has written it, and goes on from there
                if failure is not None:
                    await self._writer.create(incident_manifest(model, name, failure))
                continue
            if incident.spec.model_ref.uid != model.metadata.uid:
                raise Claimed(
                    f"Incident {name} is of another model, so ours can not be written: delete it"
                )
            answered = heard_first(incident, s.now, proved=s.people_proved)
            status = noted(model, incident, incident_status(model, answered))
            status = with_return(model, incident, status)
            await tell(self._writer, incident, readable(model, incident, status))


def _name(s: Situation) -> str:
    return f"{s.model.metadata.namespace}/{s.model.metadata.name}"
