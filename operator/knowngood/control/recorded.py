"""Which records are of which model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Baseline
from knowngood.control.store import Store
from knowngood.control.watched import good_since
from knowngood.decisions.naming import child_name

Owner = tuple[str, str]
"""Namespace and uid of a model."""


def record_of(store: Store, model: AIModelDeployment, version: str) -> AIModelVersion | None:
    """The record of a version; None where there is none, or it is of an earlier model of the same name."""
    name = child_name(model.metadata.name, version)
    record: AIModelVersion | None = store.get("AIModelVersion", model.metadata.namespace, name)
    mine = record is not None and record.spec.model_ref.uid == model.metadata.uid
    return record if mine else None


def stable_record(store: Store, model: AIModelDeployment) -> AIModelVersion | None:
    """The record of the version that answers everybody; None while the model is left alone, or goes."""
    status = model.status
    if status is None or status.versions is None or not status.versions.stable:
        return None
    if model.metadata.deletion_timestamp is not None or model.spec.suspend:
        return None
    record = record_of(store, model, status.versions.stable)
    return record if record is not None and record.status else None


def by_owner(store: Store) -> Mapping[Owner, list[AIModelVersion]]:
    """The records of every model, gathered once: a fleet has many of both."""
    found: dict[Owner, list[AIModelVersion]] = defaultdict(list)
    records: list[AIModelVersion] = store.all("AIModelVersion")
    for record in records:
        found[owner_of(record)].append(record)
    return found


def owner_of(record: AIModelVersion) -> Owner:
    """Whose it is; what lies in another namespace belongs to nobody here, whatever it says."""
    return record.metadata.namespace, record.spec.model_ref.uid


def baselines_of(records: Iterable[AIModelVersion], mine: AIModelVersion) -> Mapping[str, Baseline]:
    """What is remembered of each signal: by the version itself, or else by the last one that was known good."""
    ordered = sorted(records, key=lambda r: (r is mine, good_since(r)))
    return {b.signal: b for r in ordered if r.status for b in r.status.baselines}
