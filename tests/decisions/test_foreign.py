"""In a route of somebody else only weights change, and only in the rules that lead to the model."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import OriginalRule, RouteRef
from knowngood.decisions.foreign import (
    ForeignRule,
    Ref,
    choose,
    leading,
    route_view,
    stranger,
    weight_of,
)
from knowngood.decisions.parting import Parting
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.splicing import Share, restored, spliced

OLD: Ref = {"group": "", "kind": "Service", "name": "old", "port": 8080, "weight": 7}
SEVEN: Ref = {
    "kind": "Service",
    "name": "loan-7",
    "port": 80,
    "weight": 100,
    "filters": [{"type": "RequestHeaderModifier"}],
}
EIGHT: Ref = {"name": "loan-8", "port": 80, "weight": 10}
OURS = {"loan-6", "loan-7", "loan-8"}
VERSIONS = {"loan-6": "6", "loan-7": "7", "loan-8": "8"}


def a_rule(*refs: Ref, name: str = "predict", index: int = 0) -> ForeignRule:
    return ForeignRule("lending", index, name, refs)


def a_ref(*names: str, adopt: str | None = None) -> RouteRef:
    return RouteRef(name="edge", rule_names=names, adopt=adopt)


def shares(**weights: int) -> list[Share]:
    return [Share(f"loan-{version[1:]}", 80, weight) for version, weight in weights.items()]


RULES = (a_rule(name="predict"), a_rule(name="explain", index=1), a_rule(name="", index=2))


@pytest.mark.parametrize(
    ("rules", "names", "found"),
    [
        pytest.param(RULES, ("explain", "predict"), ["predict", "explain"], id="by name"),
        pytest.param(RULES[:1], (), ["predict"], id="the only one"),
        pytest.param(RULES, (), None, id="which of three"),
        pytest.param((), (), None, id="none at all"),
        pytest.param(RULES, ("nope",), None, id="no such rule"),
        pytest.param((*RULES, RULES[0]), ("predict",), None, id="two of that name"),
    ],
)
def test_the_rules_that_lead_to_a_model_are_plain_or_nothing_is_touched(
    rules: tuple[ForeignRule, ...], names: tuple[str, ...], found: list[str] | None
) -> None:
    chosen = choose(rules, a_ref(*names))

    if found is None:
        assert isinstance(chosen, SpecProblem)
        assert chosen.reason == "RuleAmbiguous"
        assert "spec.traffic.routeRef.ruleNames" in chosen.message
    else:
        assert not isinstance(chosen, SpecProblem)
        assert [rule.name for rule in chosen] == found


@pytest.mark.parametrize(
    ("backend", "strange"),
    [
        (SEVEN, False),
        (OLD, False),
        ({"name": "other", "port": 80}, True),
        ({**SEVEN, "namespace": "lending"}, False),
        ({**SEVEN, "namespace": "elsewhere"}, True),
        ({**SEVEN, "kind": "InferencePool", "group": "inference.networking.k8s.io"}, True),
    ],
)
def test_a_backend_that_is_of_no_version_is_named(backend: Ref, strange: bool) -> None:  # noqa: FBT001  - a table's column
    problem = stranger([a_rule(EIGHT, backend)], a_ref(adopt="old"), OURS)

    assert (problem is not None) is strange
    if problem is not None:
        assert problem.reason == "ForeignBackend"
        assert str(backend["name"]) in problem.message


@pytest.mark.parametrize(
    ("before", "wanted", "keep", "after"),
    [
        pytest.param(
            (OLD,), shares(v7=0), True, [(OLD, 7), ("loan-7", 0)], id="named beside the old one"
        ),
        pytest.param((OLD, SEVEN), shares(v7=100), True, [(OLD, 0), (SEVEN, 100)], id="takes over"),
        pytest.param((OLD, SEVEN), shares(v7=100), False, [(SEVEN, 100)], id="the old one goes"),
        pytest.param(
            (SEVEN,), shares(v7=90, v8=10), False, [(SEVEN, 90), ("loan-8", 10)], id="a canary"
        ),
        pytest.param(
            (SEVEN, EIGHT), shares(v7=100, v8=0), False, [(SEVEN, 100), (EIGHT, 0)], id="back"
        ),
        pytest.param((SEVEN, EIGHT), shares(v7=100), False, [(SEVEN, 100)], id="drained"),
        pytest.param((SEVEN,), shares(v7=0), False, [(SEVEN, 100)], id="never nobody"),
        pytest.param((), shares(v7=100), True, [("loan-7", 100)], id="an empty rule"),
    ],
)
def test_only_shares_change(
    before: tuple[Ref, ...],
    wanted: list[Share],
    keep: bool,  # noqa: FBT001  - a table's column
    after: list[tuple[Any, int]],
) -> None:
    found = spliced(a_rule(*before), wanted, OURS, "old", keep_adopted=keep)

    assert [weight_of(backend) for backend in found] == [weight for _, weight in after]
    for backend, (was, _) in zip(found, after, strict=True):
        if isinstance(was, Mapping):
            assert _rest(backend) == _rest(was)
            assert list(backend) == list(was)
        else:
            assert (backend["name"], backend["port"]) == (was, 80)


BACKENDS = st.lists(
    st.builds(
        lambda name, weight, more: {"name": name, "port": 80, **more} | weight,
        st.sampled_from(["loan-7", "loan-8", "old", "other", "more"]),
        st.sampled_from([{}, {"weight": 0}, {"weight": 1}, {"weight": 50}]),
        st.dictionaries(st.sampled_from(["filters", "x"]), st.integers()),
    ),
    max_size=5,
    unique_by=lambda backend: backend["name"],
)


@given(BACKENDS, st.integers(0, 100), st.booleans())
def test_whatever_is_in_a_rule_others_keep_it(
    backends: list[dict[str, Any]],
    weight: int,
    keep: bool,  # noqa: FBT001  - drawn
) -> None:
    wanted = shares(v7=100 - weight, v8=weight)
    rule = a_rule(*backends)

    once = spliced(rule, wanted, OURS, "old", keep_adopted=keep)
    twice = spliced(a_rule(*once), wanted, OURS, "old", keep_adopted=keep)

    others = [b for b in backends if b["name"] in {"other", "more"}]
    assert [b for b in once if b["name"] in {"other", "more"}] == others
    assert twice == once
    seen = {b["name"]: weight_of(b) for b in once}
    assert (seen["loan-7"], seen["loan-8"]) == (100 - weight, weight)
    for backend in once:
        before = next((b for b in backends if b["name"] == backend["name"]), None)
        assert before is None or _rest(before) == _rest(backend)


def test_requests_are_given_back_to_a_backend_that_is_known_and_from_one_that_still_is() -> None:
    original = [OriginalRule(rule="predict", backend_refs=(OLD,))]
    other: Ref = {"name": "other", "port": 1}

    named = restored(a_rule(SEVEN, other), original, OURS, None, Parting.NAMING)
    assert named == [{**OLD, "weight": 0}, SEVEN, other]
    given = restored(a_rule(*named), original, OURS, None, Parting.GIVING)
    assert given == [OLD, {**SEVEN, "weight": 0}, other]
    assert restored(a_rule(*given), original, OURS, None, Parting.LEAVING) == [OLD, other]


@pytest.mark.parametrize("step", Parting)
def test_what_is_given_back_is_never_taken_again(step: Parting) -> None:
    """A new process begins with the first step, wherever the last one was."""
    original = [OriginalRule(rule="predict", backend_refs=(OLD,))]
    idle = {**SEVEN, "weight": 0}

    given = restored(a_rule(OLD, idle), original, OURS, None, step)

    assert given == ([OLD] if step is Parting.LEAVING else [OLD, idle])
    assert restored(a_rule(OLD), original, OURS, None, step) == [OLD]


def test_the_requests_go_back_to_whom_they_went_before() -> None:
    original = [OriginalRule(rule="predict", backend_refs=(OLD, SEVEN))]
    other: Ref = {"name": "other", "port": 1}

    assert restored(a_rule(SEVEN, EIGHT, other), original, OURS, None, Parting.LEAVING) == [
        OLD,
        other,
    ]
    assert restored(a_rule(OLD, SEVEN), original, OURS, None, Parting.LEAVING) == [OLD]
    # Its owner has led it elsewhere meanwhile, or it was given back already.
    assert restored(a_rule(other), original, OURS, None, Parting.LEAVING) == [other]
    assert restored(a_rule(OLD), original, OURS, None, Parting.LEAVING) == [OLD]


def test_a_rule_is_never_left_without_weight() -> None:
    idle = [OriginalRule(rule="predict", backend_refs=({**OLD, "weight": 0},))]

    (back,) = restored(a_rule(SEVEN), idle, OURS, None, Parting.LEAVING)
    assert (back["name"], back["weight"]) == ("old", 100)


def test_where_the_origin_was_lost_the_adopted_service_gets_the_requests() -> None:
    assert restored(a_rule(SEVEN), [], OURS, "old", Parting.LEAVING) == [
        {"name": "old", "port": 80}
    ]
    assert restored(a_rule(SEVEN), [], OURS, "loan-7", Parting.LEAVING) == [SEVEN]


def test_a_rule_whose_origin_is_not_known_stays_as_it_is() -> None:
    only_ours = [OriginalRule(rule="predict", backend_refs=(SEVEN,))]

    assert restored(a_rule(EIGHT), [], OURS, None, Parting.LEAVING) == [EIGHT]
    assert restored(a_rule(EIGHT), only_ours, OURS, None, Parting.LEAVING) == [EIGHT]
    assert restored(a_rule(EIGHT, name="explain"), only_ours, OURS, None, Parting.LEAVING) == [
        EIGHT
    ]


def test_shares_are_those_that_all_rules_agree_on() -> None:
    one, other = a_rule(SEVEN, EIGHT), a_rule(SEVEN, {**EIGHT, "weight": 50})

    def seen(*rules: ForeignRule) -> tuple[Mapping[str, int], bool]:
        found = route_view(rules, a_ref(adopt="old"), {v: s for s, v in VERSIONS.items()})
        return found.weights, found.uneven

    assert seen(one, one) == ({"7": 100, "8": 10}, False)
    assert seen(one, other) == ({"7": 100, "8": 50}, True)
    assert seen(a_rule(SEVEN), a_rule({**SEVEN, "weight": 1})) == ({"7": 100}, False)
    assert seen(a_rule({**OLD, "weight": 0}, SEVEN)) == ({"7": 100}, False)
    assert seen(a_rule(OLD, SEVEN)) == ({"old": 7, "7": 100}, False)


def test_backends_that_split_as_they_should_keep_their_numbers() -> None:
    one: Ref = {**SEVEN, "weight": 1}
    assert spliced(a_rule(one), shares(v7=100), OURS, None, keep_adopted=False) == [one]
    half = [{**SEVEN, "weight": 3}, {**EIGHT, "weight": 3}]
    assert spliced(a_rule(*half), shares(v7=50, v8=50), OURS, None, keep_adopted=False) == half


def test_another_port_is_mended() -> None:
    wrong: Ref = {**SEVEN, "port": 9999}
    assert spliced(a_rule(wrong), shares(v7=100), OURS, None, keep_adopted=False) == [SEVEN]


def test_the_adopted_service_has_everything_while_no_version_does() -> None:
    """Also one that had weight 0: the first version has died, or another one is wanted."""
    idle: Ref = {**OLD, "weight": 0}
    found = spliced(a_rule(idle, SEVEN), shares(v8=0), OURS, "old", keep_adopted=True)

    assert [(b["name"], b["weight"]) for b in found] == [("old", 100), ("loan-8", 0)]


def test_a_rule_that_leads_to_a_version_is_ours_to_change_whatever_it_is_called() -> None:
    ours, other = a_rule(SEVEN, name="renamed"), a_rule(OLD, name="docs", index=1)

    rules, problem = leading([ours, other], a_ref("predict"), OURS)

    assert rules == (ours,)
    assert problem is not None
    assert problem.reason == "RuleAmbiguous"
    assert leading([ours, other], a_ref(), OURS)[0] == (ours,)
    assert leading([ours], a_ref(), OURS) == ((ours,), None)


def test_a_route_that_is_not_there_is_said() -> None:
    view = route_view(None, a_ref(), {})

    assert view.problem is not None
    assert view.problem.reason == "RouteNotFound"
    assert "there is no HTTPRoute edge" in view.message


def test_the_view_of_a_route_tells_what_was_there_and_who_uses_it() -> None:
    services = {version: service for service, version in VERSIONS.items()}
    view = route_view([a_rule(OLD)], a_ref(adopt="old"), services, ["no"], "lending/loan/u1")

    assert (dict(view.weights), view.programmed, view.message) == ({"old": 7}, False, "no")
    assert (view.adopted, view.problem, view.claimant) == (True, None, "lending/loan/u1")
    assert view.original == (OriginalRule(rule="predict", backend_refs=(OLD,)),)
    ours = route_view([a_rule(SEVEN)], a_ref(adopt="loan-7"), services)
    assert not ours.adopted


def _rest(backend: Ref) -> dict[str, Any]:
    return {key: value for key, value in backend.items() if key != "weight"}
