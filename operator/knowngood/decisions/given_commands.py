"""Commands as they are kept for a while, carried out or refused: a SIEM that is away hears of them later."""

from dataclasses import replace

from knowngood.api.v1alpha1 import GivenCommand, LastCommand
from knowngood.api.v1alpha1.command_status import MOST_COMMANDS
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, UNVERIFIED, recorded
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def kept(s: Situation, plan: Plan, done: LastCommand) -> Plan:
    """Write a command down, as the last one and behind those before; the oldest ones make room."""
    said = s.model.metadata.annotations.get(COMMAND_BY_ANNOTATION, "")
    # What nobody has proved is kept apart: it must not stand where a proved name does.
    claimed = recorded(said, proved=True) if done.by == UNVERIFIED else UNVERIFIED
    told = GivenCommand(
        seq=plan.commands[-1].seq + 1 if plan.commands else 1,
        nonce=done.nonce,
        verb=done.verb,
        version=done.version,
        by=done.by,
        claimed=None if claimed == UNVERIFIED else claimed,
        result=done.result,
        message=done.message or None,
        time=done.time,
    )
    return replace(plan, last_command=done, commands=(*plan.commands, told)[-MOST_COMMANDS:])
