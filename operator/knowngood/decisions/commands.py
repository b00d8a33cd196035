"""Commands that people give by annotation: `knowngood.dev/command: "<verb> <version> <nonce>"`.

One about a feed names the feed where others name a version.

The nonce starts with the time at which the command was given (RFC 3339), so that a manifest that was saved with the
annotation in it does nothing when it is applied again later. One that is older than the object came with such a
manifest: the API server's policies let it pass, whoever creates the object and whoever is said to have given it. The
absence of the annotation means nothing: GitOps tools remove it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

COMMAND_ANNOTATION: Final = "knowngood.dev/command"
EXPIRES_AFTER: Final = timedelta(minutes=10)
CLOCK_SKEW: Final = timedelta(minutes=2)
NONCE_LENGTH: Final = 64
VERSION_LENGTH: Final = 40
FEED_LENGTH: Final = 63
WORDS: Final = 3
_TIME_LENGTH: Final = len("2026-01-01T00:00:00Z")


class Verb(StrEnum):
    """What a person may ask for."""

    PROMOTE = "promote"
    ABORT = "abort"
    ROLLBACK = "rollback"
    RETRY = "retry"
    UNDO = "undo"
    FORCE = "force"
    PAUSE = "pause"
    RESUME = "resume"
    KEEP = "keep"
    RELEASE = "release"
    ATTEST = "attest"
    REVOKE = "revoke"
    REMEMBER = "remember"
    RESTORE = "restore"
    RESUME_FEED = "resume-feed"


@dataclass(frozen=True, slots=True)
class Command:
    """A well-formed command."""

    verb: Verb
    version: str
    nonce: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Malformed:
    """A command that cannot be carried out, and why, in words for the person who gave it."""

    nonce: str
    reason: str


_OF_VERSIONS: Final = "|".join(verb for verb in Verb if verb is not Verb.RESUME_FEED)
USAGE: Final = (
    f'write "<{_OF_VERSIONS}> <version> <time>" or "{Verb.RESUME_FEED} <feed> <time>", for example: '
    'kubectl annotate aimd NAME --overwrite knowngood.dev/command="promote 8 $(date -u +%FT%TZ)"'
)


def parse(text: str) -> Command | Malformed:
    """Read the annotation's value.

    Args:
        text: The value as it stands on the object: hostile input.
    """
    words = text.split()
    nonce = words[-1][:NONCE_LENGTH] if words else ""
    if len(words) != WORDS:
        return Malformed(nonce, f"expected three words, got {len(words)}; {USAGE}")
    if words[0] not in set(Verb):
        return Malformed(nonce, f"unknown verb {words[0][:20]!r}; {USAGE}")
    what, most = (
        ("feed", FEED_LENGTH) if words[0] == Verb.RESUME_FEED else ("version", VERSION_LENGTH)
    )
    if len(words[1]) > most:
        return Malformed(nonce, f"a {what} has at most {most} characters; {USAGE}")
    given_at = _time_of(words[2])
    if given_at is None or len(words[2]) > NONCE_LENGTH:
        return Malformed(nonce, f"the last word must start with the time in UTC; {USAGE}")
    return Command(Verb(words[0]), words[1], words[2], given_at)


def expiry(command: Command, now: datetime) -> str | None:
    """Say why a command is too old, or from the future; None when it is fresh."""
    age = now - command.given_at
    if age > EXPIRES_AFTER:
        return (
            f"given {int(age.total_seconds() // 60)} minutes ago; a command is good for 10 minutes"
        )
    if age < -CLOCK_SKEW:
        return "its time lies in the future; give the time in UTC"
    return None


def came_along(command: Command | Malformed, created: datetime | None) -> bool:
    """Say whether a command was not given to this object, but came with the manifest that created it."""
    return isinstance(command, Command) and created is not None and command.given_at < created


def _time_of(nonce: str) -> datetime | None:
    head, rest = nonce[:_TIME_LENGTH], nonce[_TIME_LENGTH:]
    if rest and not rest.startswith("-"):
        return None
    try:
        return datetime.strptime(head, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
