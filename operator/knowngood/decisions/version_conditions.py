"""Conditions of an AIModelVersion."""

from knowngood.api.v1alpha1 import (
    AIModelVersion,
    Condition,
    ConditionType,
    Reason,
    Standing,
    VersionStatus,
)
from knowngood.decisions.contents import change_of
from knowngood.decisions.proving import lacking
from knowngood.decisions.situation import Situation

Said = tuple[ConditionType, bool, str, str]
_LENGTH = 1024


def version_conditions(
    s: Situation, record: AIModelVersion, after: VersionStatus
) -> tuple[Condition, ...]:
    """Tell whether a version is known good, and whether what it is made of is there and as it was judged."""
    change = change_of(s, record.spec.model.version)
    before = {c.type: c for c in record.status.conditions} if record.status else {}
    found = []
    lacks = lacking(s, record.spec.model.version) if after.standing is Standing.PROBATION else ""
    good = _known_good(after, change, _in_probation(s, lacks))
    said = before.get(ConditionType.KNOWN_GOOD)
    if s.serving is None and said is not None and said.reason == good[2] == Reason.PROBATION:
        good = (*good[:3], said.message)  # nobody has looked yet, and that is no news
    for kind, true, reason, message in (good, _ready(after, change)):
        status, was = "True" if true else "False", before.get(kind)
        since = was.last_transition_time if was and was.status == status else s.now
        found.append(
            Condition(
                type=kind,
                status="True" if true else "False",
                reason=reason,
                message=message[:_LENGTH],
                observed_generation=record.metadata.generation,
                last_transition_time=since,
            )
        )
    return tuple(found)


def _known_good(after: VersionStatus, change: str, probation: str) -> Said:
    standing = after.standing or Standing.CANDIDATE
    if standing is Standing.KNOWN_GOOD:
        return ConditionType.KNOWN_GOOD, True, Reason.KNOWN_GOOD, "it was found good"
    reason = Reason.CONTENT_CHANGED if change else standing.value
    waits = probation if standing is Standing.PROBATION else f"its standing is {standing}"
    return ConditionType.KNOWN_GOOD, False, reason, change or waits


def _in_probation(s: Situation, lacks: str) -> str:
    held = s.model.status.holdback if s.model.status else None
    against = f"beside version {held.version}" if held else "against Baseline only"
    return f"probation judged {against}{': ' if lacks else ''}{lacks}"


def _ready(after: VersionStatus, change: str) -> Said:
    if change:
        return ConditionType.READY, False, Reason.CONTENT_CHANGED, change
    missing = after.observed.missing_refs if after.observed else ()
    if missing:
        text = f"{', '.join(missing)}: not there, so its pods could not start"
        return ConditionType.READY, False, Reason.REFERENCED_OBJECT_MISSING, text
    text = "what it is made of is there, as far as it is looked at, and as it was judged"
    return ConditionType.READY, True, Reason.VALID, text
