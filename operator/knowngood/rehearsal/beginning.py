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
from knowngood.rehearsal.history import (
    known_good_by,
    lost_before,
    promoted_by,
    promotions,
    reaches,
    standing_at,
)
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
    _refuse_lost(rest, asked)
    if asked.standby and not any(r.spec.model.version == asked.standby for r in good):
        text = f"version {asked.standby} does not stand by: it was not known good at {_text(at)}"
        raise Impossible(text)
    beside = None if asked.rollout else _standby(model, good, asked, notes)
    notes.extend(_lost(r, at) for r in rest if not reaches(r, at))
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


def as_of(record: AIModelVersion, at: datetime, role: Role) -> AIModelVersion:
    """A record as it was at an instant: nothing of what was found later."""
    status = record.status or VersionStatus()
    standing = standing_at(record, at) or Standing.KNOWN_GOOD
    passed = tuple(t for t in status.transitions if t.time <= at)
    if standing is Standing.KNOWN_GOOD and (not passed or passed[-1].standing is not standing):
        # Without it the operator would take it for called good by a person just now.
        since = known_good_by(record, at) or at
        passed = (*passed, Transition(standing=standing, time=min(since, at), reason="Recorded"))
    then = VersionStatus(
        observed_generation=1,
        standing=standing,
        role=role,
        transitions=passed[-TRANSITIONS_KEPT:],
        promoted_at=promoted_by(record, at),
        promoted_on=status.promoted_on if promoted_by(record, at) == status.promoted_at else (),
        known_good_since=known_good_by(record, at),
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
        named = _named(records, asked.stable, at)
        if not reaches(named, at):
            notes.append(f"{_lost(named, at)}; it is taken for known good")
        return named
    if unknown := next((r for r in records if not reaches(r, at)), None):
        raise Impossible(f"{_lost(unknown, at)}: name the version that served with --stable")
    served = [r for r in records if standing_at(r, at) in GOOD and promoted_by(r, at)]
    if served:
        return max(served, key=lambda r: _promotion(r, at))
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
    standing, later = standing_at(record, at), [t for t in promotions(record) if t > at]
    if later and promoted_by(record, at) is None and reaches(record, at):
        raise Impossible(f"version {named} was promoted at {_text(later[0])}, after {_text(at)}")
    if standing is not None and standing not in GOOD:
        raise Impossible(
            f"version {named} was {standing} at {_text(at)}: only a version that serves is rehearsed"
        )
    return record


def _standby(
    model: AIModelDeployment, good: Sequence[AIModelVersion], asked: Asked, notes: list[str]
) -> AIModelVersion | None:
    """The version that stood by, of those that were known good."""
    versions = model.status.versions if model.status else None
    wanted = asked.standby or (versions.shadow if versions else "")
    found = next((r for r in good if r.spec.model.version == wanted), None)
    if found is None and good:
        found = max(good, key=lambda r: _promotion(r, asked.begins))
        version = found.spec.model.version
        notes.append(f"version {version} is taken for the one that stood by; another one: --shadow")
    return found


def _promotion(record: AIModelVersion, at: datetime) -> float:
    promoted = promoted_by(record, at)
    return promoted.timestamp() if promoted else 0.0


def _refuse_lost(records: Iterable[AIModelVersion], asked: Asked) -> None:
    """A version that is said to have stood by, and of which nobody can tell."""
    named = (r for r in records if r.spec.model.version == asked.standby)
    if unknown := next((r for r in named if not reaches(r, asked.begins)), None):
        raise Impossible(
            f"{_lost(unknown, asked.begins)}, so it is not taken for one that stood by"
        )


def _lost(record: AIModelVersion, at: datetime) -> str:
    begins = lost_before(record) or at
    return (
        f"the record of version {record.spec.model.version} reaches back to {_text(begins)} only, so nobody can tell "
        f"where it stood at {_text(at)}"
    )


def _later(record: AIModelVersion, at: datetime) -> set[str]:
    """Signals whose baseline was not there yet."""
    found = record.status.baselines if record.status else ()
    handed_in = BaselineSource.HANDED_IN
    return {
        b.signal for b in found if ((b.accepted_at or at) if b.source is handed_in else b.to) > at
    }


def _later_baselines(record: AIModelVersion, at: datetime) -> Iterable[str]:
    for signal in sorted(_later(record, at)):
        why = "of then is not kept" if known_good_by(record, at) else "was not there yet"
        yield f"the baseline of {signal} {why}, so it is not compared with"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
