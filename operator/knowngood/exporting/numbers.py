"""What a trigger has counted, as numbers and bounded texts that every format can carry."""

import math
from typing import Any, Final

from knowngood.api.v1alpha1 import EvidenceEntry
from knowngood.api.v1alpha1.shared import CountedNumbers
from knowngood.exporting.texts import NAME, SHORT, clean, instant

_COUNTS: Final = ("samples", "events", "reference_samples", "reference_events")
_COMPUTED: Final = ("statistic", "limit", "estimate", "effect")
_OF_SEGMENTS: Final = ("samples", "events", "estimate", "effect")
_LONG: Final = 500
"""Bytes of a question and of a promise."""


def numbers(evidence: CountedNumbers) -> dict[str, float]:
    """Counts and what was computed from them, by their names in the API; what is unknown is left out."""
    found: dict[str, float] = {
        name: value for name in _COUNTS if (value := getattr(evidence, name)) is not None
    }
    for name in _COMPUTED:
        value = _finite(getattr(evidence, name))
        if value is not None:
            found[name] = value
    return found


def details(evidence: EvidenceEntry) -> dict[str, Any]:
    """All that stands behind a verdict: the numbers, the question, the promise, and the segments that were told."""
    texts = {
        "verdict": str(evidence.verdict),
        "guarantee": clean(evidence.guarantee or "", _LONG),
        "signal": clean(evidence.signal or "", NAME),
        "query": clean(evidence.query or "", _LONG),
        "since": instant(evidence.since) if evidence.since else "",
        "until": instant(evidence.until) if evidence.until else "",
    }
    segments = [
        {"segment": clean(s.segment, SHORT), "verdict": str(s.verdict), **_few(s)}
        for s in evidence.segments or ()
    ]
    named = [clean(name, SHORT) for name in evidence.named or ()]
    parts = {**texts, "segments": segments, "named": named}
    return {**numbers(evidence), **{name: part for name, part in parts.items() if part}}


def _few(segment: CountedNumbers) -> dict[str, float]:
    """Of twelve segments not every number has room."""
    found = numbers(segment)
    return {name: found[name] for name in _OF_SEGMENTS if name in found}


def _finite(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
