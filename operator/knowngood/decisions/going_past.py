"""What a command that is carried out goes past, or does: written down with it."""

from typing import Final

from knowngood.api.v1alpha1 import WaitingFor
from knowngood.decisions.commands import Verb
from knowngood.decisions.exposing import blind
from knowngood.decisions.forcing import went_past
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Plan
from knowngood.decisions.resuming_feeds import what_it_does
from knowngood.decisions.situation import Situation
from knowngood.decisions.undoing import will_do
from knowngood.decisions.ways_back import where_to

_UNSEEN: Final = "an override: its signals could not be seen"


def goes_past(s: Situation, plan: Plan, verb: str, named: str) -> str:
    """Say what a command goes past, or does; empty where that is plain from its verb.

    Args:
        s: What is decided on.
        plan: What was planned before it.
        verb: Of the command.
        named: The version, or the feed, that it names.
    """
    unread = plan.rollout is not None and plan.rollout.waiting_for is WaitingFor.DATA
    if verb == Verb.PROMOTE and (blind(s) or unread):
        return _UNSEEN
    if verb == Verb.FORCE:
        return went_past(s, plan)
    if verb == Verb.ROLLBACK and plan.phase in RESTING:
        return where_to(s, plan)
    if verb == Verb.RESUME_FEED:
        return what_it_does(s, plan, named)
    return will_do(s, plan) if verb in {Verb.UNDO, Verb.RESTORE} else ""
