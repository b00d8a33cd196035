"""Requests that are not split as asked hold a promotion, and take nothing back."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, PolicyMode, VerdictKind
from knowngood.decisions.conditions import conditions
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_situation, a_trigger
from tests.decisions.states import STATES

WRONG = "version 8 gets 31 % of the requests of signal errors where 10 % is asked for"


def at_the_gate(mode: PolicyMode = PolicyMode.ACT) -> Situation:
    trigger = replace(a_trigger(VerdictKind.INCONCLUSIVE, mode=mode), mismatch=WRONG)
    return a_situation(STATES["at the gate"], triggers=(trigger,))


def stalled(s: Situation, plan: Plan) -> list[str]:
    return [c.message for c in conditions(s, plan) if c.type == "Stalled"]


def test_a_mismatch_holds_the_promotion_and_says_what_is_wrong() -> None:
    s = at_the_gate()
    plan = decide(s)

    assert plan.phase is Phase.PAUSED
    assert WRONG in stalled(s, plan)[0]
    assert ("ShareMismatch", True) in [(n.reason, n.warning) for n in plan.notices]


def test_a_mismatch_takes_nothing_back() -> None:
    s = at_the_gate()

    assert decide(s).shares == decide(replace(s, triggers=())).shares
    assert decide(s).phase is not Phase.ROLLING_BACK


def test_a_policy_that_only_observes_holds_nothing() -> None:
    s = at_the_gate(PolicyMode.OBSERVE)

    assert stalled(s, decide(s)) == []
    assert decide(s).phase is Phase.PROMOTING
