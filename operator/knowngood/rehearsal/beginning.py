"""The state in which a rehearsal begins: what served then, and where each version stood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Role,
    Standing,
    Transition,
    VersionStatus,
)
from knowngood.api.v1alpha1.baseline import BaselineSource
from knowngood.decisions.naming import STANDING_LABEL
from knowngood.decisions.records import TRANSITIONS_KEPT, record_of
from knowngood.rehearsal.told import Asked, Impossible

GOOD: Final = frozenset({Standing.PROBATION, Standing.KNOWN_GOOD})
"""Standings in which a version may answer everybody."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Who does what when it begins.

    Attributes:
        stable: The record of the version that serves, as it was then.
        standby: Likewise of the one that stands by; None where none does.
        canary: The record of the one that is rolled out, as it was made; None where none is, or it is made anew.
        others: Likewise of further ones, for what is remembered of them.
        notes: What was taken for so.
    """

    stable: AIModelVersion
    standby: AIModelVersion | None
    canary: AIModelVersion | None
    others: tuple[AIModelVersion, ...]
    notes: tuple[str, ...]


def beginning(
    model: AIModelDeployment, records: Sequence[AIModelVersion], asked: Asked
) -> Beginning:
    """Find who served at an instant, and put every record back to it.

    Args:
        model: The model, as it is now.
        records: Of its versions, as they are now.
        asked: What is to be rehearsed, from which instant on.

    Raises:
        Impossible: Nobody can tell, or it is not so.
    """
    at, notes = asked.begins, list[str]()
    canary = _canary(model, records, asked.rollout)
    served = [r for r in records if r is not canary]
    found = _stable(model, served, asked, notes)
    rest = [r for r in served if r is not found]
    good = [r for r in rest if standing_at(r, at) is Standing.KNOWN_GOOD]
    if asked.standby and not any(r.spec.model.version == asked.standby for r in good):
        text = f"version {asked.standby} does not stand by: it was not known good at {_text(at)}"
        raise Impossible(text)
    beside = None if asked.rollout else _standby(model, good, asked.standby, notes)
    others = (as_of(r, at, Role.NONE) for r in good if r is not beside)
    return Beginning(
        as_of(found, at, Role.STABLE),
        as_of(beside, at, Role.SHADOW) if beside else None,
        _with(canary, None) if canary else None,
        tuple(others),
        (*notes, *_later_baselines(found, at)),
    )


def _canary(
    model: AIModelDeployment, records: Sequence[AIModelVersion], version: str
) -> AIModelVersion | None:
    """The record of a version that is rolled out; None where the spec says what it is."""
    found = next((r for r in records if r.spec.model.version == version), None)
    if found is None and version not in {"", model.spec.model.version}:
        raise Impossible(
            f"version {version} has no AIModelVersion, and the spec does not ask for it; known are: {_known(records)}"
        )
    return found


def standing_at(record: AIModelVersion, at: datetime) -> Standing | None:
    """Where a version stood at an instant, as far as its record tells; None where it was not there yet."""
    status = record.status or VersionStatus()
    passed = [t for t in status.transitions if t.time <= at]
    if passed:
        return passed[-1].standing
    if status.known_good_since is not None and status.known_good_since <= at:
        return Standing.KNOWN_GOOD
    if status.promoted_at is not None and status.promoted_at <= at:
        return Standing.PROBATION
    told = (*status.transitions, status.known_good_since, status.promoted_at)
    return None if any(told) else status.standing


def as_of(record: AIModelVersion, at: datetime, role: Role) -> AIModelVersion:
    """A record as it was at an instant: nothing of what was found later."""
    status = record.status or VersionStatus()
    standing = standing_at(record, at) or Standing.KNOWN_GOOD
    passed = tuple(t for t in status.transitions if t.time <= at)
    if standing is Standing.KNOWN_GOOD and (not passed or passed[-1].standing is not standing):
        # Without it the operator would take it for called good by a person just now.
        since = status.known_good_since or at
        passed = (*passed, Transition(standing=standing, time=min(since, at), reason="Recorded"))
    then = VersionStatus(
        observed_generation=1,
        standing=standing,
        role=role,
        transitions=passed[-TRANSITIONS_KEPT:],
        promoted_at=_before(status.promoted_at, at),
        promoted_on=status.promoted_on,
        known_good_since=_before(status.known_good_since, at),
        baselines=tuple(b for b in status.baselines if b.signal not in _later(record, at)),
        shares=status.shares,
    )
    return _with(record, then)


def _with(record: AIModelVersion, status: VersionStatus | None) -> AIModelVersion:
    """Another status; without one, the label would tell where the version stands now."""
    labels = {k: v for k, v in record.metadata.labels.items() if k != STANDING_LABEL}
    if status is not None and status.standing is not None:
        labels[STANDING_LABEL] = status.standing.value
    meta = record.metadata.model_copy(update={"labels": labels})
    return record.model_copy(update={"metadata": meta, "status": status})


def _stable(
    model: AIModelDeployment, records: Sequence[AIModelVersion], asked: Asked, notes: list[str]
) -> AIModelVersion:
    at, wanted = asked.begins, model.spec.model.version
    if not records and asked.stable in {"", wanted} and asked.rollout != wanted:
        notes.append(
            f"no AIModelVersion is known: version {wanted} is taken for known good, without baselines"
        )
        return _asked_for(model)
    if asked.stable:
        return _named(records, asked.stable, at)
    served = [r for r in records if standing_at(r, at) in GOOD and _promoted(r, at)]
    if served:
        return max(served, key=_promotion)
    versions = model.status.versions if model.status else None
    now = next((r for r in records if versions and r.spec.model.version == versions.stable), None)
    if now is None or standing_at(now, at) not in GOOD:
        raise Impossible(
            f"the records do not tell which version served at {_text(at)}: name it with --stable"
        )
    return now


def _asked_for(model: AIModelDeployment) -> AIModelVersion:
    """The record of the version that the spec asks for, as it would be made."""
    try:
        return AIModelVersion.model_validate(record_of(model))
    except ValidationError:
        name, version = model.metadata.name, model.spec.model.version
        words = (
            f"AIModelDeployment {name}: spec.serving does not say how version {version} is served"
        )
        raise Impossible(words) from None


def _known(records: Iterable[AIModelVersion]) -> str:
    return ", ".join(sorted(r.spec.model.version for r in records)) or "none"


def _named(records: Sequence[AIModelVersion], named: str, at: datetime) -> AIModelVersion:
    record = next((r for r in records if r.spec.model.version == named), None)
    if record is None:
        raise Impossible(f"version {named} has no AIModelVersion; known are: {_known(records)}")
    standing, status = standing_at(record, at), record.status
    promoted = status.promoted_at if status else None
    if promoted is not None and promoted > at:
        raise Impossible(f"version {named} was promoted at {_text(promoted)}, after {_text(at)}")
    if standing is not None and standing not in GOOD:
        raise Impossible(
            f"version {named} was {standing} at {_text(at)}: only a version that serves is rehearsed"
        )
    return record


def _standby(
    model: AIModelDeployment, good: Sequence[AIModelVersion], named: str, notes: list[str]
) -> AIModelVersion | None:
    """The version that stood by, of those that were known good."""
    versions = model.status.versions if model.status else None
    wanted = named or (versions.shadow if versions else "")
    found = next((r for r in good if r.spec.model.version == wanted), None)
    if found is None and good:
        found = max(good, key=_promotion)
        version = found.spec.model.version
        notes.append(f"version {version} is taken for the one that stood by; another one: --shadow")
    return found


def _before(found: datetime | None, at: datetime) -> datetime | None:
    return found if found is not None and found <= at else None


def _promoted(record: AIModelVersion, at: datetime) -> bool:
    return _before(record.status.promoted_at if record.status else None, at) is not None


def _promotion(record: AIModelVersion) -> float:
    promoted = record.status.promoted_at if record.status else None
    return promoted.timestamp() if promoted else 0.0


def _later(record: AIModelVersion, at: datetime) -> set[str]:
    """Signals whose baseline was not there yet."""
    found = record.status.baselines if record.status else ()
    handed_in = BaselineSource.HANDED_IN
    return {
        b.signal for b in found if ((b.accepted_at or at) if b.source is handed_in else b.to) > at
    }


def _later_baselines(record: AIModelVersion, at: datetime) -> Iterable[str]:
    for signal in sorted(_later(record, at)):
        yield f"the baseline of {signal} was not there yet, so it is not compared with"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
