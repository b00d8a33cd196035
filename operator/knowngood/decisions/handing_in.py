"""Baselines that a person hands in, reckoned from data of their own: `knowngood.dev/baselines` beside the command.

The command names the data by their digest. So whoever was let give it has given these data, and nobody who may merely
write annotations can put others in their place. Only the operator writes records, as with every other command.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from knowngood.analysis.remembered.frozen import check
from knowngood.api.v1alpha1 import Baseline, BaselineSource, VersionStatus
from knowngood.decisions.commands import CLOCK_SKEW, Command
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, recorded
from knowngood.decisions.plan import Plan
from knowngood.decisions.remembering import MOST
from knowngood.decisions.situation import Situation

BASELINES_ANNOTATION: Final = "knowngood.dev/baselines"

_SEAL_LENGTH: Final = 32
FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""What is said to be older is a mistake, and years of fewer digits are no times to the API server."""


def sealed(text: str) -> str:
    """Name baselines as a command that hands them in does: the first 32 hex digits of their SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:_SEAL_LENGTH]


def remember(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Let a version be held against what a person hands in; say in words why not."""
    record = s.versions.get(command.version)
    if record is None:
        return f"version {command.version} is not recorded, or has no part in this model now"
    annotations = s.model.metadata.annotations
    text = annotations.get(BASELINES_ANNOTATION, "")
    if not command.nonce.endswith(f"-{sealed(text)}"):
        return (
            f"the command does not name what stands in {BASELINES_ANNOTATION} by its digest: hand it in with "
            "knowngood baseline"
        )
    by = recorded(annotations.get(COMMAND_BY_ANNOTATION, ""), proved=s.people_proved)
    try:
        given = {"acceptedBy": by, "acceptedAt": command.given_at}
        found = _read(text, given, command.given_at + CLOCK_SKEW)
        _merged(record.status or VersionStatus(), found)
    except ValueError as error:
        return str(error)
    return replace(plan, handed_in={command.version: found})


def with_handed_in(before: VersionStatus, plan: Plan, version: str) -> VersionStatus:
    """What a version has once what was handed in is remembered: it takes the place of what was known of its signals."""
    given = (plan.handed_in or {}).get(version)
    return before.model_copy(update={"baselines": _merged(before, given)}) if given else before


def _merged(before: VersionStatus, given: tuple[Baseline, ...]) -> tuple[Baseline, ...]:
    found = {b.signal: b for b in (*before.baselines, *given)}
    parts = sum(one.parts for one in found.values())
    if parts > MOST:
        raise ValueError(
            f"{parts} baselines: a version has {MOST} at most, each segment one of them"
        )
    return tuple(found[signal] for signal in sorted(found))


def _read(text: str, given: dict[str, Any], latest: datetime) -> tuple[Baseline, ...]:
    try:
        bodies = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{BASELINES_ANNOTATION}: it is no JSON") from error
    if not isinstance(bodies, list) or not 0 < len(bodies) <= MOST:
        raise ValueError(f"{BASELINES_ANNOTATION}: a list of 1 to {MOST} baselines is wanted")
    found = tuple(_baseline(number, body, given, latest) for number, body in enumerate(bodies))
    names = [baseline.signal for baseline in found]
    if len(set(names)) < len(names):
        raise ValueError(f"{BASELINES_ANNOTATION}: a signal has one baseline")
    return found


def _baseline(number: int, body: object, given: dict[str, Any], latest: datetime) -> Baseline:
    where = f"{BASELINES_ANNOTATION}[{number}]"
    if not isinstance(body, dict):
        raise ValueError(f"{where}: an object is wanted")  # noqa: TRY004  - it is what a person has written
    try:
        found = Baseline.model_validate({**body, "source": BaselineSource.HANDED_IN, **given})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}.{field}: {first['msg']}") from error
    check(found)
    for one in (found, *(found.segments or ())):
        if not FIRST <= one.from_ <= one.to <= latest:
            raise ValueError(
                f"{where}: from and to are two times from {FIRST.year} to now, the earlier one first"
            )
    return found
