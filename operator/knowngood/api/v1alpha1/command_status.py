"""What people have asked for, as the status of a model tells it: the last command, its undo, a route held by hand."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import Person, Text, VersionName, Word
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire


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
