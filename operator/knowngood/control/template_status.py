"""What is told of a signal template, of what came of asking it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    ClusterSignalTemplate,
    Condition,
    ConditionType,
    Reason,
    SignalTemplateStatus,
)
from knowngood.control.soundings import Sounding, Tone
from knowngood.control.specs import Unreadable, spec_of

_WRONG: Final = {Tone.REFUSED: Reason.QUERY_REFUSED, Tone.SOURCE_UNKNOWN: Reason.SOURCE_UNKNOWN}

Word = tuple[ConditionType, str, Reason, str]
"""Type, status, reason and message of a condition."""


def template_status(
    template: ClusterSignalTemplate, sounding: Sounding | None, now: datetime
) -> SignalTemplateStatus | None:
    """Render a status; None where nothing new is known, so that what was written stays.

    Args:
        template: As it was last seen.
        sounding: What came of asking it as it is now; None while nobody knows.
        now: Aware, UTC.
    """
    before = template.status or SignalTemplateStatus()
    generation = template.metadata.generation
    spec = spec_of(template.spec)
    if isinstance(spec, Unreadable):
        words = [(ConditionType.READY, "False", Reason.SIGNAL_NOT_FOUND, spec.message)]
    elif sounding is None:
        return None
    elif sounding.tone is Tone.UNANSWERED and _is_told(before, generation):
        return None  # that its source is away says nothing against it
    else:
        words = list(_words(sounding))
    known = {c.type: c for c in before.conditions}
    found = tuple(
        Condition(
            type=kind,
            status=status,
            reason=reason,
            message=message,
            observed_generation=generation,
            last_transition_time=last.last_transition_time
            if (last := known.get(kind)) and last.status == status
            else now,
        )
        for kind, status, reason, message in words
    )
    return SignalTemplateStatus(observed_generation=generation, conditions=found)


def _is_told(status: SignalTemplateStatus, generation: int) -> bool:
    told = {c.type for c in status.conditions if c.status != "Unknown"}
    return status.observed_generation == generation and ConditionType.READY in told


def _words(sounding: Sounding) -> Iterator[Word]:
    ready = ConditionType.READY
    if sounding.tone in _WRONG:
        yield ready, "False", _WRONG[sounding.tone], sounding.words
    elif sounding.tone is Tone.UNANSWERED:
        yield ready, "Unknown", Reason.OBSERVER_DOWN, sounding.words
    else:
        yield ready, "True", Reason.SIGNALS_FOUND, "the source takes the query"
        if sounding.found:
            text = sounding.doubt or sounding.words
            yield ConditionType.SERIES_FOUND, "True", Reason.SERIES_FOUND, text
        else:
            reason = Reason.NO_SERIES if sounding.fits else Reason.SERIES_UNFIT
            yield ConditionType.SERIES_FOUND, "False", reason, sounding.words
