"""What is told of a source that gave no answer: the same words at each try, and never a secret."""

import email.utils
import html
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

DETAIL_LENGTH: Final = 300
_LOOKED_AT: Final = 4 * DETAIL_LENGTH
"""Of a longer text only the beginning is read: it may be megabytes, and a word takes the square of its length."""

# A word with so many digits that it is an id, a time or an address.
_PASSING: Final = re.compile(r"\b(?=(?:[\w.:-]*?\d){4})[\w.:-]{6,}\b")
_HIDDEN: Final = "…"


def steady(text: str) -> str:
    """Take out of an error's text what changes from one try to the next: ids, times, addresses.

    The text ends up in a condition, and a condition that changes every second would be written every second.
    """
    return _PASSING.sub(_HIDDEN, text[:_LOOKED_AT])[:DETAIL_LENGTH]


def hide(text: str, secrets: Iterable[str]) -> str:
    """Take secrets out of a text that a source has sent: some repeat what was shown to them.

    Args:
        text: Of the source.
        secrets: The longest ones first, so that none is left over as a part of another.
    """
    for secret in secrets:
        for spelling in {secret, quote(secret, safe=""), html.escape(secret)}:
            text = text.replace(spelling, _HIDDEN)
    return text


def wish_of(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After as seconds from now; None when it says nothing that can be read.

    A date is compared with the answer's own, so that the clocks of source and operator need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    until, now = _date(text), _date(headers.get("Date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _date(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return found if found.tzinfo is not None else None
