"""Objects that a version's pods need and that Knowngood does not make: they are looked for before anything starts.

Secrets are left out, because the operator may not read any; a pod that waits for one is told by the progress deadline.
Whether a ConfigMap has the key that is asked for is not looked at either: only that it exists.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Phase, Reason, Standing
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.situation import SpecProblem, standing_of

LOOK_AGAIN: Final = timedelta(seconds=30)
"""How often it is looked whether a missing object is there, and how old a look may be when a rollout starts."""

STANDBY_LOOK: Final = timedelta(minutes=5)
"""How often it is looked whether a version that stands by could still start."""

MOST: Final = 64
"""Objects of one template that are looked for."""

TEMPLATE: Final = "spec.serving.deployment.template.spec"
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_BEGUN: Final = ROLLING | GOING_BACK | {Phase.INITIALIZING}
_BAD: Final = frozenset({Standing.REJECTED, Standing.SUSPECT})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a template names.

    Attributes:
        kind: ConfigMap, PersistentVolumeClaim or ServiceAccount.
        path: The field that names it.
    """

    kind: str
    name: str
    path: str

    @property
    def can_exist(self) -> bool:
        """Whether an object may have this name; the API server does not ask that of a template."""
        return _NAME.fullmatch(self.name) is not None

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.kind} {self.name[:253]} ({self.path})"


def references(template: Json) -> tuple[Reference, ...]:
    """Objects without which a template's pods do not start; those that are `optional` are left out.

    Args:
        template: A pod template that the API server has taken.
    """
    spec = _map(template.get("spec"))
    found: dict[tuple[str, str], Reference] = {}
    for ref in (*_volumes(spec), *_environment(spec), *_account(spec)):
        found.setdefault((ref.kind, ref.name), ref)
    return tuple(found.values())[:MOST]


def is_about_to_start(model: AIModelDeployment, record: AIModelVersion | None) -> bool:
    """Say whether the desired version would be started next, if nothing is in its way."""
    status, wanted = model.status, model.spec.model.version
    if model.spec.suspend or model.metadata.deletion_timestamp is not None:
        return False
    if record is not None and standing_of(record) in _BAD:
        return False
    if status is None or status.versions is None:
        return True
    begun = status.rollout is not None and status.rollout.version == wanted
    return wanted != status.versions.stable and not (begun and status.phase in _BEGUN)


def missing_problem(missing: tuple[str, ...]) -> SpecProblem | None:
    """Say what a version waits for that is not there; None when all is."""
    if not missing:
        return None
    words = (
        f"{', '.join(missing)}: not there, so the pods could not start; looked for every 30 seconds"
    )
    return SpecProblem(Reason.REFERENCED_OBJECT_MISSING, words)


def _volumes(spec: Json) -> Iterator[Reference]:
    for i, volume in enumerate(_list(spec.get("volumes"))):
        where = f"{TEMPLATE}.volumes[{i}]"
        yield from _config(volume, "configMap", where)
        claim = _map(volume.get("persistentVolumeClaim")).get("claimName")
        if claim:
            path = f"{where}.persistentVolumeClaim.claimName"
            yield Reference("PersistentVolumeClaim", str(claim), path)
        for j, source in enumerate(_list(_map(volume.get("projected")).get("sources"))):
            yield from _config(source, "configMap", f"{where}.projected.sources[{j}]")


def _environment(spec: Json) -> Iterator[Reference]:
    for kind in ("initContainers", "containers"):
        for i, container in enumerate(_list(spec.get(kind))):
            where = f"{TEMPLATE}.{kind}[{i}]"
            for j, source in enumerate(_list(container.get("envFrom"))):
                yield from _config(source, "configMapRef", f"{where}.envFrom[{j}]")
            for j, variable in enumerate(_list(container.get("env"))):
                source = _map(variable.get("valueFrom"))
                yield from _config(source, "configMapKeyRef", f"{where}.env[{j}].valueFrom")


def _account(spec: Json) -> Iterator[Reference]:
    for field in ("serviceAccountName", "serviceAccount"):
        if spec.get(field):
            yield Reference("ServiceAccount", str(spec[field]), f"{TEMPLATE}.{field}")
            return


def _config(holder: Json, field: str, where: str) -> Iterator[Reference]:
    ref = _map(holder.get(field))
    if ref.get("name") and ref.get("optional") is not True:
        yield Reference("ConfigMap", str(ref["name"]), f"{where}.{field}.name")


def _map(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> tuple[Json, ...]:
    return tuple(map(_map, value)) if isinstance(value, (list, tuple)) else ()
