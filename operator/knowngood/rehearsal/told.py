"""What is asked of a rehearsal and what it has found, as values: nothing in here asks or moves anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from knowngood.api.v1alpha1 import VerdictKind


class Impossible(Exception):
    """It can not be rehearsed; the text says what to mend."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be rehearsed.

    Attributes:
        stable: The version that served; empty: as the records say.
        standby: The one that stood by; empty: likewise.
        rollout: The version that was rolled out; empty: none, and the version that served is judged.
    """

    namespace: str
    model: str
    begins: datetime
    ends: datetime
    stable: str = ""
    standby: str = ""
    rollout: str = ""


class Matter(StrEnum):
    """What an entry is about."""

    FOUND = "found"
    TOLD = "would tell"
    HELD = "would hold"
    DONE = "would do"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, or would have.

    Attributes:
        verdict: What the trigger says; None where it is about something else.
    """

    at: datetime
    matter: Matter
    text: str
    verdict: VerdictKind | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What one trigger said in the end.

    Attributes:
        policy: Kind and name.
        acts: Whether it may move traffic; else it only tells.
    """

    policy: str
    name: str
    acts: bool
    verdict: VerdictKind
    message: str


@dataclass(frozen=True, slots=True)
class Act:
    """The first thing that would have been done, or held.

    Attributes:
        moves: Whether requests would have gone to another version.
        text: What it is.
        onset: When the harm is estimated to have begun; None where nobody can tell.
    """

    at: datetime
    moves: bool
    text: str
    onset: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Everything that is told in the end.

    Attributes:
        begins: The instant from which on is replayed.
        until: The last instant that was replayed.
        ends: The instant up to which was asked for.
        standby: The version that stood by; empty where none did.
        rollout: The version that was rolled out, and is judged; empty where the one that serves is.
        entries: In the order of their times.
        triggers: Those that judge the version, as they were in the end.
        acts: What would have been done: first what is held, then what moves traffic, where it comes to that.
        incident: The incident as it would read; None where none would have been opened.
        notes: What has to be known to read this.
    """

    namespace: str
    model: str
    stable: str
    standby: str
    rollout: str
    begins: datetime
    ends: datetime
    until: datetime
    entries: tuple[Entry, ...]
    triggers: tuple[Trigger, ...]
    acts: tuple[Act, ...]
    incident: Mapping[str, Any] | None
    notes: tuple[str, ...]
