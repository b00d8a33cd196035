"""What a step of the playbook is given, and what it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Incident
from knowngood.control.ports import Key
from knowngood.control.recorded import record_of
from knowngood.control.store import Store
from knowngood.decisions.playbook.steps import Finding, found_at

TOOK: Final = timedelta(minutes=1)
"""How long before it was found harm is taken to have begun where nobody has an estimate."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident that is looked into.

    Attributes:
        model: As it is now.
        bad: The version that the incident is about.
        record: Of that version; None where there is none.
        other: Of the version that stands by, or answers already; None where there is none.
        onset: When the harm began, as far as anybody knows.
        now: When the steps began.
    """

    incident: Incident
    model: AIModelDeployment
    bad: str
    record: AIModelVersion | None
    other: AIModelVersion | None
    onset: datetime
    now: datetime

    @property
    def key(self) -> Key:
        """The model."""
        return Key(self.model.metadata.namespace, self.model.metadata.name)


Check = Callable[[Case], Awaitable[Finding]]
"""Looks at one thing. What it raises is told as a step that has failed."""


def case_of(store: Store, incident: Incident, now: datetime) -> Case | None:
    """Gather what the steps of an incident are about; None where its model is gone."""
    meta, status = incident.metadata, incident.status
    ref = incident.spec.model_ref
    model: AIModelDeployment | None = store.get("AIModelDeployment", meta.namespace, ref.name)
    if model is None or model.metadata.uid != ref.uid or status is None or status.subject is None:
        return None
    bad, clocks = status.subject.version, status.clocks
    found = found_at(status) or now
    first = clocks.onset if clocks and clocks.reopened is None else None
    onset = first or found - TOOK
    return Case(
        incident,
        model,
        bad,
        record_of(store, model, bad),
        _other(store, model, bad),
        min(onset, now),
        now,
    )


def _other(store: Store, model: AIModelDeployment, bad: str) -> AIModelVersion | None:
    versions = model.status.versions if model.status else None
    named = (versions.shadow, versions.stable) if versions else ()
    found = next((v for v in named if v not in {"", bad}), None)
    return record_of(store, model, found) if found else None
