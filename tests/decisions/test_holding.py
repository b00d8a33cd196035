"""Claims about a version that keeps a share after another one was promoted, held against a walk of its own."""

from collections.abc import Callable
from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.phases import ROLLING, SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.holdbacks import HELD, before, held_back, holdbacks, seen

HOLDBACKS = tuple((s, decide(s)) for s in holdbacks())
"""Every situation with its decision."""


def offenders(claim: Callable[[Situation, Plan], bool]) -> list[str]:
    """Walk, and tell the situations in which a claim does not hold, in few words."""
    found = [(s, plan) for s, plan in HOLDBACKS if not claim(s, plan)]
    return [
        f"{before(s).phase} {dict(before(s).shares)} -> {plan.phase} {dict(plan.shares)} {plan.holdback}:"
        f" ready {s.ready}, route {s.route and s.route.weights}, desired {s.desired}, frozen {s.frozen!r},"
        f" {s.standing_of('7')}, {dict(s.model.metadata.annotations)}"
        for s, plan in found[:3]
    ]


def answering(plan: Plan) -> set[str]:
    return {version for version, share in plan.shares.items() if share > 0}


def test_no_more_than_two_versions_ever_answer_and_the_shares_are_whole() -> None:
    assert (
        offenders(lambda _, plan: len(answering(plan)) <= 2 and sum(plan.shares.values()) == 100)
        == []
    )


def test_a_share_beside_the_version_that_serves_is_always_somebodys() -> None:
    """It is a canary's, or that of the version that is held back: no share is left behind."""

    def owned(_: Situation, plan: Plan) -> bool:
        held = plan.holdback.version if plan.holdback else ""
        return answering(plan) <= {plan.stable, plan.canary, held}

    assert offenders(owned) == []


def test_nobody_is_held_back_in_a_rollout_or_after_a_rollback() -> None:
    def at_rest(_: Situation, plan: Plan) -> bool:
        return plan.holdback is None or plan.phase in SERVING | {Phase.ROLLING_BACK}

    assert offenders(at_rest) == []


def test_a_rollout_starts_only_when_the_share_was_seen_to_be_0() -> None:
    def ended(s: Situation, plan: Plan) -> bool:
        return plan.phase not in ROLLING or before(s).holdback is None or comes_back(s, plan)

    assert offenders(ended) == []


def comes_back(s: Situation, plan: Plan) -> bool:
    """Version 7 itself is wanted, and known good: it keeps its share until it has everything."""
    rollout = plan.rollout
    back = rollout is not None and (rollout.version, rollout.returns) == ("7", True)
    return back and plan.shares == before(s).shares


def test_who_is_held_back_is_forgotten_only_when_it_gets_nothing_or_everything() -> None:
    def seen_to_be_over(s: Situation, plan: Plan) -> bool:
        if plan.holdback is not None or plan.stable == "7" or comes_back(s, plan):
            return True
        if plan.rollout is not None and plan.rollout.returning:
            return True  # it is brought back
        assert s.route is not None
        return s.route.programmed and s.route.weights.get("7", 0) == 0 and "7" in drains(plan)

    def drains(plan: Plan) -> set[str]:
        return {d.version for d in plan.draining}

    assert offenders(seen_to_be_over) == []


def test_a_version_without_a_pod_gets_no_share_while_another_one_could_answer() -> None:
    def able(s: Situation, plan: Plan) -> bool:
        given = plan.shares.get("7", 0)
        raised = given > before(s).shares.get("7", 0)
        if s.ready_of("7") == 0 and raised:
            return False
        return s.ready_of("7") > 0 or s.ready_of("8") == 0 or given == 0

    assert offenders(able) == []


def test_the_share_does_not_go_to_a_promoted_version_that_has_no_pod() -> None:
    def kept(s: Situation, plan: Plan) -> bool:
        alone = s.ready_of("8") == 0 and s.ready_of("7") > 0
        return not alone or plan.shares.get("7", 0) >= before(s).shares["7"]

    assert offenders(kept) == []


def test_what_is_found_in_probation_moves_nothing_by_itself() -> None:
    """A breach is told and keeps the version from being called known good; the share stays where it is."""

    def still(s: Situation, plan: Plan) -> bool:
        if s.serving != seen(VerdictKind.BREACHED):
            return True
        unseen = decide(replace(s, serving=None))
        return (plan.shares, plan.phase) == (unseen.shares, unseen.phase)

    assert offenders(still) == []


def test_a_share_that_ends_is_not_given_back() -> None:
    def over(s: Situation, plan: Plan) -> bool:
        was = before(s).holdback
        if was is None or not was.ends:
            return True
        again = plan.holdback is not None and not plan.holdback.ends
        return not again and plan.shares.get("7", 0) in {0, before(s).shares["7"], 100}

    assert offenders(over) == []


def test_the_version_that_is_held_back_keeps_pods_for_its_share() -> None:
    def has_pods(s: Situation, plan: Plan) -> bool:
        wanted = replicas_wanted(s, plan)
        if not plan.shares.get("7", 0):
            return True
        return "7" in wanted and (wanted["7"] is None or wanted["7"] > 0)

    assert offenders(has_pods) == []


def test_every_state_is_left_for_the_right_end() -> None:
    ends = {
        name: {plan.phase for s, plan in HOLDBACKS if before(s) == before(held_back(name))}
        for name in HELD
    }

    assert Phase.GUARDING in ends["held back"]
    assert Phase.ROLLING_BACK in ends["held back"]
