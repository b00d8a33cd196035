"""Commands of people as records: what was asked of a model, by whom, and what became of it."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    CommandResult,
    DeploymentStatus,
    GivenCommand,
    Severity,
)
from knowngood.decisions.people import UNVERIFIED
from knowngood.exporting.cursors import GIVEN_FOR, with_export

_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "commands.knowngood.dev")


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command that a SIEM is told of.

    Attributes:
        model: What it was given to. Only what does not change any more may be read from it.
        command: What was asked, and what became of it.
    """

    model: AIModelDeployment
    command: GivenCommand

    @property
    def uid(self) -> str:
        """The same whenever, and wherever, this is sent; another one for a command after a status was lost."""
        command = self.command
        what = f"{command.seq}/{command.time.isoformat()}/{command.nonce}"
        return str(uuid.uuid5(_SPACE, f"{self.model.metadata.uid}/{what}"))

    @property
    def at(self) -> datetime:
        """When it was carried out or refused."""
        return self.command.time

    @property
    def number(self) -> int:
        """Its number among the commands of the model."""
        return self.command.seq

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        return "command"

    @property
    def severity(self) -> Severity | None:
        """A command that is carried out is news; one that is refused may be an attempt."""
        return Severity.LOW if self.is_refused else None

    @property
    def is_refused(self) -> bool:
        """Whether nothing was done."""
        return self.command.result is CommandResult.REFUSED

    @property
    def by(self) -> str:
        """Who gave it, where that is proved; else empty."""
        return "" if self.command.by == UNVERIFIED else self.command.by

    @property
    def said(self) -> str:
        """Verb and version, as far as they could be read."""
        return f"{self.command.verb} {self.command.version}".strip() or "what can not be read"

    @property
    def words(self) -> str:
        """The record in one sentence."""
        who = self.by or f"somebody ({UNVERIFIED})"
        name = f"{self.model.metadata.namespace}/{self.model.metadata.name}"
        became = "it was refused" if self.is_refused else "it was carried out"
        why = f": {self.command.message}" if self.command.message else ""
        return f"{who} gave {name} the command {self.said}; {became}{why}"


def given(model: AIModelDeployment) -> tuple[GivenCommand, ...]:
    """The commands that a model still knows of, in order."""
    return tuple(model.status.commands) if model.status else ()


def command_position(model: AIModelDeployment, sink: str, now: datetime) -> int:
    """Number of the last command that a sink is not to be told of, or not any more.

    One that has taken none begins with what was given lately, and with what is still known.
    """
    status = model.status or DeploymentStatus()
    for export in status.command_exports:
        if export.sink == sink:
            return export.seq
    lately = (c.seq for c in status.commands if now - c.time < GIVEN_FOR)
    return next(lately, status.commands[-1].seq + 1 if status.commands else 1) - 1


def commands_since(model: AIModelDeployment, seq: int) -> tuple[CommandRecord, ...]:
    """Tell the commands beyond a number, in order."""
    return tuple(CommandRecord(model, c) for c in given(model) if c.seq > seq)


def with_command_export(
    model: AIModelDeployment, sink: str, seq: int, sinks: Collection[str]
) -> DeploymentStatus:
    """Note how far a sink has come with the commands of a model."""
    status = model.status or DeploymentStatus()
    exports = with_export(status.command_exports, sink, seq, sinks)
    return status.model_copy(update={"command_exports": exports})
