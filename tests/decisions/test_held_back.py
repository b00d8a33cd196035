"""Who keeps a share after a promotion, for how long, and how it ends: edge by edge."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Phase, RolloutStatus, Standing, VerdictKind
from knowngood.decisions.adopting import DRAIN
from knowngood.decisions.conditions import conditions
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.holdbacks import FRESH, held_back, seen
from tests.decisions.situations import a_model, a_situation, programmed
from tests.decisions.states import NOW, STATES

SHARES = {"8": 95, "7": 5}
PROMOTING = STATES["promoted, holding back, not seen yet"]


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
    s = held_back("held back", serving=seen(verdict, shown=shown), route=programmed(SHARES))

    plan = decide(s)

    assert [c.standing for c in plan.standings if c.version == "8"] == ([standing] * bool(standing))
    assert plan.shares["7"] == (0 if standing is Standing.KNOWN_GOOD else 5)


def with_rollout(**written: Any) -> Situation:
    s = a_situation(PROMOTING, route=programmed({"7": 5, "8": 95}))
    status = s.model.status
    assert status is not None
    assert isinstance(status.rollout, RolloutStatus)
    rollout = status.rollout.model_copy(update=written)
    model = s.model.model_copy(update={"status": status.model_copy(update={"rollout": rollout})})
    return replace(s, model=model)


def test_the_promoted_version_gets_all_but_the_share_and_the_evidence_goes_on() -> None:
    s = with_rollout(planned="2h0m0s")
    began = s.model.status.rollout.evidence_since  # type: ignore[union-attr]  # it is one of a rollout

    plan = decide(s)

    assert (plan.phase, plan.stable, dict(plan.shares)) == (Phase.PROBATION, "8", SHARES)
    assert plan.holdback is not None
    assert (plan.holdback.version, plan.holdback.evidence_since) == ("7", began)
    assert plan.holdback.planned == "2h0m0s"
    assert plan.draining == ()
    assert [c.version for c in plan.standings] == ["8"]


def test_evidence_that_a_person_has_overruled_begins_anew() -> None:
    plan = decide(with_rollout(overruled=("IncidentPolicy/lending/errors",)))

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
    # Those that go have answered their last requests by then.
    assert replicas_wanted(there, held)["7"] is None
    assert held.holdback.since == NOW
    wanted = replicas_wanted(replace(there, now=NOW + DRAIN), held)
    assert (wanted["7"], wanted["8"]) == (4, 20)
    few = decide(replace(s, ready={"7": 3, "8": 20}))
    assert dict(few.shares) == {"7": 0, "8": 100}


def test_pods_that_are_needed_no_more_go_without_anything_else_happening() -> None:
    s = held_back("held back", route=programmed(SHARES))
    status = s.model.status
    assert status is not None
    assert status.holdback is not None
    held = status.holdback.model_copy(update={"since": NOW})
    model = s.model.model_copy(update={"status": status.model_copy(update={"holdback": held})})

    assert decide(replace(s, model=model)).wake_at == NOW + DRAIN


def test_a_share_comes_back_with_the_pods_and_ends_when_they_go_again_and_again() -> None:
    s = held_back("held back", ready={"7": 0, "8": 2}, route=programmed(SHARES))

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
    asked = decide(held_back("held back", sticky=True, route=programmed(SHARES)))
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


def test_a_known_good_version_that_is_held_back_keeps_its_share_on_its_way_back() -> None:
    """It goes back also where the promoted version has no pod at all."""
    s = held_back(
        "held back", desired="7", route=programmed(SHARES), ready={"7": 1, "8": 0},
        standings={"7": Standing.KNOWN_GOOD, "8": Standing.PROBATION},
    )  # fmt: skip

    plan = decide(s)

    assert (plan.phase, plan.canary, plan.holdback) == (Phase.PROGRESSING, "7", None)
    assert dict(plan.shares) == SHARES
    assert replicas_wanted(s, plan)["7"] == 2


def test_a_share_that_nobody_could_take_over_stays_and_it_is_said() -> None:
    s = held_back("held back", desired="9", route=programmed(SHARES), ready={"7": 1, "8": 0})

    plan = decide(s)

    assert dict(plan.shares) == SHARES
    assert plan.blocked is not None
    assert "take the promotion back (undo, rollback)" in plan.blocked.message
    assert [n.reason for n in plan.notices] == ["HoldbackEnds", "FallbackNotReady"]


@pytest.mark.parametrize("command", ["", f"undo 8 {FRESH}"])
def test_also_a_share_that_was_to_end_is_kept_on_the_way_back(command: str) -> None:
    s = held_back(
        "held back", desired="8" if command else "7", command=command, ready={"7": 1, "8": 0},
        standings={"7": Standing.KNOWN_GOOD, "8": Standing.PROBATION}, route=programmed(SHARES),
    )  # fmt: skip
    status = s.model.status
    assert status is not None
    assert status.holdback is not None
    held = status.holdback.model_copy(update={"ends": True})
    model = s.model.model_copy(update={"status": status.model_copy(update={"holdback": held})})

    plan = decide(replace(s, model=model))

    assert plan.phase is (Phase.ROLLING_BACK if command else Phase.PROGRESSING)
    assert dict(plan.shares) == SHARES


def test_another_version_is_wanted_and_who_is_held_back_is_retired_first() -> None:
    asked = decide(held_back("held back", desired="9", route=programmed(SHARES)))
    assert (asked.phase, dict(asked.shares)) == (Phase.PROBATION, {"8": 100, "7": 0})

    left = decide(
        held_back("held back for nothing", desired="9", route=programmed({"8": 100, "7": 0}))
    )

    assert (left.phase, left.holdback) == (Phase.PROBATION, None)
    assert ("7", Standing.RETIRED) in [(c.version, c.standing) for c in left.standings]


def test_a_freeze_keeps_the_share_and_does_not_keep_it_from_ending() -> None:
    held = decide(held_back("held back", desired="9", frozen="ask alice", route=programmed(SHARES)))
    assert dict(held.shares) == SHARES

    over = decide(held_back("held back, and known good", frozen="x", route=programmed(SHARES)))

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
    assert (plan.holdback.ends, dict(plan.shares)) == (True, SHARES)


def test_an_undone_promotion_keeps_the_share_until_the_earlier_version_has_it_all() -> None:
    begun = decide(
        held_back(
            "held back", command=f"undo 8 {FRESH}", ready={"7": 1, "8": 2}, route=programmed(SHARES)
        )
    )
    assert (begun.phase, dict(begun.shares)) == (Phase.ROLLING_BACK, SHARES)

    back = decide(
        held_back(
            "returning from being held back", ready={"7": 2, "8": 2}, route=programmed(SHARES)
        )
    )

    assert (back.stable, dict(back.shares), back.holdback) == ("7", {"7": 100, "8": 0}, None)


def test_conditions_say_who_answers_and_who_could() -> None:
    s = held_back(
        "held back",
        route=programmed(SHARES),
        standings={"7": Standing.KNOWN_GOOD, "8": Standing.PROBATION},
    )

    said = {c.type: (c.status, c.reason, c.message) for c in conditions(s, decide(s))}

    assert said["Ready"][2] == (
        "version 8 is promoted and in probation; version 7 keeps 5 % of the requests"
    )
    assert said["KnownGoodAvailable"][:2] == ("True", "StandsBy")
