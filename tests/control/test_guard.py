from typing import Any

import pytest

from knowngood.decisions.trigger_views import ActionKind
from tests.control.guarding import KEY, PROPORTION, Watch, budget, proportions
from tests.control.manifests import (
    a_cluster_policy,
    a_policy,
    a_template,
    a_trigger,
)


@pytest.mark.parametrize(
    ("policy", "speaks"),
    [
        pytest.param(a_policy(), True, id="its labels fit"),
        pytest.param(a_policy(selector={}), True, id="everything in the namespace"),
        pytest.param(a_policy(selector={"matchLabels": {"team": "x"}}), False, id="other labels"),
        pytest.param(a_cluster_policy(), True, id="of the cluster"),
        pytest.param(
            a_cluster_policy(namespaceSelector={"matchLabels": {"kind": "regulated"}}),
            True,
            id="the namespace fits",
        ),
        pytest.param(
            a_cluster_policy(namespaceSelector={"matchLabels": {"kind": "test"}}),
            False,
            id="another kind of namespace",
        ),
    ],
)
def test_a_policy_speaks_for_the_models_it_selects(
    policy: dict[str, Any],
    speaks: bool,  # noqa: FBT001  - a table's column
) -> None:
    watch = Watch(a_template(), policy, labels={"kind": "regulated"})

    assert bool(watch.bound()) is speaks
    problem = watch.guard.problem(watch.model)
    assert (problem is None) is speaks
    assert problem is None or problem.reason == "NoPolicy"


def test_policies_that_only_observe_guard_nobody_and_say_so() -> None:
    observing = Watch(a_template(), a_policy(mode="Observe"))
    both = Watch(a_template(), a_policy(mode="Observe"), a_cluster_policy())

    problem = observing.guard.problem(observing.model)
    assert problem is not None
    assert problem.reason == "ObserveOnly"
    assert both.guard.problem(both.model) is None


def test_only_a_signal_that_counts_holds_a_promotion() -> None:
    value = a_template("drift", value={"query": "model_drift"})
    drifts = a_trigger("drifts", "drift", threshold={"above": "0.2", "window": "1m"})
    errors, drift = (f"IncidentPolicy/lending/lending/{t}" for t in ("errors-rise", "drifts"))
    both = a_policy(triggers=[drifts, a_trigger()])
    for manifests, does in (
        ((), {}),
        ((a_template(), a_policy(mode="Observe")), {}),
        ((a_template(), a_policy()), {errors: "Promotion"}),
        ((a_policy(),), {errors: None}),  # its template may come any moment
        ((value, a_policy(triggers=[drifts])), {drift: "Breaches"}),
        ((value, a_template(), both), {errors: "Promotion", drift: "Breaches"}),
    ):
        assert dict(Watch(*manifests).guard.watch(KEY)) == does


def test_a_policy_of_another_namespace_does_not_speak() -> None:
    elsewhere = a_policy()
    elsewhere["metadata"]["namespace"] = "other"

    assert Watch(a_template(), elsewhere).bound() == {}


def test_the_budget_is_shared_by_all_triggers_that_act() -> None:
    watch = Watch(
        a_policy("one", triggers=proportions("a", "b")),
        a_cluster_policy("two", triggers=proportions("c", "d")),
    )

    assert [b.alpha for b in watch.bound().values()] == pytest.approx([0.00225] * 4)


def test_watching_more_makes_nothing_act_later() -> None:
    alone = Watch(a_policy("one", triggers=proportions("a"))).bound()["a"].alpha
    beside = Watch(
        a_policy("one", triggers=proportions("a")),
        a_policy("two", mode="Observe", triggers=proportions("b", "c", "d")),
    ).bound()

    assert beside["a"].alpha == alone == pytest.approx(0.009)
    assert [beside[name].acts for name in "abcd"] == [True, False, False, False]


def test_a_trigger_that_only_notifies_spends_nothing_of_those_that_act() -> None:
    (told,) = proportions("told")
    policy = a_policy(triggers=[*proportions("acts"), {**told, "use": "Notify"}])

    bound = Watch(policy).bound()

    assert bound["acts"].alpha == pytest.approx(0.009)
    assert not bound["told"].acts


