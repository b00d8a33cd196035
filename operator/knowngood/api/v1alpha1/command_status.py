"""What people have asked for, as the status of a model tells it: the last command, its undo, a route held by hand."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.export_status import MOST_SINKS, Export
from knowngood.api.v1alpha1.scalars import Person, Text, VersionName, Word
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

MOST_COMMANDS: Final = 24
"""Commands that a status keeps; the oldest ones make room."""


class CommandResult(StrEnum):
    """What became of a command: Done or Refused."""

    DONE = "Done"
    REFUSED = "Refused"


class LastCommand(Wire):
    """The command that was given last, and what became of it."""

    nonce: Word
    """The command's last word; each command is carried out once."""

    verb: Word
    """What was asked for."""

    version: Word
    """The version that was named; of a command about a feed, the feed."""

    by: Person
    """Who asked, where that is proved; else `unverified`."""

    result: CommandResult
    """What became of it: Done or Refused."""

    message: Text = ""
    """Why it was refused, or what it went past."""

    time: MicroTime
    """When it was carried out or refused."""


class GivenCommand(Wire):
    """One of the commands that were given lately, and what became of it."""

    seq: Annotated[int, Field(ge=1)]
    """Number of the command, counted from 1."""

    nonce: Word
    """The command's last word."""

    verb: Word
    """What was asked for; empty where that could not be read."""

    version: Word
    """The version that was named; empty where that could not be read."""

    by: Person
    """Who asked, where that is proved; else `unverified`."""

    claimed: Person | None = None
    """Who asked, as whoever asked says; absent where that is proved, or where nobody is named."""

    result: CommandResult
    """What became of it: Done or Refused."""

    message: Text | None = None
    """Why it was refused, or what it went past."""

    time: MicroTime
    """When it was carried out or refused."""


class Commanded(Wire):
    """What people have asked for lately, and which SIEM was told of it."""

    commands: Annotated[tuple[GivenCommand, ...], listed(MOST_COMMANDS)] = ()
    """The commands that were given last, in order, carried out or refused; the oldest ones make room."""

    command_exports: Annotated[tuple[Export, ...], listed(MOST_SINKS, key="sink")] = ()
    """How far the commands have come to each SIEM; written after something has come there."""


class UndoneAction(StrEnum):
    """What an undo would reverse.

    A Step's weight, a Rollback, a Promotion, an undo that still waits (Return), or that the SafePath is taken.
    """

    STEP = "Step"
    ROLLBACK = "Rollback"
    PROMOTION = "Promotion"
    RETURN = "Return"
    SAFE_PATH = "SafePath"


class Undo(Wire):
    """What the command undo would do now."""

    action: UndoneAction
    """What it reverses: Step, Rollback, Promotion, Return or SafePath."""

    version: VersionName
    """The version that the action was about: the command has to name it."""

    to: Annotated[str, Field(max_length=40)] = ""
    """The version that would answer users again; empty where it stays the same one."""

    what: Text
    """What it would do, in words for people."""

    command: Word
    """Verb and version of the command."""


class Share(Wire):
    """The weight of one version in a route."""

    version: VersionName
    """The version."""

    weight: Count
    """Its weight."""


class RouteOverride(Wire):
    """Weights that a person has set by hand, and that are kept for a while."""

    weights: Annotated[tuple[Share, ...], listed(32, key="version")] = ()
    """The weights that were found in the route."""

    since: MicroTime
    """When they were found, or kept by command; they are put back an hour later."""
