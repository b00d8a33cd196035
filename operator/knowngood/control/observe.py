"""Gather one frozen situation of one model. Reads views that are in memory; asks the API only about new versions."""

from collections.abc import Mapping
from datetime import datetime

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    DeploymentStatus,
    Phase,
)
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.control.claims import Claims
from knowngood.control.incidents import Incidents, latest
from knowngood.control.judge import Judge
from knowngood.control.outside import Outside
from knowngood.control.ports import Key
from knowngood.control.preflight import Preflight
from knowngood.control.proofs import Proofs
from knowngood.control.store import Store
from knowngood.decisions.copying import asks_for_copies
from knowngood.decisions.freezing import FREEZE_ANNOTATION, why_frozen
from knowngood.decisions.gateways import GatewaySupport
from knowngood.decisions.mirroring import copies_next
from knowngood.decisions.naming import child_name
from knowngood.decisions.records import digest_of
from knowngood.decisions.signing import is_unsigned
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.errors import ApiError


class Observer:
    """Gathers situations."""

    def __init__(
        self, store: Store, outside: Outside, judge: Judge, *, people_proved: bool = False
    ) -> None:
        self._store, self._outside, self._judge = store, outside, judge
        self._people_proved = people_proved
        self._claims = Claims(store)
        self._proofs = Proofs(outside.workloads, outside.traffic)
        self._preflight = Preflight(outside.references)
        self._incidents = Incidents(store)

    async def situation(self, key: Key, now: datetime, fence: int) -> Situation | None:
        """Gather what is known of a model; None when there is no such model."""
        model = self._model(key)
        return None if model is None else await self._of(key, model, now, fence)

    async def _of(self, key: Key, model: AIModelDeployment, now: datetime, fence: int) -> Situation:
        versions, services, route = self._reached(model, self._versions(model))
        outside, digest, serving = self._outside, digest_of(model), self._judge.serving(model)
        return Situation(
            now=now,
            model=model,
            versions=versions,
            ready=outside.ready(key.namespace, _answering(model, versions, services, route)),
            route=route,
            digest=digest,
            services=services,
            problem=await self._problem(model, route, versions, digest, now),
            triggers=self._judge.triggers(model),
            samples=self._judge.samples(model),
            watch=self._judge.watch(model),
            guarded=self._judge.guarded(model),
            fence=fence,
            incident=(incidents := self._incidents.named(model)).get(latest(model)),
            incidents=incidents,
            incidents_unread=self._incidents.unread(model),
            incidents_taken=self._incidents.taken(model, serving),
            adopted_ready=self._adopted_ready(model),
            frozen=self._frozen(model),
            taken=self._claims.taken(model, route),
            all_ends=outside.namespaces.ends(key.namespace),
            images=outside.images.images(key),
            missing=await self._preflight.standing_by(model, versions, now),
            tried=outside.golden.tried(model, now),
            shared=outside.sharing.of(model),
            limits=outside.sharing.limits(model),
            feeds=await outside.feeds.seen(model, serving, now),
            people_proved=self._people_proved,
            gateway=self._gateway(model, route),
            witness=self._judge.witness(model),
            unread=self._judge.unread(model),
            serving=serving,
            effects=self._judge.effects(model),
            spending=self._judge.spending(model),
        )

    def _model(self, key: Key) -> AIModelDeployment | None:
        found: AIModelDeployment | None = self._store.get(
            "AIModelDeployment", key.namespace, key.name
        )
        return found

    def forget(self, uid: str) -> None:
        """Drop what is remembered of a model that is gone."""
        self._proofs.forget(uid)
        self._claims.forget(uid)
        self._preflight.forget(uid)
        self._outside.feeds.forget(uid)

    def _versions(self, model: AIModelDeployment) -> dict[str, AIModelVersion]:
        if model.status is None or model.status.phase in {None, Phase.PENDING}:
            return self._recorded(model)
        found = {}
        for version in _named(model):
            record = self._store.get(
                "AIModelVersion", model.metadata.namespace, child_name(model.metadata.name, version)
            )
            if record is not None and record.spec.model_ref.name == model.metadata.name:
                found[version] = record
        return found

    def _recorded(self, model: AIModelDeployment) -> dict[str, AIModelVersion]:
        """Every version that is recorded of a model that seems to be new: its status may be lost."""
        records: list[AIModelVersion] = self._store.all("AIModelVersion", model.metadata.namespace)
        return {
            r.spec.model.version: r for r in records if r.spec.model_ref.uid == model.metadata.uid
        }

    def _frozen(self, model: AIModelDeployment) -> str:
        namespaces = self._outside.namespaces
        return why_frozen(
            model.metadata.annotations.get(FREEZE_ANNOTATION, ""),
            namespaces.freeze(model.metadata.namespace),
            namespaces.freeze(self._outside.home),
        )

    def _gateway(self, model: AIModelDeployment, route: RouteView | None) -> GatewaySupport | None:
        """What the route's gateways can do, asked only where something hangs on it."""
        copies = copies_next(model) or (route is not None and asks_for_copies(model, route))
        if route is None or not (copies or route.copies or is_unsigned(model, route)):
            return None
        key = Key(model.metadata.namespace, model.metadata.name)
        return self._outside.gateways.support(key, route.parents, lately=copies)

    def _reached(
        self, model: AIModelDeployment, versions: dict[str, AIModelVersion]
    ) -> tuple[dict[str, AIModelVersion], dict[str, str], RouteView | None]:
        """The versions with those that the route leads to, their Services, and the route.

        Somebody may have led it to one that the status does not name any more, or to a Service of no version: that one
        goes by its own name.
        """
        services = _services(model, versions) | self._services_recorded(model)
        route = self._route(model, services)
        if route is None or route.weights.keys() <= versions.keys():
            return versions, services, route
        recorded = self._recorded(model)
        services = _services(model, recorded) | services
        route = self._route(model, services)
        reached = route.weights if route else {}
        return {v: r for v, r in recorded.items() if v in reached} | versions, services, route

    def _route(self, model: AIModelDeployment, services: Mapping[str, str]) -> RouteView | None:
        return None if model.spec.traffic is None else self._outside.traffic.seen(model, services)

    def _services_recorded(self, model: AIModelDeployment) -> dict[str, str]:
        """Services of every version that there is: in somebody else's route they are told from strangers by name."""
        if model.spec.route_ref is None:
            return {}
        listed = {s.version: s.name for s in model.spec.serving.services or ()}
        run = model.spec.serving.deployment is not None
        wanted = model.spec.model.version
        # The first version's Service may be in the route before it is recorded: it was left there by an earlier model.
        first = {wanted: child_name(model.metadata.name, wanted)} if run else {}
        return first | _services(model, self._recorded(model)) | listed

    def _adopted_ready(self, model: AIModelDeployment) -> int | None:
        ref = model.spec.route_ref
        if ref is None or ref.adopt is None:
            return None
        return self._outside.endpoints.ready(model.metadata.namespace, ref.adopt)

    async def _problem(
        self,
        model: AIModelDeployment,
        route: RouteView | None,
        versions: Mapping[str, AIModelVersion],
        digest: str,
        now: datetime,
    ) -> SpecProblem | None:
        """Why the version that is wanted can not be started; None when it can."""
        claimed = self._claims.problem(model, route)
        if claimed is not None:
            return claimed
        record = versions.get(model.spec.model.version)
        try:
            meaning = await self._proofs.meaning(model, record, digest, now)
            return meaning or await self._preflight.problem(model, record, digest, now)
        except ApiError as error:
            # The version that is wanted can wait; the one that answers users must be judged in this very pass.
            return SpecProblem("NotProved", f"spec.model.version: not proved yet: {error}")


