"""The version that stands by, and the way back to it."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    DeploymentStatus,
    Observed,
    Phase,
    Role,
    Standing,
    VerdictKind,
    WaitingFor,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.records import version_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import RouteView, Situation
from knowngood.decisions.transition import decide
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.situations import (
    a_model,
    a_situation,
    a_trigger,
    programmed,
    written,
)
from tests.decisions.states import STATES

GOOD = {"7": Standing.KNOWN_GOOD, "8": Standing.TRIAL}
WARM, COLD, NONE = ({"standby": kind, "replicas": 2} for kind in ("Warm", "Cold", "None"))


def seen(
    state: str,
    shadow: dict[str, Any] | None = WARM,
    *,
    desired: str = "8",
    **rest: Any,
) -> Situation:
    spec: dict[str, Any] = {} if shadow is None else {"shadow": shadow}
    written = STATES[state]
    return a_situation(written, model=a_model(written, desired=desired, replicas=3, **spec), **rest)


def condition(s: Situation, plan: Plan, kind: str) -> tuple[str, str]:
    status: DeploymentStatus = status_of(s, plan)
    return next((c.status, c.reason) for c in status.conditions if c.type == kind)


FULL = {"7": 3, "8": 3}


@pytest.mark.parametrize(
    ("shadow", "standing", "stands_by"),
    [
        pytest.param(WARM, Standing.KNOWN_GOOD, True, id="warm"),
        pytest.param(COLD, Standing.KNOWN_GOOD, True, id="cold"),
        pytest.param(NONE, Standing.KNOWN_GOOD, False, id="none is wanted"),
        pytest.param(None, Standing.KNOWN_GOOD, False, id="nothing is said"),
        pytest.param(WARM, Standing.PROBATION, False, id="not proved"),
        pytest.param(WARM, Standing.SUSPECT, False, id="suspect"),
    ],
)
def test_only_a_known_good_version_stands_by_after_a_promotion(
    shadow: dict[str, Any] | None, standing: Standing, *, stands_by: bool
) -> None:
    standings = {"7": standing, "8": Standing.TRIAL}
    s = seen("promoted, not seen yet", shadow, ready=FULL, standings=standings)

    plan = decide(s)

    assert plan.phase is Phase.PROBATION
    assert plan.shadow == ("7" if stands_by else "")
    after = version_status(s, plan, s.versions["7"])
    assert after.role is Role.STABLE, "a record follows what is written of the model"
    assert after.standing is (Standing.KNOWN_GOOD if stands_by else Standing.RETIRED)
    role = version_status(written(s, plan), plan, s.versions["7"]).role
    assert role is (Role.SHADOW if stands_by else Role.NONE)


def test_there_is_one_standby_and_the_newest() -> None:
    state = replace(STATES["promoted, not seen yet"], shadow="6")
    s = a_situation(
        state,
        model=a_model(state, shadow=WARM),
        standings={**GOOD, "6": Standing.KNOWN_GOOD},
    )

    plan = decide(s)

    assert plan.shadow == "7"
    assert [(c.version, c.standing) for c in plan.standings] == [
        ("6", Standing.RETIRED),
        ("8", Standing.PROBATION),
    ]


def test_a_version_that_is_not_good_leaves_the_standby_where_it_is() -> None:
    state = replace(STATES["promoted, not seen yet"], shadow="6")
    standings = {"6": Standing.KNOWN_GOOD, "7": Standing.PROBATION, "8": Standing.TRIAL}

    plan = decide(a_situation(state, model=a_model(state, shadow=WARM), standings=standings))

    assert plan.shadow == "6"


@pytest.mark.parametrize(
    ("shadow", "weights", "pods"),
    [
        pytest.param(WARM, {"7": 100}, 2, id="warm"),
        pytest.param(COLD, {"7": 100}, 0, id="cold"),
        pytest.param(WARM, {"7": 60, "8": 40}, None, id="somebody still sends it requests"),
    ],
)
def test_pods_of_a_standby(
    shadow: dict[str, Any], weights: dict[str, int], pods: int | None
) -> None:
    s = seen("at rest, with a standby", shadow, desired="7", route=programmed(weights))

    wanted = replicas_wanted(s, plan_of(s.model))

    assert wanted == {"7": 3, "8": pods, "bad": 0}


def test_a_standby_that_nobody_wants_any_more_is_retired() -> None:
    s = seen("at rest, with a standby", NONE, desired="7")

    plan = decide(s)

    assert plan.shadow == ""
    assert version_status(s, plan, s.versions["8"]).standing is Standing.RETIRED
    assert "8" not in replicas_wanted(s, plan)


@pytest.mark.parametrize(
    ("shadow", "change", "told"),
    [
        pytest.param(WARM, {}, ("True", "StandsBy"), id="warm"),
        pytest.param(WARM, {"ready": {"7": 3}}, ("False", "FallbackNotReady"), id="no pod"),
        pytest.param(COLD, {"ready": {"7": 3}}, ("True", "StandsBy"), id="cold has none"),
        pytest.param(
            COLD,
            {"missing": {"8": ("ConfigMap rules",)}},
            ("False", "ReferencedObjectMissing"),
            id="what it needs is gone",
        ),
    ],
)
def test_people_are_told_whether_there_is_a_way_back(
    shadow: dict[str, Any], change: dict[str, Any], told: tuple[str, str]
) -> None:
    s = seen("at rest, with a standby", shadow, desired="7", **change)

    assert condition(s, decide(s), "KnownGoodAvailable") == told


def test_what_a_standby_lacks_is_recorded() -> None:
    s = seen("at rest, with a standby", desired="7", missing={"8": ("ConfigMap rules",)})
    record = s.versions["8"]
    lacking = record.model_copy(update={"status": version_status(s, decide(s), record)})

    assert lacking.status is not None
    assert lacking.status.observed == Observed(missing_refs=("ConfigMap rules",))
    unknown = replace(s, missing={}, versions={**s.versions, "8": lacking})
    assert version_status(unknown, decide(unknown), lacking) == lacking.status


@pytest.mark.parametrize(("missing", "within"), [((), 300), (("ConfigMap rules",), 30)])
def test_what_a_standby_lacks_is_looked_for_again_soon(
    missing: tuple[str, ...], within: int
) -> None:
    s = seen("at rest, with a standby", desired="7", missing={"8": missing})
    plan = decide(s)

    assert plan.wake_at is not None
    assert (plan.wake_at - s.now).total_seconds() == within


def test_a_known_good_version_comes_back_without_steps_and_keeps_its_standing() -> None:
    """Situation 2: the spec goes back from 7 to 8, which is known good and means the same."""
    s = seen("at rest, with a standby")

    plan = decide(s)

    assert (plan.phase, plan.canary, plan.shadow) == (Phase.PROGRESSING, "8", "")
    assert plan.rollout is not None
    assert plan.rollout.returns
    assert plan.shares == {"7": 100, "8": 0}
    assert plan.standings == ()
    assert replicas_wanted(s, plan)["8"] == 3


def test_a_retired_version_is_rolled_out_in_steps() -> None:
    """Situation 4."""
    s = seen("at rest", standings={"7": Standing.KNOWN_GOOD, "8": Standing.RETIRED})

    plan = decide(s)

    assert plan.rollout is not None
    assert not plan.rollout.returns
    assert (plan.rollout.step, plan.standings[0].standing) == (0, Standing.CANDIDATE)


def test_a_version_that_is_tried_again_stands_by_no_more() -> None:
    """Situation 18: the role of a canary wins."""
    s = seen("at rest, with a standby")
    plan = decide(s)

    assert version_status(written(s, plan), plan, s.versions["8"]).role is Role.CANARY
    assert status_of(s, plan).versions is not None
    assert condition(s, plan, "KnownGoodAvailable") == ("True", "StableServing")


@pytest.mark.parametrize(
    ("ready", "route", "waits"),
    [
        pytest.param({"7": 3, "8": 2}, {"7": 100, "8": 0}, WaitingFor.PODS, id="too few pods"),
        pytest.param(FULL, {"7": 100}, WaitingFor.ROUTE, id="the gateway does not know it"),
        pytest.param(FULL, {"7": 100, "8": 0}, None, id="all is there"),
    ],
)
def test_capacity_comes_first_and_then_all_requests_at_once(
    ready: dict[str, int], route: dict[str, int], waits: WaitingFor | None
) -> None:
    s = seen("coming back", ready=ready, route=RouteView(route, programmed=True))

    plan = decide(s)

    assert plan.rollout is not None
    assert plan.phase is (Phase.PROMOTING if waits is None else Phase.PROGRESSING)
    assert waits in {None, plan.rollout.waiting_for}
    assert plan.shares == {"7": 100, "8": 0}


@pytest.mark.parametrize("kind", [VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR])
def test_the_absence_of_data_does_not_stop_a_way_back(kind: VerdictKind) -> None:
    s = seen("coming back", ready=FULL, triggers=(a_trigger(kind),))

    assert decide(s).phase is Phase.PROMOTING


def test_a_version_that_is_seen_breached_does_not_come_back() -> None:
    s = seen("coming back", ready=FULL, triggers=(a_trigger(VerdictKind.BREACHED),))

    plan = decide(s)

    assert (plan.phase, plan.shares) == (Phase.ROLLING_BACK, {"7": 100, "8": 0})


def test_a_version_that_runs_other_contents_does_not_come_back() -> None:
    s = seen("coming back", ready=FULL, standings={**GOOD, "8": Standing.SUSPECT})

    plan = decide(s)

    assert plan.phase is Phase.ROLLING_BACK
    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.reason == "ContentChanged"


def test_who_came_back_keeps_its_standing_and_the_other_one_stands_by() -> None:
    s = seen("coming back, not seen yet", ready=FULL)

    plan = decide(s)

    assert (plan.phase, plan.stable, plan.shadow) == (Phase.PROBATION, "8", "7")
    assert plan.standings == ()


def test_who_is_not_wanted_any_more_on_its_way_back_stands_by_again() -> None:
    s = seen("coming back", desired="7", ready=FULL)
    back = decide(s)
    model = s.model.model_copy(update={"status": status_of(s, back)})

    plan = decide(replace(s, model=model, route=programmed({"7": 100, "8": 0})))

    assert back.phase is Phase.ROLLING_BACK
    assert (plan.phase, plan.shadow, plan.standings) == (Phase.ROLLED_BACK, "8", ())


def test_a_way_back_that_fails_makes_a_version_suspect_and_not_rejected() -> None:
    s = seen("coming back", ready={"7": 3}, triggers=(a_trigger(VerdictKind.BREACHED),))
    back = decide(s)
    model = s.model.model_copy(update={"status": status_of(s, back)})

    plan = decide(
        replace(s, model=model, triggers=(), route=programmed({"7": 100, "8": 0}), incident=None)
    )

    assert plan.phase in {Phase.ROLLING_BACK, Phase.ROLLED_BACK}
    assert {c.standing for c in plan.standings} == {Standing.SUSPECT}
