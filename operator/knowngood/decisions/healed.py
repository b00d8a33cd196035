"""By what it was seen that a version is well again: the numbers of now, beside those with which the harm was found."""

from datetime import UTC, datetime

from knowngood.api.v1alpha1 import (
    EvidenceEntry,
    EvidenceNumbers,
    IncidentStatus,
    VerdictKind,
)
from knowngood.decisions.better_told import EVIDENCE_KEPT
from knowngood.decisions.safety import numbers_of
from knowngood.decisions.timeline import instant
from knowngood.decisions.trigger_views import TriggerView
from knowngood.decisions.wellness import Trigger, Wellness


def healed_words(status: IncidentStatus, healed: Trigger, wellness: Wellness) -> str:
    """Say of a trigger that it is Healthy again, what it counted when it was breached, and what it counts now."""
    _, trigger = healed
    now = next((t for t in wellness.says if (t.policy, t.trigger) == healed), None)
    numbers = numbers_of(now) if now is not None else None
    if now is None or numbers is None:
        return f"trigger {trigger} is Healthy again"
    was = next((e for e in status.evidence if _is_harm(e, healed)), None)
    found = _counts(was) if was else ""
    signal = now.read.signal if now.read else trigger
    before = f", and was {found} when it was found" if found else ""
    return (
        f"trigger {trigger} is Healthy again: {signal} is {_counts(numbers)}{_since(now)}{before}"
    )


def with_healed(
    status: IncidentStatus, found: set[Trigger], wellness: Wellness, text: str
) -> IncidentStatus:
    """Add the numbers of now as evidence, of what had been found.

    Args:
        status: What is told in it so far.
        found: The triggers that had been breached.
        wellness: What was seen of the version.
        text: The words in which the timeline tells of it.
    """
    kept = status.evidence
    for view in wellness.says:
        numbers = numbers_of(view)
        if (view.policy, view.trigger) not in found or numbers is None:
            continue
        entry = EvidenceEntry(
            id=f"e{len(kept) + 1}",
            trigger=view.trigger,
            policy=view.policy,
            verdict=VerdictKind.HEALTHY,
            message=text,
            **numbers.model_dump(include=set(EvidenceNumbers.model_fields)),
        )
        kept = (*kept, entry)[:EVIDENCE_KEPT]
    return status.model_copy(update={"evidence": kept})


def _is_harm(entry: EvidenceEntry, of: Trigger) -> bool:
    """Whether it is what a trigger has found against the version: of several, the first one tells how bad it was."""
    same = (entry.policy or "", entry.trigger) == of
    return same and entry.verdict is VerdictKind.BREACHED and entry.better is None


def _counts(numbers: EvidenceNumbers) -> str:
    if not numbers.samples:
        return numbers.estimate or ""
    if numbers.events is None:
        return f"counted over {numbers.samples} requests"
    share = 100 * numbers.events / numbers.samples
    return f"{share:.1f} % ({numbers.events} of {numbers.samples} requests)"


def _since(view: TriggerView) -> str:
    if view.read is None:
        return ""
    return f" since {instant(datetime.fromtimestamp(view.read.since, UTC))}"
