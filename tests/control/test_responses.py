"""Which response of a policy answers a breach of what serves, and which one that of a canary."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentPolicy
from knowngood.control.bettering import PROVED, beside_of
from knowngood.control.policies import Bound, action_of, serving_action_of
from knowngood.decisions.trigger_views import ActionKind
from tests.control.manifests import a_policy

SERVES = {"roles": ["Stable"]}
REMEMBERED = {"comparedTo": "Baseline", "tolerance": "2pp"}
SHIFT = {"name": "shift", "when": SERVES, "actions": [{"shiftToShadow": {}}]}
BACK = {"name": "back", "actions": [{"rollback": {}}]}
HOLD = {"name": "hold", "actions": [{"hold": {}}]}
OTHER = {"name": "other", "when": {"triggers": ["latency"]}, "actions": [{"hold": {}}]}


def answers(responses: list[dict[str, Any]], **trigger: Any) -> tuple[ActionKind, ActionKind]:
    """To a breach of a canary, and to one of what serves."""
    test = {"threshold": {"above": "0.05", "window": "1m"}}
    watches = [
        {"name": name, "signal": {"name": "errors"}, "test": test, **trigger}
        for name in ("errors", "latency")
    ]
    body = a_policy(triggers=watches, responses=responses)
    policy = IncidentPolicy.model_validate({**body, "metadata": body["metadata"] | {"uid": "p"}})
    one = policy.spec.triggers[0]
    return action_of(policy.spec, one), serving_action_of(policy.spec, one)


@pytest.mark.parametrize(
    ("responses", "canary", "serving"),
    [
        ([], ActionKind.ROLLBACK, ActionKind.HOLD),
        ([SHIFT], ActionKind.ROLLBACK, ActionKind.SHIFT),
        ([BACK, SHIFT], ActionKind.ROLLBACK, ActionKind.SHIFT),
        ([HOLD, SHIFT], ActionKind.HOLD, ActionKind.HOLD),
        ([SHIFT, HOLD], ActionKind.HOLD, ActionKind.SHIFT),
        ([OTHER, SHIFT], ActionKind.ROLLBACK, ActionKind.SHIFT),
    ],
)
def test_the_first_response_that_fits_answers(
    responses: list[dict[str, Any]], canary: ActionKind, serving: ActionKind
) -> None:
    assert answers(responses) == (canary, serving)


def test_a_gate_shifts_nothing() -> None:
    assert answers([SHIFT], use="Gate") == (ActionKind.GATE, ActionKind.HOLD)


@pytest.mark.parametrize(
    ("test", "change"),
    [
        ({"threshold": {"above": "0.05", "window": "1m"}}, "Increase"),
        ({"threshold": {"below": "0.5", "window": "1m"}}, "Decrease"),
        ({"proportion": REMEMBERED | {"direction": "Decrease"}}, "Decrease"),
        ({"proportion": REMEMBERED | {"direction": "Either"}}, None),
    ],
)
def test_the_proof_asks_the_triggers_own_question_of_both_versions(
    test: dict[str, Any], change: str | None
) -> None:
    trigger = {"name": "t", "signal": {"name": "errors"}, "roles": ["Stable"], "test": test}
    body = a_policy(triggers=[trigger], responses=[SHIFT])
    policy = IncidentPolicy.model_validate({**body, "metadata": body["metadata"] | {"uid": "p"}})
    bound = Bound(policy, policy.spec.triggers[0], ActionKind.ROLLBACK, 0.0, design_effect=4.0)

    asked = beside_of(bound)

    assert (asked is not None) is (change is not None)
    if asked is not None:
        found = asked.trigger.test.proportion
        assert found is not None
        assert (found.compared_to, found.direction) == ("Shadow", change)
        assert (asked.design_effect, asked.once_in) == (4.0, PROVED)
