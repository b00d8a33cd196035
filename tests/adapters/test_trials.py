"""Rules for trial requests beside the ordinary ones."""

from typing import Any

import pytest

from knowngood.adapters.kubernetes.route_views import reduce_route
from knowngood.adapters.kubernetes.routes import render
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend
from tests.control.manifests import a_model

TRIAL = {"header": "X-Preview", "value": "canary", "metrics": "Excluded"}
MARK = "X-Knowngood-Test"
STABLE = Backend("7", "loan-7", 80, 100)
MODIFIER = "requestHeaderModifier"


def rules(*backends: Backend, trial: Any = TRIAL, **rule: Any) -> list[dict[str, Any]]:
    body = a_model()
    body["spec"]["traffic"]["gatewayAPI"]["rules"] = [{"name": "predict", **rule}]
    if trial is not None:
        body["spec"]["traffic"]["testTraffic"] = trial
    route = render(AIModelDeployment.model_validate(body), backends)
    found: list[dict[str, Any]] = route["spec"]["rules"]
    return found


def test_requests_with_the_header_go_to_the_canary_alone_and_are_marked() -> None:
    matches = [
        {"path": {"value": "/a"}, "headers": [{"name": "x", "value": "y"}]},
        {"method": "GET"},
    ]

    trial, plain = rules(STABLE, Backend("8", "loan-8", 80, 0, tested=True), matches=matches)

    asked = {"type": "Exact", "name": "X-Preview", "value": "canary"}
    assert trial["name"] == "knowngood-test.predict"
    assert trial["matches"] == [
        {"path": {"value": "/a"}, "headers": [{"name": "x", "value": "y"}, asked]},
        {"method": "GET", "headers": [asked]},
    ]
    assert [(b["name"], b["weight"]) for b in trial["backendRefs"]] == [("loan-8", 1)]
    assert [f[MODIFIER] for f in trial["filters"]] == [{"set": [{"name": MARK, "value": "true"}]}]
    assert plain["matches"] == matches
    assert [b["name"] for b in plain["backendRefs"]] == ["loan-7", "loan-8"]


@pytest.mark.parametrize("tested", [True, False])
def test_no_stranger_marks_a_request_themselves(tested: bool) -> None:  # noqa: FBT001  - a table's column
    plain = rules(STABLE, Backend("8", "loan-8", 80, 0, tested=tested))[-1]

    assert [f[MODIFIER] for f in plain["filters"]] == [{"remove": [MARK]}]


def test_the_mark_of_golden_requests_is_taken_off_what_users_send_also_without_trials() -> None:
    body = a_model()
    golden = {"name": "typical", "request": {"path": "/predict"}}
    body["spec"]["fallback"] = {"smoke": [golden], "metrics": "Excluded"}

    (plain,) = render(AIModelDeployment.model_validate(body), (STABLE,))["spec"]["rules"]

    assert [f[MODIFIER] for f in plain["filters"]] == [{"remove": [MARK]}]


def test_filters_of_the_user_stay_and_there_is_one_that_changes_headers() -> None:
    """A gateway may take no more than one of them."""
    theirs = {
        "set": [{"name": "a", "value": "1"}, {"name": MARK.lower(), "value": "true"}],
        "remove": ["b", MARK],
    }
    filters = [{"type": "URLRewrite"}, {"type": "RequestHeaderModifier", MODIFIER: theirs}]

    trial, plain = rules(STABLE, Backend("8", "loan-8", 80, 0, tested=True), filters=filters)

    kept = {"name": "a", "value": "1"}
    assert [f["type"] for f in plain["filters"]] == ["URLRewrite", "RequestHeaderModifier"]
    assert plain["filters"][1][MODIFIER] == {"set": [kept], "remove": ["b", MARK]}
    assert trial["filters"][1][MODIFIER] == {
        "set": [kept, {"name": MARK, "value": "true"}],
        "remove": ["b"],
    }


def test_a_trial_request_is_copied_to_nobody() -> None:
    trial, plain = rules(STABLE, Backend("8", "loan-8", 80, 0, mirror=20, tested=True))

    assert "RequestMirror" not in [f["type"] for f in trial["filters"]]
    assert "RequestMirror" in [f["type"] for f in plain["filters"]]


def test_without_trials_a_route_is_what_it_was() -> None:
    (plain,) = rules(STABLE, trial=None)

    assert "filters" not in plain


def test_a_view_tells_who_is_tried_and_takes_it_for_no_share() -> None:
    found = rules(STABLE, Backend("8", "loan-8", 80, 0, tested=True))
    body = {
        "metadata": {"uid": "u", "namespace": "lending", "name": "loan"},
        "spec": {"rules": found},
    }

    view = reduce_route(body)

    assert view.tested == {"loan-8"}
    assert view.rules == ((("loan-7", 100), ("loan-8", 0)),)
