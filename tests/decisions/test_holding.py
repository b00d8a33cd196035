"""Claims about a version that keeps a share after another one was promoted, held against a walk of its own."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Phase, RolloutStatus, Standing, VerdictKind
from knowngood.decisions.conditions import conditions
from knowngood.decisions.phases import ROLLING, SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.holdbacks import FRESH, HELD, HOLDBACKS, before, held_back, seen
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import NOW, STATES

PROMOTING = STATES["promoted, holding back, not seen yet"]


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
        return plan.phase not in ROLLING or before(s).holdback is None

    assert offenders(ended) == []


def test_who_is_held_back_is_forgotten_only_when_it_gets_nothing_or_everything() -> None:
    def seen_to_be_over(s: Situation, plan: Plan) -> bool:
        if plan.holdback is not None or plan.stable == "7":
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


@pytest.mark.parametrize(
    ("verdict", "shown", "standing"),
    [
        (VerdictKind.HEALTHY, None, Standing.KNOWN_GOOD),
        (VerdictKind.HEALTHY, True, Standing.KNOWN_GOOD),
        (VerdictKind.HEALTHY, False, None),
        (VerdictKind.INCONCLUSIVE, None, None),
        (VerdictKind.BREACHED, None, Standing.SUSPECT),
    ],
)
def test_probation_ends_when_it_was_compared_and_is_shown_not_to_be_worse_where_that_is_asked(
    verdict: VerdictKind,
    shown: bool | None,  # noqa: FBT001  - a table's column
    standing: Standing | None,
) -> None:
    s = held_back("held back", serving=seen(verdict, shown=shown), route=programmed(HALF))

    plan = decide(s)

    assert [c.standing for c in plan.standings if c.version == "8"] == ([standing] * bool(standing))
    assert plan.shares["7"] == (0 if standing is Standing.KNOWN_GOOD else 5)


HALF = {"8": 95, "7": 5}


def test_the_promoted_version_gets_all_but_the_share_and_the_evidence_goes_on() -> None:
    s = a_situation(PROMOTING, route=programmed({"7": 5, "8": 95}))
    began = s.model.status.rollout.evidence_since  # type: ignore[union-attr]  # it is one of a rollout

    plan = decide(s)

    assert (plan.phase, plan.stable, dict(plan.shares)) == (Phase.PROBATION, "8", HALF)
    assert plan.holdback is not None
    assert (plan.holdback.version, plan.holdback.evidence_since) == ("7", began)
    assert plan.draining == ()
    assert [c.version for c in plan.standings] == ["8"]


def test_evidence_that_a_person_has_overruled_begins_anew() -> None:
    s = a_situation(PROMOTING, route=programmed({"7": 5, "8": 95}))
    status = s.model.status
    assert status is not None
    assert isinstance(status.rollout, RolloutStatus)
    forced = status.rollout.model_copy(update={"overruled": ("IncidentPolicy/lending/errors",)})
    model = s.model.model_copy(update={"status": status.model_copy(update={"rollout": forced})})

    plan = decide(replace(s, model=model))

    assert plan.holdback is not None
    assert plan.holdback.evidence_since == NOW


@pytest.mark.parametrize(
    "why",
    ["no traffic of ours", "sticky", "suspect", "returns", "no pod", "not recorded"],
)
def test_nothing_is_held_back_from_a_promotion(why: str) -> None:
    weights = {"7": 0, "8": 100}
    state = replace(PROMOTING, weights=weights, returns=why == "returns")
    if why == "returns":
        state = replace(state, stands={"8": Standing.KNOWN_GOOD})
    if why == "suspect":
        state = replace(state, stands={"7": Standing.SUSPECT})
    ready = {"7": 0 if why == "no pod" else 2, "8": 2}
    s = a_situation(state, ready=ready, route=programmed(weights))
    if why == "no traffic of ours":
        s = replace(s, route=None)
    if why == "sticky":
        assert s.route is not None
        s = replace(s, route=replace(s.route, sticky=True))
    if why == "not recorded":
        s = replace(s, versions={v: r for v, r in s.versions.items() if v != "7"})

    plan = decide(s)

    assert (plan.phase, dict(plan.shares), plan.holdback) == (Phase.PROBATION, weights, None)


def test_the_earlier_version_needs_the_pods_for_its_share_before_the_weight() -> None:
    """It has all of them while it is the stable one; fewer are kept once the gateway follows."""
    state = replace(PROMOTING, weights={"7": 50, "8": 50}, holdback=20)
    model = a_model(state, replicas=20)
    s = a_situation(state, model=model, ready={"7": 20, "8": 20}, route=programmed(state.weights))

    asked = decide(s)
    assert (dict(asked.shares), replicas_wanted(s, asked)["7"]) == ({"7": 20, "8": 80}, 20)
    there = replace(s, route=programmed(asked.weights))
    held = decide(there)

    assert held.holdback is not None
    wanted = replicas_wanted(there, held)
    assert (wanted["7"], wanted["8"]) == (4, 20)
    few = decide(replace(s, ready={"7": 3, "8": 20}))
    assert dict(few.shares) == {"7": 0, "8": 100}


def test_a_share_comes_back_with_the_pods_and_ends_when_they_go_again_and_again() -> None:
    s = held_back("held back", ready={"7": 0, "8": 2}, route=programmed(HALF))

    away = decide(s)

    assert dict(away.shares) == {"8": 100, "7": 0}
    assert away.holdback is not None
    assert away.holdback.withdrawals == 1
    back = decide(held_back("held back, without a share", route=programmed({"8": 100, "7": 0})))
    assert dict(back.shares) == {"8": 95, "7": 5}
    status = s.model.status
    assert status is not None
    assert status.holdback is not None
    often = status.holdback.model_copy(update={"withdrawals": 3})
    model = s.model.model_copy(update={"status": status.model_copy(update={"holdback": often})})
    last = decide(replace(s, model=model))
    assert last.holdback is not None
    assert (last.holdback.ends, dict(last.shares)) == (True, {"8": 100, "7": 0})


def test_clients_that_stay_find_the_version_out_of_the_route() -> None:
    asked = decide(held_back("held back", sticky=True, route=programmed(HALF)))
    assert dict(asked.shares) == {"8": 100}
    assert asked.holdback is not None

    left = decide(held_back("held back for nothing", sticky=True, route=programmed({"8": 100})))

    assert left.holdback is None
    assert [d.version for d in left.draining] == ["7"]


def test_the_spec_that_goes_back_to_who_is_held_back_finds_it_as_it_stood() -> None:
    s = held_back(
        "held back for nothing", desired="7", route=programmed({"8": 100, "7": 0}),
        standings={"7": Standing.KNOWN_GOOD, "8": Standing.PROBATION},
    )  # fmt: skip

    plan = decide(s)

    assert plan.holdback is None
    assert plan.standings == ()


def test_another_version_is_wanted_and_who_is_held_back_is_retired_first() -> None:
    asked = decide(held_back("held back", desired="9", route=programmed(HALF)))
    assert (asked.phase, dict(asked.shares)) == (Phase.PROBATION, {"8": 100, "7": 0})

    left = decide(
        held_back("held back for nothing", desired="9", route=programmed({"8": 100, "7": 0}))
    )

    assert (left.phase, left.holdback) == (Phase.PROBATION, None)
    assert ("7", Standing.RETIRED) in [(c.version, c.standing) for c in left.standings]


def test_a_freeze_keeps_the_share_and_does_not_keep_it_from_ending() -> None:
    held = decide(held_back("held back", desired="9", frozen="ask alice", route=programmed(HALF)))
    assert dict(held.shares) == HALF

    over = decide(held_back("held back, and known good", frozen="x", route=programmed(HALF)))

    assert dict(over.shares) == {"8": 100, "7": 0}


def test_weights_that_a_person_has_set_are_not_touched_by_the_end_of_a_probation() -> None:
    s = held_back("held back", frozen="ask alice", route=programmed({"8": 50, "7": 50}))
    status = s.model.status
    assert status is not None
    assert status.traffic is not None
    traffic = status.traffic.model_copy(update={"written": True})
    model = s.model.model_copy(
        update={
            "status": status.model_copy(update={"traffic": traffic}),
            "metadata": s.model.metadata.model_copy(
                update={"annotations": {"knowngood.dev/command": f"attest 8 {FRESH}"}}
            ),
        }
    )

    plan = decide(replace(s, model=model))

    assert plan.override is not None
    assert plan.holdback is not None
    assert (plan.holdback.ends, dict(plan.shares)) == (True, HALF)


def test_an_undone_promotion_keeps_the_share_until_the_earlier_version_has_it_all() -> None:
    begun = decide(
        held_back(
            "held back", command=f"undo 8 {FRESH}", ready={"7": 1, "8": 2}, route=programmed(HALF)
        )
    )
    assert (begun.phase, dict(begun.shares)) == (Phase.ROLLING_BACK, HALF)

    back = decide(
        held_back("returning from being held back", ready={"7": 2, "8": 2}, route=programmed(HALF))
    )

    assert (back.stable, dict(back.shares), back.holdback) == ("7", {"7": 100, "8": 0}, None)


def test_conditions_say_who_answers_and_who_could() -> None:
    s = held_back(
        "held back",
        route=programmed(HALF),
        standings={"7": Standing.KNOWN_GOOD, "8": Standing.PROBATION},
    )

    said = {c.type: (c.status, c.reason, c.message) for c in conditions(s, decide(s))}

    assert said["Ready"][2] == (
        "version 8 is promoted and in probation; version 7 keeps 5 % of the requests"
    )
    assert said["KnownGoodAvailable"][:2] == ("True", "StandsBy")
