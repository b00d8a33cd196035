"""What a person's command does, or why it does nothing. Either way it is written down once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from knowngood.api.v1alpha1 import (
    CommandResult,
    FailureReason,
    LastCommand,
    Phase,
    RolloutFailure,
    RolloutStatus,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.attesting import attest, revoke
from knowngood.decisions.commands import (
    COMMAND_ANNOTATION,
    Command,
    Malformed,
    Verb,
    came_along,
    expiry,
    parse,
)
from knowngood.decisions.forcing import force
from knowngood.decisions.given_commands import kept
from knowngood.decisions.going_past import goes_past
from knowngood.decisions.handing_in import remember
from knowngood.decisions.leaving import roll_back
from knowngood.decisions.overriding import keep, release
from knowngood.decisions.pausing import is_paused, pause, resume, rolled_out
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, UNVERIFIED, asked_for_it, recorded
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.restoring import restore, retry
from knowngood.decisions.resuming_feeds import resume_feed
from knowngood.decisions.safety import why_not_back
from knowngood.decisions.situation import Situation
from knowngood.decisions.stepping import advance, start_promoting
from knowngood.decisions.taking_back import take_back
from knowngood.decisions.trigger_views import ActionKind
from knowngood.decisions.undoing import undo
from knowngood.decisions.watching import accept_watch, left_by
from knowngood.decisions.ways_back import NOWHERE, rollback_target

MESSAGE_LENGTH: Final = 1024

CAME_ALONG: Final = (
    "it is older than the model, so it came with a manifest that was saved; give it anew"
)


@dataclass(frozen=True, slots=True)
class _Given:
    """A command as it is written down; one that can not be read has a nonce at most."""

    verb: str
    version: str
    nonce: str
    by: str

    @property
    def words(self) -> tuple[str, str, str]:
        """All three words: two commands may be given in one second."""
        return self.verb, self.version, self.nonce

    @property
    def edge(self) -> str:
        """What tells its Events from those of other commands."""
        return f"command/{'/'.join(self.words)}"


def obey(s: Situation, plan: Plan) -> tuple[Plan, bool]:
    """Carry out the command on the object, if there is a new one.

    Returns:
        The plan with the command written down, and whether the command decided this pass.
    """
    text = s.model.metadata.annotations.get(COMMAND_ANNOTATION, "")
    if not text.strip():
        return plan, False
    command = parse(text)
    given = _given(s, command)
    last = plan.last_command
    if last is not None and (last.verb, last.version, last.nonce) == given.words:
        return plan, False
    outcome = _outcome(s, plan, command)
    if isinstance(outcome, str):
        return _refuse(s, plan, given, outcome), False
    override = goes_past(s, plan, given.verb, given.version)
    done = _record(s, outcome, given, CommandResult.DONE, override)
    who = f"a person asked ({UNVERIFIED})" if given.by == UNVERIFIED else f"{given.by} asked"
    text = f"{given.verb} {given.version}: carried out as {who}"
    text = f"{text}; {override}" if override else text
    return done.tell(Notice("CommandDone", text, given.edge)), True


def _given(s: Situation, command: Command | Malformed) -> _Given:
    meta = s.model.metadata
    # What came with a manifest was let pass unasked.
    proved = s.people_proved and not came_along(command, meta.creation_timestamp)
    by = recorded(meta.annotations.get(COMMAND_BY_ANNOTATION, ""), proved=proved)
    if isinstance(command, Malformed):
        return _Given("", "", command.nonce, by)
    return _Given(command.verb, command.version, command.nonce, by)


def _outcome(s: Situation, plan: Plan, command: Command | Malformed) -> Plan | str:
    if isinstance(command, Malformed):
        return command.reason
    stale = expiry(command, s.now)
    if stale is None and came_along(command, s.model.metadata.creation_timestamp):
        stale = CAME_ALONG
    frozen = s.frozen if command.verb in _GOES_ON else ""
    return stale or frozen or EFFECTS[command.verb](s, plan, command)


def _promote(s: Situation, plan: Plan, command: Command) -> Plan | str:
    rollout = rolled_out(s, plan, command.version)
    refused = rollout if isinstance(rollout, str) else _not_promoted(s, plan, rollout)
    if isinstance(rollout, str) or refused:
        return refused
    alone, plan = bool(left_by(s, plan)), accept_watch(s, plan)
    if rollout.step < len(s.steps) and s.steps[rollout.step].pause is None:
        return _let_weight(plan, rollout, alone=alone)
    if rollout.step + 1 >= len(s.steps):
        return start_promoting(s, plan, rollout)
    return advance(s, plan, rollout)


def _not_promoted(s: Situation, plan: Plan, rollout: RolloutStatus) -> str:
    """Say why a version that is rolled out is not promoted by a person; empty where it may be."""
    breached = [t for t in s.triggers if t.acts and t.verdict.kind is VerdictKind.BREACHED]
    if breached and all(t.action is ActionKind.GATE for t in breached):
        return f"trigger {breached[0].trigger} is a gate and is breached. The command force goes past the verdict"
    if breached:
        return (
            f"version {rollout.version} is breached; it goes back as soon as that is safe. The command force goes past "
            "the verdict"
        )
    if plan.phase is Phase.PROMOTING:
        return f"version {rollout.version} is being promoted already"
    return is_paused(rollout)


def _let_weight(plan: Plan, rollout: RolloutStatus, *, alone: bool) -> Plan | str:
    """Let a share be raised that waits for a person's word: nobody sees the version, or watches it any more."""
    if rollout.waiting_for is WaitingFor.DATA:
        return replace(plan, rollout=rollout.model_copy(update={"unseen": rollout.step}))
    if alone:
        return plan
    return f"step {rollout.step + 1} waits for pods or for the gateway, not for a person"


