"""The records of versions: what each one is (once, for good) and where it stands."""

from collections.abc import Mapping
from typing import Any, Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    FailureReason,
    Phase,
    Rejection,
    Role,
    Standing,
    Transition,
    VersionStatus,
)
from knowngood.decisions.contents import is_attested_anew, observed
from knowngood.decisions.digest import version_digest
from knowngood.decisions.handing_in import with_handed_in
from knowngood.decisions.naming import MODEL_LABEL, STANDING_LABEL, VERSION_LABEL, child_name
from knowngood.decisions.plan import Plan
from knowngood.decisions.remembering import remembered
from knowngood.decisions.situation import Situation, SpecProblem, standing_of
from knowngood.decisions.spending import shared
from knowngood.decisions.version_conditions import version_conditions

TRANSITIONS_KEPT: Final = 20
TEMPLATE_BYTES: Final = 64 * 1024


def meaning(model: AIModelDeployment, version: str) -> dict[str, Any] | None:
    """The part of a model's spec that makes one version; None when the spec does not hold that version.

    Returns:
        `{"deployment": {"ports", "template"}}`, or `{"service": {"name", "port"}}` where the user runs the pods.
    """
    serving = model.spec.serving
    if serving.deployment is not None:
        if version != model.spec.model.version:
            return None
        ports = [
            p.model_dump(mode="json", by_alias=True, exclude_none=True)
            for p in serving.deployment.ports
        ]
        return {"deployment": {"ports": ports, "template": serving.deployment.template}}
    for service in serving.services or ():
        if service.version == version:
            return {"service": {"name": service.name, "port": service.port}}
    return None


def digest_of(model: AIModelDeployment) -> str:
    """Digest of the version that the spec asks for."""
    return version_digest(meaning(model, model.spec.model.version) or {}, model.spec.model.uri)


def record_of(model: AIModelDeployment) -> dict[str, Any]:
    """The AIModelVersion of the desired version, as it is created: its spec never changes afterwards."""
    name, version = model.metadata.name, model.spec.model.version
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "AIModelVersion",
        "metadata": {
            "name": child_name(name, version),
            "namespace": model.metadata.namespace,
            "labels": {
                MODEL_LABEL: name,
                VERSION_LABEL: version,
                STANDING_LABEL: Standing.CANDIDATE.value,
            },
            "ownerReferences": [
                {
                    "apiVersion": "knowngood.dev/v1alpha1",
                    "kind": "AIModelDeployment",
                    "name": name,
                    "uid": model.metadata.uid,
                    "controller": True,
                }
            ],
        },
        "spec": {
            "modelRef": {"name": name, "uid": model.metadata.uid},
            "model": model.spec.model.model_dump(mode="json", by_alias=True, exclude_none=True),
            "serving": meaning(model, version),
            "digest": digest_of(model),
        },
    }


def template_problem(template: Mapping[str, Any], size: int) -> SpecProblem | None:
    """Say what is wrong with a pod template that the API server cannot know.

    Args:
        template: `spec.serving.deployment.template`.
        size: Its length as JSON, bytes.
    """
    where = "spec.serving.deployment.template"
    if size > TEMPLATE_BYTES:
        return SpecProblem(
            "TemplateInvalid", f"{where}: {size} bytes of JSON are more than {TEMPLATE_BYTES}"
        )
    for part in ("metadata", "spec"):
        if not isinstance(template.get(part) or {}, Mapping):
            return SpecProblem("TemplateInvalid", f"{where}.{part}: must be an object")
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not isinstance(labels, Mapping):
        return SpecProblem("TemplateInvalid", f"{where}.metadata.labels: must be an object")
    ours = sorted(k for k in labels if str(k).startswith("knowngood.dev/"))
    if ours:
        return SpecProblem(
            "TemplateInvalid", f"{where}.metadata.labels: {ours[0]} is set by Knowngood; remove it"
        )
    policy = (template.get("spec") or {}).get("restartPolicy", "Always")
    if policy != "Always":
        return SpecProblem(
            "TemplateInvalid", f"{where}.spec.restartPolicy: must be Always, not {policy}"
        )
    return None


def meaning_changed(
    model: AIModelDeployment, record: AIModelVersion, digest: str
) -> SpecProblem | None:
    """Refuse a version whose name was used for something else before: the recorded one goes on serving."""
    if record.spec.model_ref.uid != model.metadata.uid:
        return SpecProblem(
            "Claimed",
            f"AIModelVersion {record.metadata.name} belongs to an earlier model of this name",
        )
    if record.spec.digest == digest:
        return None
    version = model.spec.model.version
    return SpecProblem(
        "VersionMeaningChanged",
        f"spec.model.version: version {version} was recorded with another template, ports or uri, and a version never "
        f'changes; give it another name, for example "{version}-r2". To go back to version {version} apply its whole '
        "manifest; where that is refused, apply the one of another version first",
    )


def version_status(s: Situation, plan: Plan, record: AIModelVersion) -> VersionStatus:
    """Where a version stands after this decision."""
    version = record.spec.model.version
    before = with_handed_in(record.status or VersionStatus(), plan, version)
    update: dict[str, Any] = {
        "role": _role(s, version) or before.role or Role.NONE,
        "standing": standing_of(record) or Standing.CANDIDATE,
        "observed_generation": record.metadata.generation,
    }
    if is_attested_anew(record):
        attested = Transition(standing=Standing.KNOWN_GOOD, time=s.now, reason="Attested")
        update["transitions"] = (*before.transitions, attested)[-TRANSITIONS_KEPT:]
    for change in plan.standings:
        if change.version != version or change.standing is update["standing"]:
            continue
        if change.standing is Standing.PROBATION and update["standing"] is Standing.KNOWN_GOOD:
            continue  # somebody was faster to call it good; probation would begin what is over
        entry = Transition(standing=change.standing, time=s.now, reason=change.reason)
        update["standing"] = change.standing
        passed = update.get("transitions", before.transitions)
        update["transitions"] = (*passed, entry)[-TRANSITIONS_KEPT:]
        if change.standing is Standing.PROBATION:
            update |= {"promoted_at": s.now, "promoted_on": change.passed}
        if change.standing is Standing.KNOWN_GOOD:
            update |= {"known_good_since": s.now, "baselines": remembered(s, before, change)}
        update["rejection"] = _rejection(s, plan) if change.standing is Standing.REJECTED else None
    if version == plan.stable:  # what is promoted begins an epoch
        known = () if "promoted_at" in update else before.shares
        update["shares"] = shared(known, s.spending.serving)
    after = before.model_copy(update=update)
    after = after.model_copy(update={"observed": observed(s, record, after)})
    return after.model_copy(update={"conditions": version_conditions(s, record, after)})


def _role(s: Situation, version: str) -> Role | None:
    """What a version does by what is written of its model, not by what is about to be: a record follows the model.

    None where the model's status says nothing.
    """
    status = s.model.status
    if status is None or status.versions is None:
        return None
    names = status.versions
    if version == names.stable:
        return Role.STABLE
    if status.phase is Phase.TERMINATING:
        return Role.NONE
    if version == names.canary:
        return Role.CANARY
    if status.holdback is not None and version == status.holdback.version:
        return Role.HOLDBACK
    return Role.SHADOW if version == names.shadow else Role.NONE


def _rejection(s: Situation, plan: Plan) -> Rejection:
    failure = plan.rollout.failure if plan.rollout else None
    reason = failure.reason if failure else FailureReason.ABORTED
    trigger = failure.trigger if failure else None
    told = failure.incident if failure else None
    return Rejection(incident=told, reason=reason, trigger=trigger, time=s.now)