def test_a_gate_acts_takes_nothing_back_and_spends_nothing_of_those_that_do() -> None:
    (gate,) = proportions("gate")
    bound = Watch(a_policy(triggers=[*proportions("acts"), {**gate, "use": "Gate"}])).bound()

    assert (bound["acts"].alpha, bound["gate"].alpha) == pytest.approx((0.009, 0.009))
    assert (bound["gate"].acts, bound["gate"].takes_back, bound["acts"].takes_back) == (
        True,
        False,
        True,
    )


def test_gates_alone_guard_nobody_and_say_so() -> None:
    gates = Watch(a_template(), a_policy(triggers=[{**a_trigger(), "use": "Gate"}]))

    problem = gates.guard.problem(gates.model)
    assert problem is not None
    assert problem.reason == "ObserveOnly"
    assert "Gate" in problem.message


def test_a_gate_on_a_value_is_told_to_hold_nothing() -> None:
    value = a_template("drift", value={"query": "model_drift"})
    limit = a_trigger("drifts", "drift", threshold={"above": "0.2", "window": "1m"})
    watch = Watch(value, a_policy(triggers=[{**limit, "use": "Gate"}, a_trigger()]), a_template())

    problem = watch.guard.problem(watch.model)
    assert problem is not None
    assert problem.reason == "NoSignals"
    assert "spec.triggers[drifts].use" in problem.message


DOES = [
    pytest.param({}, {}, "Promotion", id="default"),
    pytest.param({"critical": False}, {}, "Breaches", id="not waited for"),
    pytest.param({"use": "Gate"}, {}, "Gate", id="a gate"),
    pytest.param({}, {"nonInferior": {"margin": "5pp"}}, "Proof", id="proof"),
    pytest.param({"use": "Gate"}, {"nonInferior": {"margin": "5pp"}}, "GateProof", id="a gate with proof"),
]  # fmt: skip


@pytest.mark.parametrize(("trigger", "test", "does"), DOES)
def test_what_a_trigger_does_follows_from_its_use(
    trigger: dict[str, Any], test: dict[str, Any], does: str
) -> None:
    one = {**a_trigger(proportion={**PROPORTION, **test}), **trigger}

    found = Watch(a_template(), a_policy(triggers=[one])).guard.watch(KEY)
    assert list(found.values()) == [does]


def test_the_strictest_budget_holds_and_thresholds_spend_none() -> None:
    limit = a_trigger("limit", threshold={"above": "0.05", "window": "5m"})
    watch = Watch(
        a_policy("one", triggers=[*proportions("a"), limit], limits=budget("4%")),
        a_policy("two", triggers=proportions("b"), limits=budget("2%")),
    )

    bound = watch.bound()

    alphas = bound["a"].alpha, bound["b"].alpha, bound["limit"].alpha
    assert alphas == pytest.approx((0.009, 0.009, 0.0))


def test_a_share_that_is_asked_for_is_kept_and_takes_nothing_from_the_others() -> None:
    triggers = [*proportions("a", share="0.4%"), *proportions("b", "c")]

    bound = Watch(a_policy(triggers=triggers)).bound()

    assert bound["a"].alpha == pytest.approx(0.004)
    assert bound["b"].alpha == bound["c"].alpha == pytest.approx(0.0045)


@pytest.mark.parametrize(
    ("responses", "action"),
    [
        pytest.param([], ActionKind.ROLLBACK, id="the built-in answer"),
        pytest.param([{"name": "x", "actions": [{"hold": {}}]}], ActionKind.HOLD, id="hold"),
        pytest.param(
            [
                {"name": "x", "when": {"triggers": ["other"]}, "actions": [{"hold": {}}]},
                {"name": "y", "actions": [{"rollback": {}}]},
            ],
            ActionKind.ROLLBACK,
            id="the first that fits",
        ),
    ],
)
def test_the_first_response_that_fits_answers(
    responses: list[dict[str, Any]], action: ActionKind
) -> None:
    (bound,) = Watch(a_policy(responses=responses)).bound().values()

    assert bound.action is action


def test_a_policy_that_comes_later_is_bound_at_once() -> None:
    watch = Watch(a_template(), a_policy("one", triggers=proportions("a")))
    before = watch.bound()
    assert watch.bound()["a"] is before["a"]

    watch.put(a_policy("two", triggers=proportions("b")))

    assert {n: b.alpha for n, b in watch.bound().items()} == pytest.approx(
        {"a": 0.0045, "b": 0.0045}
    )
