"""Errors are one line that says what to do."""

import json
from typing import Any

import pytest
from kubernetes.client import ApiException

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.problems import (
    Asked,
    NotThere,
    Outdated,
    Problem,
    Unreachable,
    no_such_model,
    problem_of,
    unreachable,
)
from knowngood.cli.reading import read
from tests.decisions.situations import a_model

LIST = Asked("list", "aimodeldeployments", "lending")
GET = Asked("get", "aimodeldeployments", "lending", "loan")


def refusal(status: int, message: str = "because", **more: Any) -> ApiException:
    return ApiException(status=status, body=json.dumps({"message": message, **more}))


@pytest.mark.parametrize(
    ("error", "asked", "kind", "words"),
    [
        (refusal(401), LIST, Problem, "log in again"),
        (refusal(403), LIST, Problem, "you may not list aimodeldeployments.knowngood.dev in"),
        (refusal(403), Asked("list", "incidents"), Problem, "incidents.knowngood.dev in all names"),
        (refusal(404), LIST, Problem, "Knowngood is not installed in this cluster"),
        (ApiException(404, body="404 page not found"), GET, Problem, "is not installed"),
        (refusal(404, details={"name": "loan"}), GET, NotThere, "no aimodeldeployments/loan"),
        (
            refusal(
                403, "loan is forbidden: policy 'x' denied request: the verb promote is needed"
            ),
            Asked("patch", "aimodeldeployments", "lending", "loan"),
            Problem,
            "refused: the verb promote is needed",
        ),
        (refusal(409), GET, Problem, "was changed meanwhile"),
        (refusal(410), GET, Outdated, "too old"),
        (refusal(422, "spec.x: no"), GET, Problem, "refused to get aimodeldeployments.knowngood"),
        (refusal(422, "spec.x: no"), GET, Problem, "spec.x: no"),
        (refusal(429), GET, Unreachable, "try again"),
        (refusal(503), GET, Unreachable, "try again"),
        (ApiException(0, "SSLError\nself-signed"), GET, Unreachable, "(SSLError self-signed)"),
        (ApiException(500, body='"odd"'), GET, Unreachable, "try again"),
    ],
)
def test_a_refusal_says_what_to_do(
    error: ApiException, asked: Asked, kind: type[Problem], words: str
) -> None:
    found = problem_of(error, asked)

    assert type(found) is kind
    assert words in str(found)
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    "inside", ["<urllib3.X object at 0x7f00>: ", "HTTPSConnection(host='h', port=1): ", ""]
)
def test_a_connection_that_fails_is_told_without_the_inside_of_a_library(inside: str) -> None:
    assert "cannot reach the API server (refused)" in str(unreachable(f"{inside}refused"))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (["loan-approval", "fraud"], "did you mean loan-approval?"),
        (["loan-approval", "loan-approvals"], "did you mean loan-approval or loan-approvals?"),
        (["fraud", "churn"], "there are: churn, fraud"),
        (None, "look at the name and at the --namespace"),
        ([], "nor any other; see: knowngood status --all-namespaces"),
    ],
)
def test_a_model_that_is_not_there_names_those_that_are_near(
    known: list[str] | None, words: str
) -> None:
    assert words in str(no_such_model("loan-aproval", "lending", known))


def test_an_object_of_a_newer_knowngood_asks_for_a_newer_command_line() -> None:
    newer = {**a_model().wire(), "status": {"phase": "Recovering"}}

    with pytest.raises(Problem, match=r"AIModelDeployment loan \(status.phase: .*same version"):
        read(AIModelDeployment, newer)
