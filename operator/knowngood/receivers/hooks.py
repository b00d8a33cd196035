"""What comes back from where people are paged: who has taken an incident, signed by whoever tells it."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from knowngood.api.v1alpha1.notification_status import PagedBy
from knowngood.exporting.texts import clean

NOBODY: Final = "somebody"
"""Written where no name is told."""

LONGEST_NAME: Final = 253
LONGEST_COUNT: Final = 9


class Unsigned(Exception):
    """It is not signed with our secret, or too long ago. The text holds nothing of what came."""


class Unreadable(Exception):
    """It is signed, and is not what was agreed on. The text holds nothing of what came."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody has taken an incident.

    Attributes:
        uid: Of the incident, as it was sent to the receiver: hostile input.
        by: A name, made fit for a line.
        reopened: How often it had been opened again when they were called: hostile input too.
    """

    uid: str
    by: str
    way: PagedBy
    receiver: str
    reopened: int = 0

    @classmethod
    def to(cls, call: str, by: str, way: PagedBy, receiver: str) -> "Said":
        """Read the name of a call that `call_of` has written; what is none is the uid of no incident."""
        uid, _, times = call.partition("/")
        known = times.isascii() and times.isdigit() and len(times) <= LONGEST_COUNT
        if not known:
            return cls(call, by, way, receiver)
        return cls(uid, by, way, receiver, int(times))


def call_of(uid: str, reopened: int) -> str:
    """Name a call for an incident: whoever answers an earlier one has not answered this one."""
    return f"{uid}/{reopened}" if reopened else uid


class Hook(Protocol):
    """How one receiver tells it."""

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Said | None:
        """Read a request; None for what says nothing about who has an incident.

        Args:
            headers: As they came, whatever their case.
            body: As it came, to the byte: that is what is signed.
            now: To refuse what is old, where its age is signed.

        Raises:
            SourceProblem: The secret can not be read; the text names the field.
            Unsigned: To be refused.
            Unreadable: To be refused.
        """
        ...


def is_signed(secret: str, signed: bytes, prefix: str, signatures: Iterable[str]) -> bool:
    """Whether one of some signatures is the HMAC-SHA-256 of what is signed, in hexadecimal digits behind a prefix.

    It takes as long for a wrong one as for the right one.
    """
    wanted = prefix + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    found = [each.strip().encode(errors="replace") for each in signatures]
    equal = [hmac.compare_digest(wanted.encode(), each) for each in found]
    return any(equal)


def name_of(text: str | None) -> str:
    """Make the name of somebody fit for a line and for a status."""
    return clean(text or "", LONGEST_NAME).strip()[:LONGEST_NAME] or NOBODY