def _rollback(s: Situation, plan: Plan, command: Command) -> Plan | str:
    if plan.phase in RESTING and command.version == plan.stable:
        to = rollback_target(s, plan)
        manual = FailureReason.MANUAL
        return take_back(s, plan, manual, _asked(s, command), to=to) if to else NOWHERE
    return _go_back(s, plan, command, FailureReason.MANUAL)


def _go_back(s: Situation, plan: Plan, command: Command, reason: FailureReason) -> Plan | str:
    rollout = rolled_out(s, plan, command.version)
    if isinstance(rollout, str):
        promoted = plan.stable == command.version and reason is FailureReason.ABORTED
        return f"{rollout}; use rollback to take a promotion back" if promoted else rollout
    blocked = why_not_back(s, plan, None)
    if blocked is not None:
        return blocked.message
    text = _asked(s, command)
    return roll_back(s, plan, RolloutFailure(reason=reason, message=text, detected_at=s.now))


def _asked(s: Situation, command: Command) -> str:
    """Say who wanted a version back; where nobody can prove it, only that somebody did."""
    return asked_for_it(_given(s, command).by, command.verb)


_GOES_ON: Final = frozenset({Verb.PROMOTE, Verb.RETRY, Verb.FORCE})
"""Verbs that a freeze forbids; the way back is always open."""

EFFECTS: Final[Mapping[Verb, Callable[[Situation, Plan, Command], Plan | str]]] = {
    Verb.PROMOTE: _promote,
    Verb.ABORT: partial(_go_back, reason=FailureReason.ABORTED),
    Verb.ROLLBACK: _rollback,
    Verb.RETRY: retry,
    Verb.UNDO: undo,
    Verb.FORCE: force,
    Verb.PAUSE: pause,
    Verb.RESUME: resume,
    Verb.KEEP: keep,
    Verb.RELEASE: release,
    Verb.ATTEST: attest,
    Verb.REVOKE: revoke,
    Verb.REMEMBER: remember,
    Verb.RESTORE: restore,
    Verb.RESUME_FEED: resume_feed,
}
"""What each verb does: a new plan, or in words why not."""


def _refuse(s: Situation, plan: Plan, given: _Given, why: str) -> Plan:
    refused = _record(s, plan, given, CommandResult.REFUSED, why)
    return refused.tell(Notice("CommandRefused", why, given.edge, warning=True))


def _record(s: Situation, plan: Plan, given: _Given, result: CommandResult, message: str) -> Plan:
    done = LastCommand(
        nonce=given.nonce,
        verb=given.verb,
        version=given.version,
        by=given.by,
        result=result,
        message=message[:MESSAGE_LENGTH],
        time=s.now,
    )
    return kept(s, plan, done)
