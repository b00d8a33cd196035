"""`knowngood incident approve` and `veto`: answer what an incident asks people."""

from collections.abc import Iterable
from typing import Final

import click

from knowngood.api.v1alpha1 import ActionRecord, ActionState, ActionType, Incident
from knowngood.api.v1alpha1.approvals import MOST_ANSWERS, ApprovalAnswer, ApprovalDecision
from knowngood.cli.cluster import Cluster, Object
from knowngood.cli.incident import (
    NAME,
    NOTE,
    answer,
    incident_called,
    is_closed,
    whoever_asks,
)
from knowngood.cli.options import WORDS, connect, placed
from knowngood.cli.outcome import REFUSED, Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Problem
from knowngood.cli.views.begun import BEGUN, begun_in_words
from knowngood.cli.views.incident import is_open
from knowngood.cli.views.lines import Tone

_ASKED: Final = frozenset(
    {ActionType.SHIFT_TO_SHADOW, ActionType.SAFE_PATH, ActionType.SUSPEND_FEED}
)
_SAID: Final = {ApprovalDecision.APPROVE: "approved", ApprovalDecision.REJECT: "vetoed"}


@click.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option("--action", metavar="ID", help="Which action, where several wait: its id.")
@click.option("--note", metavar="TEXT", help="What you want to say; everybody reads it.")
@placed
def approve(name: str, action: str | None, note: str | None, **place: str | None) -> int:
    """Approve what an incident asks people about. All conditions of a shift are asked again before it begins.

    Exit codes: 0 written; 1 nothing waits for it, it is vetoed, or the incident is closed; 2 usage, or the API server
    cannot be reached or refuses.
    """
    return _say(ApprovalDecision.APPROVE, name, action, note, place)


@click.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option("--action", metavar="ID", help="Which action, where several wait: its id.")
@click.option("--note", metavar="TEXT", help="What you want to say; everybody reads it.")
@placed
def veto(name: str, action: str | None, note: str | None, **place: str | None) -> int:
    """Say that what an incident asks people about is not done. A veto counts for more than any approval, and is final.

    Exit codes: 0 written; 1 nothing waits any more, or the incident is closed; 2 usage, or the API server cannot be
    reached or refuses.
    """
    return _say(ApprovalDecision.REJECT, name, action, note, place)


def _say(
    decision: ApprovalDecision,
    name: str,
    action: str | None,
    note: str | None,
    place: dict[str, str | None],
) -> int:
    if note is not None and len(note) > NOTE:
        raise Problem(f"--note: at most {NOTE} characters")
    cluster = connect(**place)
    found, _ = incident_called(cluster, name)
    if not is_open(found):
        return is_closed(found)
    asked = _asked(found, action)
    if isinstance(asked, str):
        Printer().say(asked)
        return REFUSED
    me, said, printer = whoever_asks(cluster), found.spec.approvals, Printer()
    mine = [a.decision for a in said if (a.action_id, a.by) == (asked.id, me)]
    if decision in mine:
        printer.say(f"{asked.id} of {name} is {_SAID[decision]} already, by {me}")
        return Exit.DONE
    no = next((a.by for a in said if a.action_id == asked.id and _is_no(a)), "")
    if no:
        printer.say(f"{asked.id} of {name} is vetoed already, by {no}: that is final")
        return REFUSED
    if len(said) >= MOST_ANSWERS:
        raise Problem(
            f"{name} holds {MOST_ANSWERS} answers already: close it, or use the commands of the model"
        )
    mine_now = ApprovalAnswer(action_id=asked.id, decision=decision, by=me, note=note or None)
    _add(cluster, found, mine_now)
    lacks = _lacks(asked, (*said, mine_now)) if decision is ApprovalDecision.APPROVE else ""
    printer.say(f"{asked.id} of {name} is {_SAID[decision]} by {me}{lacks}", Tone.GOOD)
    return Exit.DONE


def _lacks(asked: ActionRecord, said: Iterable[ApprovalAnswer]) -> str:
    """Say that more people have to approve; empty where enough have."""
    yes = {a.by for a in said if a.action_id == asked.id and not _is_no(a)}
    people = asked.approval.people if asked.approval else 1
    if len(yes) >= people:
        return ""
    return f"; that is {len(yes)} of {people}: somebody else has to approve it too"


def _add(cluster: Cluster, found: Incident, mine: ApprovalAnswer) -> None:
    """Add an answer to those that are there; when somebody else has answered in the same moment, to theirs too."""
    try:
        answer(cluster, found, _with(found, mine))
    except Problem:
        later, _ = incident_called(cluster, found.metadata.name)
        same = later.metadata.uid == found.metadata.uid
        if not same or later.spec.approvals == found.spec.approvals:
            raise
        answer(cluster, later, _with(later, mine))


def _with(found: Incident, mine: ApprovalAnswer) -> Object:
    return {"approvals": [one.wire() for one in (*found.spec.approvals, mine)]}


def _is_no(said: ApprovalAnswer) -> bool:
    return said.decision is ApprovalDecision.REJECT


def _asked(found: Incident, named: str | None) -> ActionRecord | str:
    """Find what is answered; say in words why there is nothing."""
    actions = found.status.actions if found.status else ()
    name = found.metadata.name
    see = f"see: knowngood incident show {name} -n {found.metadata.namespace}"
    if named is not None and all(a.id != named for a in actions):
        raise Problem(f"--action: {name} has no action {named[:40]!r}; {see}")
    waiting = [a for a in actions if a.state is ActionState.WAITING and named in {None, a.id}]
    if len(waiting) > 1:
        ids = ", ".join(f"{a.id} {a.type} {a.feed or ''}".rstrip() for a in waiting)
        raise Problem(
            f"--action: several actions of {name} wait ({ids}); each is answered for itself: say which, "
            f"as in --action {waiting[0].id}"
        )
    if waiting:
        return waiting[0]
    shifts = [a for a in actions if a.type in _ASKED and named in {None, a.id}]
    begun = shifts[-1] if shifts else None
    if begun is not None and begun.state in BEGUN:
        return begun_in_words(found, begun)
    refused = [a for a in shifts if a.state is ActionState.REJECTED]
    if refused:
        no = next(
            (a.by for a in found.spec.approvals if a.action_id == refused[-1].id and _is_no(a)), ""
        )
        by = f" by {no}" if no else ""
        return f"{refused[-1].id} of {name} was vetoed{by}: that is final; {see}"
    return f"nothing of {named or name} waits for people; {see}"
