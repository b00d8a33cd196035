"""Commands to the operator: which version is meant, how it is written, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, CommandResult, LastCommand
from knowngood.cli.views.phrases import names, on_safe_path
from knowngood.decisions.calling import order
from knowngood.decisions.commands import CLOCK_SKEW, COMMAND_ANNOTATION, Command, Verb, parse
from knowngood.decisions.people import COMMAND_BY_ANNOTATION


@dataclass(frozen=True, slots=True)
class Guess:
    """A version that was not named, and why it can only be this one."""

    version: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command.

    Attributes:
        done: It was carried out; else it was refused, or its place was taken.
    """

    done: bool
    text: str


REACH: Final = {
    Verb.PROMOTE: "lets it go past what it waits for",
    Verb.ABORT: "takes it back, without an incident",
    Verb.ROLLBACK: (
        "takes it back, with an incident; users of a version that serves go to the known good one that stands by, "
        "else to the one from before"
    ),
    Verb.RETRY: "rolls it out once more",
    Verb.RESTORE: "lets it answer users again: from the safe path at once, after a containment step by step",
    Verb.UNDO: "reverses what was done last",
    Verb.FORCE: "promotes it past the verdict that is breached",
    Verb.PAUSE: "takes no further step with it",
    Verb.RESUME: "lets it go on",
    Verb.KEEP: "keeps the weights that were set by hand for another hour",
    Verb.RELEASE: "puts the route back as Knowngood asks for it",
    Verb.ATTEST: "calls it known good",
    Verb.REVOKE: "calls it known good no more",
}
"""What each verb does to a version."""


def guess(model: AIModelDeployment, verb: Verb) -> Guess | str:
    """Take the version that a command without one means; where that is not plain, say in words why not."""
    return _GUESSES.get(verb, _rolled_out)(model)


def _rolled_out(model: AIModelDeployment) -> Guess | str:
    canary, desired = names(model).canary, model.spec.model.version
    if not canary:
        return f"no version of {model.metadata.name} is being rolled out; name one with --version"
    if canary != desired:
        return (
            f"version {canary} is being rolled out, but the spec asks for version {desired}: say which one you mean "
            "with --version"
        )
    return Guess(canary, "it is being rolled out")


def _last_rolled_out(model: AIModelDeployment) -> Guess | str:
    rollout, desired = model.status.rollout if model.status else None, model.spec.model.version
    if rollout is not None and rollout.version == desired:
        return Guess(desired, "it was rolled out last")
    return _rolled_out(model)


def _answering(model: AIModelDeployment) -> Guess | str:
    stable = names(model).stable
    return Guess(stable, "it answers users") if stable else "no version answers users yet"


def _restored(model: AIModelDeployment) -> Guess | str:
    if on_safe_path(model) is not None:
        return _answering(model)
    return Guess(model.spec.model.version, "the spec asks for it")


def _last_done(model: AIModelDeployment) -> Guess | str:
    undo = model.status.undo if model.status else None
    if undo is None:
        return f"there is nothing to undo for {model.metadata.name}"
    return Guess(undo.version, undo.what)


_GUESSES: Final[Mapping[Verb, Callable[[AIModelDeployment], Guess | str]]] = {
    Verb.RETRY: lambda model: Guess(model.spec.model.version, "the spec asks for it"),
    Verb.RESTORE: _restored,
    Verb.UNDO: _last_done,
    Verb.FORCE: _last_rolled_out,
    Verb.KEEP: _answering,
    Verb.RELEASE: _answering,
    Verb.ATTEST: _answering,
    Verb.REVOKE: _answering,
}
"""How a version is found that is not named; for other verbs it is the one that is being rolled out."""


def written(verb: Verb, version: str, now: datetime, token: str) -> str:
    """Write a command as the annotation has it.

    Args:
        verb: What is asked for.
        version: For which version.
        now: Aware; a command is good for ten minutes from here.
        token: Letters and digits that no other command has.
    """
    return f"{verb} {version} {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}-{token}"


def annotations(text: str, person: str) -> dict[str, str | None]:
    """The annotations that give a command.

    Args:
        text: The command.
        person: Who gives it; empty where that is not known. A name of somebody else must not stay beside it.
    """
    return {COMMAND_ANNOTATION: text, COMMAND_BY_ANNOTATION: person or None}


def answer(model: AIModelDeployment, text: str) -> Answer | None:
    """Say what became of a command; None while the operator has not answered.

    Args:
        model: As it is now.
        text: The command, as it was written.
    """
    given = parse(text)
    last = model.status.last_command if model.status else None
    if isinstance(given, Command) and last is not None and _is(last, given):
        return _answered(last, given)
    found = model.metadata.annotations.get(COMMAND_ANNOTATION, "")
    # An annotation that is gone means nothing: GitOps tools remove it, and the operator may have read it before.
    if found and found.split() != text.split():
        return Answer(done=False, text=f"another command took its place: {found}")
    return None


def is_pending(model: AIModelDeployment) -> bool:
    """Say whether there is a command that the operator has not answered."""
    command = parse(model.metadata.annotations.get(COMMAND_ANNOTATION, ""))
    last = model.status.last_command if model.status else None
    return isinstance(command, Command) and (last is None or not _is(last, command))


def silence(model: AIModelDeployment, seconds: float) -> str:
    """Say that the operator did not answer, and what to do."""
    if model.spec.suspend:
        return "spec.suspend is true: the command is carried out if that ends within ten minutes"
    return (
        f"the operator has not answered within {seconds:g} seconds: is it running? It may still carry the command out, "
        f"for ten minutes; see: {order(model, 'status')}"
    )


def _is(last: LastCommand, given: Command) -> bool:
    return (last.verb, last.version, last.nonce) == (given.verb, given.version, given.nonce)


def _answered(last: LastCommand, given: Command) -> Answer:
    if last.result is CommandResult.DONE:
        more = f": {last.message}" if last.message else ""
        return Answer(done=True, text=f"Done: {last.verb} {last.version}{more}")
    apart = last.time - given.given_at
    clock = (
        f" (this machine's clock and the operator's are {abs(int(apart.total_seconds()))} seconds apart)"
        if abs(apart) > CLOCK_SKEW
        else ""
    )
    return Answer(done=False, text=f"Refused: {last.message}{clock}")