def _named(model: AIModelDeployment) -> set[str]:
    status = model.status or DeploymentStatus()
    names = {model.spec.model.version, *(d.version for d in status.draining)}
    if status.versions is not None:
        names |= {status.versions.stable, status.versions.canary, status.versions.shadow}
    if status.traffic is not None:
        names |= {b.version for b in status.traffic.backends}
    if status.rollout is not None:
        names |= {status.rollout.version, status.rollout.returning or ""}
    if status.undo is not None:
        names.add(status.undo.to)
    if status.holdback is not None:
        names.add(status.holdback.version)
    return names - {""}


def _answering(
    model: AIModelDeployment,
    versions: Mapping[str, AIModelVersion],
    services: Mapping[str, str],
    route: RouteView | None,
) -> Mapping[str, str]:
    """Service of every version that is known, or that the route leads to, and of the safe path."""
    reached = {*_services(model, versions), *(route.weights if route else ())}
    return {version: services.get(version, version) for version in reached} | _safe_path(model)


def _safe_path(model: AIModelDeployment) -> dict[str, str]:
    """The Service of the safe path, by its name in the route: the one that is taken, or that would be."""
    taken = model.status.safe_path if model.status else None
    spec = model.spec.safe_path
    name = taken.service if taken else spec.service.name if spec else ""
    return {SAFE_PATH: name} if name else {}


def _services(model: AIModelDeployment, versions: Mapping[str, AIModelVersion]) -> dict[str, str]:
    # What the route was last written with still answers when a record is lost.
    traffic = model.status.traffic if model.status else None
    found = {b.version: b.service for b in traffic.backends} if traffic else {}
    taken = model.status.safe_path if model.status else None
    if taken is not None:  # its place in the route may outlive its share
        found[SAFE_PATH] = taken.service
    for version, record in versions.items():
        service = record.spec.serving.service
        found[version] = service.name if service else child_name(model.metadata.name, version)
    return found
