"""From objects as people and API servers write them to those of a rehearsal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.adapters.memory.server import MemoryServer, Object
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
)
from knowngood.api.v1alpha1.wire import Wire
from knowngood.control.guard import POLICY_KINDS
from knowngood.control.ports import Key
from knowngood.rehearsal.beginning import Beginning, beginning
from knowngood.rehearsal.model_then import model_then
from knowngood.rehearsal.told import Asked, Impossible

Kind = TypeVar("Kind", bound=Wire)

TEMPLATE: Final = "ClusterSignalTemplate"
_OURS: Final = "knowngood.dev/"
_WRITTEN: Final = "written"
"""The uid of a model that nobody has created yet."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is there when it begins."""

    asked: Asked
    model: AIModelDeployment
    at_first: Beginning
    objects: tuple[Object, ...]
    labels: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Names the model."""
        return Key(self.asked.namespace, self.asked.model)

    def place(self, server: MemoryServer) -> None:
        """Create all of it, with the statuses of then."""
        uid = _put(server, self.model.wire())
        for record in self._records():
            ref = record.spec.model_ref.model_copy(update={"uid": uid})
            spec = record.spec.model_copy(update={"model_ref": ref})
            _put(server, record.model_copy(update={"spec": spec}).wire())
        for body in self.objects:
            _put(server, body)

    def services(self) -> Iterator[str]:
        """Services of somebody else that answer for a version."""
        served = (record.spec.serving.service for record in self._records())
        yield from (service.name for service in served if service is not None)

    def _records(self) -> list[AIModelVersion]:
        found = self.at_first
        records = (found.stable, found.standby, found.canary, *found.others)
        return [record for record in records if record is not None]

    def namespaces(self) -> MemoryNamespaces:
        """Labels of the namespaces that are known."""
        return MemoryNamespaces(self.labels)


def scene(objects: Sequence[Mapping[str, Any]], asked: Asked) -> Scene:
    """Set it.

    Args:
        objects: As they are now: the model, the records of its versions, policies, signal templates, namespaces.
        asked: What is to be rehearsed.

    Raises:
        Impossible: Something is missing, or can not be read.
    """
    here = [o for o in objects if o["metadata"].get("namespace") in {None, "", asked.namespace}]
    model = _model(here, asked)
    records = _records(here, model)
    if not model.metadata.uid:
        meta = model.metadata.model_copy(update={"uid": _WRITTEN})
        model = model.model_copy(update={"metadata": meta})
    found = beginning(model, records, asked)
    rules = (*POLICY_KINDS, TEMPLATE)
    kept = tuple(_bare(o) for o in here if o["kind"] in rules)
    spaces = (o["metadata"] for o in objects if o["kind"] == "Namespace")
    labels = {meta["name"]: dict(meta.get("labels") or {}) for meta in spaces}
    then = model_then(model, found, asked)
    return Scene(asked, then, found, kept, labels, (*found.notes, *_left_out(model, asked)))


def _model(objects: Sequence[Mapping[str, Any]], asked: Asked) -> AIModelDeployment:
    mine = (o for o in objects if o["kind"] == "AIModelDeployment")
    body = next((o for o in mine if o["metadata"]["name"] == asked.model), None)
    if body is None:
        raise Impossible(f"there is no AIModelDeployment {asked.model}; add it with --file")
    return _read(AIModelDeployment, body)


def _records(
    objects: Sequence[Mapping[str, Any]], model: AIModelDeployment
) -> list[AIModelVersion]:
    """Those of this model; in a file nobody writes a uid, so there the name has to do."""
    found = [_read(AIModelVersion, o) for o in objects if o["kind"] == "AIModelVersion"]
    refs = [(r, r.spec.model_ref) for r in found]
    name, uid = model.metadata.name, model.metadata.uid
    return [r for r, ref in refs if ref.name == name and (not uid or ref.uid == uid)]


def _read(kind: type[Kind], body: Mapping[str, Any]) -> Kind:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Impossible(
            f"{body['kind']} {body['metadata']['name']}: {where}: {first['msg']}"
        ) from error


def _left_out(model: AIModelDeployment, asked: Asked) -> Iterator[str]:
    if asked.rollout:
        yield (
            f"which share version {asked.rollout} had is not known: it is judged as at one step that does not end, and "
            "tests of its share say nothing"
        )
    if model.spec.suspend:
        yield "the model is suspended now; it is rehearsed as if it were not"
    if model.spec.fallback is not None:
        yield "golden requests are not rehearsed: pods of then can not be asked"


def _bare(body: Mapping[str, Any]) -> Object:
    """An object without what an API server, or a person's command, has put there."""
    meta = body["metadata"]
    notes = meta.get("annotations") or {}
    kept = {k: v for k, v in notes.items() if not k.startswith(_OURS)}
    named = {k: meta[k] for k in ("name", "namespace", "labels") if meta.get(k)}
    rest = {k: v for k, v in body.items() if k not in {"metadata", "status"}}
    return {**rest, "metadata": {**named, "annotations": kept}}


def _put(server: MemoryServer, body: Mapping[str, Any]) -> str:
    """Create an object with its status; its uid."""
    made = server.create({**body, "metadata": _bare(body)["metadata"]})
    if made is None:
        raise Impossible(f"{body['kind']} {body['metadata']['name']} is there twice")
    meta, status = made["metadata"], body.get("status")
    if status:
        where = body["kind"], meta.get("namespace") or "", meta["name"]
        server.patch(*where, lambda found: found.update(status=status))
    return str(meta["uid"])
