"""`policy lint` of a policy as a whole: what serves, who is asked, and what it is about nothing of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from knowngood.api.v1alpha1 import AIModelDeployment, ClusterIncidentPolicy, IncidentPolicy
from knowngood.cli.views.whole import There, answer_to, meanings, whole_traps
from knowngood.control.policies import serving_action_of
from tests.cli.program import call
from tests.cli.stage import Stage
from tests.control.manifests import a_cluster_policy, a_model, a_policy, a_trigger

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
SERVING: Final = EXAMPLES / "loan-approval/policy-serving.yaml"
PIPELINE: Final = EXAMPLES / "pipeline/policy.yaml"
BASELINE: Final[dict[str, Any]] = {
    "proportion": {"comparedTo": "Baseline", "direction": "Increase", "tolerance": "2pp"}
}
SHIFT: Final = {
    "name": "fall-back",
    "when": {"roles": ["Stable"]},
    "actions": [{"shiftToShadow": {}}],
}
APPROVAL: Final = {"action": "ShiftToShadow", "mode": "Require"}


def watching(name: str = "errors-rise", **spec: Any) -> dict[str, Any]:
    return {**a_trigger(name, **BASELINE), "roles": ["Stable"], **spec}


def policy(**spec: Any) -> IncidentPolicy:
    return IncidentPolicy.model_validate(a_policy(**{"triggers": [watching()], **spec}))


def told(tmp_path: Path, **spec: Any) -> tuple[int, str]:
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(a_policy(**{"triggers": [watching()], **spec})))
    got = call("policy", "lint", str(path))
    assert got.err == ""
    return got.code, " ".join(got.out.split())


def test_a_policy_for_what_serves_does_not_speak_of_a_canary() -> None:
    got = call("policy", "lint", str(SERVING))
    said = " ".join(got.out.split())

    assert (got.code, got.err) == (0, "")
    assert "canary" not in said
    for words in (
        "for a version that serves, with 4 800 requests an hour while nothing is rolled out",
        "requests are shifted to the version that stands by, if it was seen to be right",
        "nothing is shifted: no response moves what serves",
        "promise at most one false alarm in 10y of judged time",
        "at 4 800 an hour: 8.8 % or more",
    ):
        assert words in said
    assert max(len(line) for line in got.lines) <= 80


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"limits": {"falseAlarmBudget": {"onceInPerModel": "30d"}}},
            "one false alarm in 30d of judged time, over all",
        ),
        ({"mode": "Observe"}, "a breach is written down, and nothing is done (mode Observe)"),
        (
            {"responses": [SHIFT], "approval": [APPROVAL]},
            "right, once people have decided (approval)",
        ),
        (
            {"responses": [SHIFT]},
            "else to its safe path, if it has one, once people have decided (approval) (the ladder:",
        ),
        (
            {
                "responses": [SHIFT],
                "approval": [{**APPROVAL, "action": "SafePath", "mode": "Act"}],
            },
            "right, else to its safe path, if it has one (the ladder: spec.fallback.order of the model)",
        ),
    ],
)
def test_what_follows_for_what_serves_is_told(
    spec: dict[str, Any], words: str, tmp_path: Path
) -> None:
    code, said = told(tmp_path, **spec)

    assert words in said
    assert code == 0


def responses(when: Mapping[str, Any] | None, *actions: str) -> dict[str, Any]:
    return {
        "name": "r",
        **({"when": when} if when else {}),
        "actions": [{a: {}} for a in actions],
    }


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"responses": [SHIFT]},
        {"responses": [responses(None, "rollback"), SHIFT]},
        {"responses": [responses(None, "hold"), SHIFT]},
        {"responses": [responses({"roles": ["Canary"]}, "hold"), SHIFT]},
        {"responses": [responses({"roles": ["Stable"]}, "hold", "shiftToShadow")]},
        {"triggers": [watching(use="Gate")], "responses": [SHIFT]},
        {
            "triggers": [watching(), watching("b")],
            "responses": [{**SHIFT, "when": {"roles": ["Stable"], "triggers": ["b"]}}],
        },
    ],
    ids=("none", "shift", "rollback", "hold", "of-canaries", "both", "gate", "of-another"),
)
def test_what_is_told_to_follow_is_what_the_operator_answers(spec: dict[str, Any]) -> None:
    found = policy(**spec).spec

    for trigger in found.triggers:
        operators = serving_action_of(found, trigger).value
        assert answer_to(found, trigger) == operators[0].lower() + operators[1:]


MEANT: Final = [
    (
        {"approval": [APPROVAL]},
        "approval",
        "ShiftToShadow: it waits for one person; after 10m without them nothing is done, and an",
    ),
    (
        {"approval": [{**APPROVAL, "people": 2, "timeout": "5m", "onTimeout": "Act"}]},
        "approval",
        "ShiftToShadow: it waits for 2 different people; after 5m without them it is done all the same",
    ),
    (
        {"approval": [{"action": "ShiftToShadow", "mode": "VetoWindow", "timeout": "2m"}]},
        "approval",
        "ShiftToShadow: it waits 2m for somebody to object; one approval begins it at once",
    ),
    (
        {"approval": [{"action": "ShiftToShadow", "mode": "Act"}]},
        "approval",
        "ShiftToShadow: nobody is asked",
    ),
    (
        {"limits": {"actionsPerHour": 2, "cooldown": "15m"}},
        "limits",
        "at most 2 shifts of what serves in an hour and no shift of what serves for 15m after one",
    ),
    (
        {
            "escalation": [
                {"after": "0s", "notify": ["oncall"]},
                {"after": "10m", "unless": "Acknowledged", "notify": ["chief", "owner"]},
            ]
        },
        "told",
        "oncall at once; chief, owner after 10m, unless a person has taken it",
    ),
    (
        {},
        "told",
        "the receivers that are default, at once (those of the operator's own configuration)",
    ),
]


@pytest.mark.parametrize(("spec", "head", "words"), MEANT)
def test_what_approval_limits_and_escalation_mean_is_told_in_a_line(
    spec: dict[str, Any], head: str, words: str
) -> None:
    found = list(meanings(policy(**spec).spec))

    assert [text for h, text in found if h == head and text.startswith(words)], found


def test_an_approval_that_no_response_is_about_is_a_trap(tmp_path: Path) -> None:
    code, said = told(tmp_path, approval=[APPROVAL])

    assert code == 1
    assert "trap approval for ShiftToShadow: nobody is ever asked, for no response" in said
    assert list(whole_traps(policy(approval=[APPROVAL], responses=[SHIFT]), None)) == []


def suspending(beside: Mapping[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    actions = [*([beside] if beside else []), {"suspendFeed": said}]
    return {"name": "stop", "when": {"roles": ["Stable"]}, "actions": actions}


def test_the_ladder_asks_about_its_safe_path_too_so_an_approval_for_it_is_no_trap() -> None:
    got = call("policy", "lint", str(PIPELINE))

    assert "trap" not in got.out
    assert (got.code, got.err) == (0, "")
    of_safe_path = {**APPROVAL, "action": "SafePath"}
    (found,) = whole_traps(policy(approval=[of_safe_path]), None)
    assert found.startswith("approval for SafePath: nobody is ever asked")


@pytest.mark.parametrize(
    ("response", "more", "words"),
    [
        (
            suspending({"shiftToShadow": {}}),
            {},
            "(the ladder: spec.fallback.order of the model); all its feeds are suspended, once people have decided",
        ),
        (
            suspending({"safePath": {}}, feeds=["nightly", "hourly"]),
            {},
            "if it has one, once people have decided (approval); its feeds nightly and hourly are suspended, once",
        ),
        (
            suspending(),
            {"approval": [{"action": "SuspendFeed", "mode": "Act"}]},
            "nothing is shifted: no response moves what serves; all its feeds are suspended",
        ),
    ],
    ids=["beside a shift", "beside the safe path", "alone, asking nobody"],
)
def test_what_is_suspended_is_told_beside_what_becomes_of_the_requests(
    response: dict[str, Any], more: dict[str, Any], words: str, tmp_path: Path
) -> None:
    code, said = told(tmp_path, responses=[response], **more)

    assert words in said
    assert code == 0


def test_feeds_that_are_none_of_the_models_are_a_trap_and_so_is_an_empty_list() -> None:
    fed = model(feeds=[{"cronJobRef": {"name": "nightly"}}])
    there = There((fed,), SIGNALS)

    (found,) = whole_traps(policy(responses=[suspending(feeds=["nightly", "nope"])]), there)
    assert found == (
        "response stop: suspendFeed.feeds: no model that this policy speaks of has a feed nope; there are: nightly"
    )
    (found,) = whole_traps(policy(responses=[suspending(feeds=[])]), None)
    assert found.startswith("response stop: suspendFeed.feeds is empty: all feeds are suspended")
    for good in (suspending(feeds=["nightly"]), suspending()):
        assert list(whole_traps(policy(responses=[good]), there)) == []
    assert (
        list(whole_traps(policy(responses=[suspending(feeds=["nope"])]), There(None, None))) == []
    )


def model(namespace: str = "lending", team: str = "lending", **spec: Any) -> AIModelDeployment:
    body = a_model(**spec)
    body["metadata"] = {**body["metadata"], "namespace": namespace, "labels": {"team": team}}
    return AIModelDeployment.model_validate(body)


SIGNALS: Final = frozenset({"errors"})


def test_a_selector_that_chooses_no_model_is_a_trap() -> None:
    other, elsewhere = model(team="fraud"), model(namespace="fraud")
    own, wide = policy(), ClusterIncidentPolicy.model_validate(a_cluster_policy())

    (found,) = whole_traps(own, There((other, elsewhere), SIGNALS))
    assert found.startswith("spec.selector chooses none of the models in namespace lending")
    assert list(whole_traps(own, There((other, model()), SIGNALS))) == []
    assert list(whole_traps(wide, There((elsewhere,), SIGNALS))) == []
    assert list(whole_traps(own, There(None, None))) == []  # one may not list them


def test_a_signal_that_nobody_has_is_a_trap_and_the_one_that_is_meant_is_named() -> None:
    found = list(whole_traps(policy(), There((model(),), frozenset({"error", "approvals"}))))

    assert found == [
        "there is no ClusterSignalTemplate errors: nothing is read for it; is error meant?"
    ]


def test_a_policy_of_a_cluster_is_looked_at_with_what_is_there(
    stage: Stage, tmp_path: Path
) -> None:
    body = a_policy(triggers=[{**watching(), "signal": {"name": "nobody-has-this"}}])
    del body["metadata"]["namespace"]
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(body))
    stage.kubectl("apply", "-f", str(path))
    stage.model()

    for target in ("lending", str(path)):
        got = call("policy", "lint", target, *stage.place)
        said = " ".join(got.out.split())
        assert (got.code, got.err) == (1, "")
        assert "spec.selector chooses none of the models" in said
        assert "there is no ClusterSignalTemplate nobody-has-this" in said
    assert (
        "trap" not in call("policy", "lint", str(path)).out
    )  # no cluster is asked unless one is named
