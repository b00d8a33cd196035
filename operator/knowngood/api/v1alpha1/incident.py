"""Incident: something went wrong with a model. It outlives the model."""

from enum import StrEnum
from typing import Annotated, Literal

from knowngood.api.hints import cel, listed, validated_by
from knowngood.api.v1alpha1.answers import Acknowledgement, Close, Decision, Declaration
from knowngood.api.v1alpha1.approvals import MOST_ANSWERS, ApprovalAnswer
from knowngood.api.v1alpha1.incident_status import IncidentStatus
from knowngood.api.v1alpha1.meta import ObjectMeta
from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.api.v1alpha1.shared import Count, ModelRef, PolicyKind, Severity
from knowngood.api.v1alpha1.wire import Wire


def _set_once(field: str) -> dict[str, str]:
    return cel(
        f"!has(oldSelf.{field}) || (has(self.{field}) && self.{field} == oldSelf.{field})",
        f"{field} can be set once and not be changed",
        path=f".{field}",
        reason="FieldValueForbidden",
    )


def _once_each_time(field: str) -> dict[str, str]:
    return cel(
        f"!has(oldSelf.{field}) || (has(self.{field}) && (self.{field} == oldSelf.{field} || "
        f"self.{field}.?round.orValue(0) > oldSelf.{field}.?round.orValue(0)))",
        f"{field} can be set once, and once more after each time the incident was opened again",
        path=f".{field}",
        reason="FieldValueForbidden",
    )


def _of_now(field: str) -> dict[str, str]:
    """Nobody can say it beforehand, and what was meant for an earlier time does not count for this one."""
    return cel(
        f"!has(self.spec.{field})"
        f" || (has(oldSelf.spec.{field}) && self.spec.{field} == oldSelf.spec.{field})"
        f" || self.spec.{field}.?round.orValue(0) == self.?status.?reopened.orValue(0)",
        f"{field}.round must be what status.reopened is now; leave it out where that is not there",
        path=f".spec.{field}",
    )


def _append_only(field: str) -> dict[str, str]:
    return cel(
        f"!has(oldSelf.{field}) || (has(self.{field}) && "
        f"oldSelf.{field}.all(before, self.{field}.exists(one, one == before)))",
        f"{field} can be added to, and what was said stays",
        path=f".{field}",
        reason="FieldValueForbidden",
    )


def _immutable(field: str) -> dict[str, str]:
    return cel(
        f"self.{field} == oldSelf.{field}",
        f"{field} is immutable",
        path=f".{field}",
        reason="FieldValueForbidden",
    )


class Origin(StrEnum):
    """Where an incident comes from: a Trigger that fired, or a person (Manual)."""

    TRIGGER = "Trigger"
    MANUAL = "Manual"


class PolicyRef(Wire):
    """The policy whose trigger fired."""

    kind: PolicyKind
    """Its kind: IncidentPolicy or ClusterIncidentPolicy."""

    name: ObjectName
    """Its name."""

    generation: Count
    """Its generation when the trigger fired."""


class IncidentSpec(Wire):
    """What the incident is about, and what people say to it."""

    model_config = validated_by(
        _immutable("modelRef"),
        _immutable("origin"),
        cel(
            "has(self.declared) == has(oldSelf.declared)"
            " && (!has(self.declared) || self.declared == oldSelf.declared)",
            "declared is set when the incident is created, and immutable",
            path=".declared",
            reason="FieldValueForbidden",
        ),
        cel(
            "!has(self.declared) || (self.origin == 'Manual' && !has(self.policyRef))",
            "declared needs origin Manual and no policyRef: no trigger has fired",
            path=".declared",
        ),
        _once_each_time("acknowledgement"),
        _append_only("approvals"),
        _once_each_time("decision"),
        _set_once("close"),
    )

    model_ref: ModelRef
    """The model that it is about."""

    policy_ref: PolicyRef | None = None
    """The policy whose trigger fired."""

    origin: Origin
    """Where it comes from: a Trigger that fired, or a person (Manual)."""

    declared: Declaration | None = None
    """A person says that something is wrong with the model; absent where Knowngood opened the incident."""

    severity: Severity | None = None
    """A person's word on how bad it is: Low, Medium, High or Critical."""

    acknowledgement: Acknowledgement | None = None
    """A person has taken it. Can be set once, and once more after each time it was opened again."""

    approvals: Annotated[
        tuple[ApprovalAnswer, ...], listed(MOST_ANSWERS, key=("actionId", "by", "decision"))
    ] = ()
    """What people say to actions that wait for them. What was said stays."""

    decision: Decision | None = None
    """What becomes of it, as a person has decided. Can be set once, and once more after each time it was opened again.
    It moves no traffic."""

    close: Close | None = None
    """A person closes it. Can be set once. Closing moves no traffic."""


class Incident(Wire):
    """Something went wrong with a model: what, since when, what was done about it.

    It outlives the model.
    """

    model_config = validated_by(_of_now("acknowledgement"), _of_now("decision"))

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["Incident"] = "Incident"
    metadata: ObjectMeta

    spec: IncidentSpec
    """What the incident is about, and what people say to it."""

    status: IncidentStatus | None = None
    """What happened, what was done, and when."""
