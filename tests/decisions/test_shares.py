"""Claims about shares, copies and trials in every decision, held against the product of states and observations."""

import pytest

from knowngood.api.v1alpha1 import Phase
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from tests.decisions.walking import before, offenders, phase_of, walked

pytestmark = pytest.mark.xdist_group("walk")  # so that no more than one process walks


def test_shares_sum_to_100_whenever_anybody_is_served() -> None:
    def complete(_: Situation, plan: Plan) -> bool:
        return sum(plan.shares.values()) in {0, 100}

    assert offenders(complete) == []


def test_nobody_is_sent_copies_that_nobody_can_answer() -> None:
    def answered(s: Situation, plan: Plan) -> bool:
        # A command decides its own pass; the next one looks again.
        commanded = bool(s.model.metadata.annotations)
        return all(s.ready_of(v) > 0 for v in plan.copies) or bool(plan.blocked) or commanded

    assert offenders(answered) == []


def test_nobody_tries_a_version_that_can_not_answer_or_is_taken_back() -> None:
    def answered(s: Situation, plan: Plan) -> bool:
        # A command decides its own pass; the next one looks again.
        commanded = bool(s.model.metadata.annotations)
        stepping = plan.phase in {Phase.PROGRESSING, Phase.PAUSED}
        return not plan.tested or (stepping and (s.ready_of(plan.tested) > 0 or commanded))

    assert any(plan.tested for _, plan in walked())
    assert offenders(answered) == []


def test_copies_end_with_the_steps_of_a_rollout() -> None:
    """Those to a version that stands by are others: `test_copies_walked.py` says when they end."""

    def ended(_: Situation, plan: Plan) -> bool:
        of_rollout = plan.copies.keys() - {plan.shadow}
        return not of_rollout or plan.phase in {Phase.PROGRESSING, Phase.PAUSED}

    assert offenders(ended) == []


def test_a_share_never_rises_for_a_version_without_ready_endpoints() -> None:
    def prepared(s: Situation, plan: Plan) -> bool:
        had = before(s).shares
        rising = [v for v, weight in plan.shares.items() if weight > had.get(v, 0)]
        return all(s.ready_of(v) > 0 for v in rising)

    # A canary that nobody was seen to use is withdrawn whatever the stable version does: no request moves by it.
    assert offenders(lambda s, plan: prepared(s, plan) or not moves_requests(s, plan)) == []


def test_nobody_gets_a_first_share_before_the_gateway_knows_the_version() -> None:
    """A backend that is new to a gateway loses requests when it comes with a weight."""

    def named(s: Situation, plan: Plan) -> bool:
        had = before(s).shares
        first = {v for v, weight in plan.shares.items() if weight and not had.get(v)}
        # Requests go back to the stable version in any case, and the very first one has nobody beside it.
        first -= {before(s).stable} if before(s).stable else {plan.stable, s.desired}
        return s.route is None or first <= set(s.route.weights)

    assert offenders(named) == []


def moves_requests(s: Situation, plan: Plan) -> bool:
    return s.route is None or dict(s.route.weights) != {v: w for v, w in plan.shares.items() if w}


def test_traffic_never_goes_back_to_a_stable_version_that_is_not_ready() -> None:
    def holds(s: Situation, plan: Plan) -> bool:
        if phase_of(s) not in ROLLING or s.ready_of("7") > 0 or not before(s).shares.get("8"):
            return True
        return plan.shares.get("7", 0) <= before(s).shares["7"]

    assert offenders(holds) == []
