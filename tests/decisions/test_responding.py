"""The first response that fits answers what serves, with all that it says and nothing that a later one does."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentPolicy
from knowngood.control.policies import feeds_of, serving_action_of
from knowngood.decisions.trigger_views import ActionKind
from tests.control.manifests import a_policy

FEED: dict[str, Any] = {"suspendFeed": {}}


def answer(*responses: list[dict[str, Any]]) -> tuple[ActionKind, bool]:
    body = a_policy()
    body["spec"]["responses"] = [
        {"name": f"r{n}", "when": {"roles": ["Stable"]}, "actions": actions}
        for n, actions in enumerate(responses)
    ]
    spec = IncidentPolicy.model_validate(body).spec
    return serving_action_of(spec, spec.triggers[0]), feeds_of(spec, spec.triggers[0]) is not None


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ([], (ActionKind.HOLD, False)),
        ([[{"safePath": {}}], [FEED]], (ActionKind.SAFE_PATH, False)),
        ([[{"shiftToShadow": {}}], [FEED]], (ActionKind.SHIFT, False)),
        ([[{"hold": {}}], [FEED]], (ActionKind.HOLD, False)),
        ([[{"safePath": {}}, FEED]], (ActionKind.SAFE_PATH, True)),
        ([[FEED], [{"shiftToShadow": {}}]], (ActionKind.HOLD, True)),
        ([[{"rollback": {}}], [FEED]], (ActionKind.HOLD, True)),
    ],
)
def test_the_first_response_that_fits_answers_alone(
    responses: list[list[dict[str, Any]]], found: tuple[ActionKind, bool]
) -> None:
    assert answer(*responses) == found
