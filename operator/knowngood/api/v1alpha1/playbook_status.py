"""What an incident's status keeps of what was looked at by itself when it opened."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import DnsLabel, Text
from knowngood.api.v1alpha1.wire import MicroTime, Wire

MOST_STEPS: Final = 8
MOST_CHANGES: Final = 20


class StepState(StrEnum):
    """How far a step is, and what came of it.

    Running: it goes on. Passed: nothing is wrong there. Found: something is. Failed: it could not be looked at.
    Skipped: there is nothing to look at, or too little to say.
    """

    RUNNING = "Running"
    PASSED = "Passed"
    FOUND = "Found"
    FAILED = "Failed"
    SKIPPED = "Skipped"


class PlaybookStep(Wire):
    """One thing that is looked at when an incident opens."""

    name: DnsLabel
    """What is looked at."""

    state: StepState
    """Running: it goes on. Passed: nothing is wrong there. Found: something is. Failed: it could not be looked at.
    Skipped: there is nothing to look at, or too little to say."""

    result: Text | None = None
    """What came of it, in words for people."""

    started_at: MicroTime
    """When it started."""

    finished_at: MicroTime | None = None
    """When it ended."""

    shared: Text | None = None
    """What was seen of all versions that answer the same requests, so that none of them is the cause; or of what feeds
    them. Absent where nothing was."""


class RecentChange(Wire):
    """Something that was changed before the harm began, or while it went on. That it was is no proof of anything."""

    time: MicroTime
    """When."""

    kind: Annotated[str, Field(min_length=1, max_length=63)]
    """What was changed: the kind of an object."""

    name: Annotated[str, Field(min_length=1, max_length=507)]
    """Its name; with its namespace where that is another one."""

    text: Text
    """What happened, in words for people."""


class Investigated(Wire):
    """What was looked at by itself."""

    steps: Annotated[tuple[PlaybookStep, ...], listed(MOST_STEPS, key="name")] = ()
    """What is looked at once by itself when what serves is found to be bad, and what came of it."""

    changes: Annotated[tuple[RecentChange, ...], listed(MOST_CHANGES)] = ()
    """What was changed in the 24 hours before the harm began, and since, the nearest to that instant first."""
