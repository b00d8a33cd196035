"""Texts of others, made fit for one line of a log."""

import itertools
from datetime import UTC, datetime
from typing import Final

WORDS: Final = 1000
"""Bytes of a sentence in a record. CEF takes 1023 in a message."""

NAME: Final = 256
"""Bytes of a name in a record."""

SHORT: Final = 64
"""Bytes of a word in a list."""

_CUT: Final = "…"


def clean(text: str, most: int = WORDS) -> str:
    """Make a text that holds one line, no control characters, and a number of bytes.

    Line breaks, control characters, and what only changes how text is shown (such as its direction) become spaces.

    Args:
        text: Whatever somebody has written.
        most: Bytes in UTF-8, quotes and backslashes counted as escaped; a longer text ends with an ellipsis.
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    if sum(map(_bytes, plain)) <= most:
        return plain
    room = most - _bytes(_CUT)
    ends = itertools.accumulate(map(_bytes, plain))
    return plain[: sum(1 for _ in itertools.takewhile(lambda end: end <= room, ends))] + _CUT


def _bytes(character: str) -> int:
    return 2 if character in '"\\' else len(character.encode())


def milliseconds(at: datetime) -> int:
    """An instant in milliseconds since 1970, as OCSF and CEF have it."""
    return round(at.timestamp() * 1000)


def instant(at: datetime) -> str:
    """An instant in microseconds, as RFC 3339 has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
