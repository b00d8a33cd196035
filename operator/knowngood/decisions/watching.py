"""Rollouts whose policy is taken away.

A policy that was deleted or edited by mistake must not let a version through that it would have judged. So the most
that policies did is remembered until a version is promoted; where they do less, a person is asked.
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import WaitingFor, Watch
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.situation import Situation

_RISING: Final = (None, Watch.BREACHES, Watch.PROMOTION)


def remember_watch(s: Situation, plan: Plan) -> Plan:
    """Note what policies do, if that is more than they were seen to do before."""
    return replace(plan, watch=max(plan.watch, s.watch, key=_RISING.index))


def accept_watch(s: Situation, plan: Plan) -> Plan:
    """A person has said that the rollout may go on as it is watched now."""
    return replace(plan, watch=s.watch)


def is_left_alone(s: Situation, plan: Plan) -> bool:
    """Say whether policies do less for this rollout than they did before."""
    return _RISING.index(s.watch) < _RISING.index(plan.watch)


def left_alone(version: str) -> str:
    """Say so."""
    return (
        f"version {version} waits for a person: a policy in mode Act that watched is gone or watches less now; it goes "
        "on when one watches again, or by the promote command"
    )


def ask_a_person(plan: Plan) -> Plan:
    """Wait, and say for whom."""
    if plan.rollout is None:
        return plan
    key = edge_key(plan.rollout, "left-alone")
    notice = Notice("LeftAlone", left_alone(plan.rollout.version), key, warning=True)
    return plan.waiting(WaitingFor.PERSON).tell(notice)
