"""What the gateways say of a route, and which of it counts."""

from typing import Any, cast

import pytest

from knowngood.adapters.kubernetes.api import Api
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.adapters.kubernetes.route_views import reduce_route
from knowngood.adapters.kubernetes.routes import ROUTES, HttpRoutes, render
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Backend
from tests.control.manifests import a_model


def a_route(wanted: dict[str, Any], said_by: dict[str, Any] | None, generation: int = 4) -> Any:
    """A route at generation 4 that asks for one parent, and what one parent says."""
    conditions = [
        {"type": kind, "status": "True", "observedGeneration": generation}
        for kind in ("Accepted", "ResolvedRefs")
    ]
    parents = [] if said_by is None else [{"parentRef": said_by, "conditions": conditions}]
    return {
        "metadata": {"uid": "r1", "name": "loan", "namespace": "lending", "generation": 4},
        "spec": {"parentRefs": [wanted], "rules": []},
        "status": {"parents": parents},
    }


PUBLIC = {"name": "public", "namespace": "gateways"}


@pytest.mark.parametrize(
    ("wanted", "said_by"),
    [
        (PUBLIC, PUBLIC | {"kind": "Gateway", "group": "gateway.networking.k8s.io"}),
        ({"name": "own"}, {"name": "own", "namespace": "lending"}),
        (PUBLIC | {"sectionName": "https"}, PUBLIC | {"sectionName": "https"}),
        (PUBLIC, PUBLIC | {"sectionName": "https"}),
    ],
)
def test_the_parent_that_is_asked_for_is_believed(
    wanted: dict[str, Any], said_by: dict[str, Any]
) -> None:
    assert reduce_route(a_route(wanted, said_by)).refusals == ()


@pytest.mark.parametrize("said_by", [None, PUBLIC, {"name": "nope"}])
def test_a_gateway_that_does_not_exist_is_named_whatever_an_earlier_one_has_said(
    said_by: dict[str, Any] | None,
) -> None:
    (words,) = reduce_route(a_route({"name": "nope", "namespace": "gateways"}, said_by)).refusals

    assert "no controller answers for Gateway gateways/nope" in words


def test_another_listener_does_not_answer_for_the_one_that_is_named() -> None:
    route = a_route(PUBLIC | {"sectionName": "https"}, PUBLIC | {"sectionName": "http"})

    assert "no controller answers for Gateway gateways/public" in reduce_route(route).refusals[0]


def test_an_answer_to_earlier_weights_is_no_answer() -> None:
    (words, _) = reduce_route(a_route(PUBLIC, PUBLIC, generation=3)).refusals

    assert words == "the gateway has not seen the latest weights yet"


def test_nobody_owns_a_route_so_that_nobody_but_the_operator_takes_it_away() -> None:
    """A deletion in the foreground takes what is owned before anybody can say no."""
    body = a_model()
    body["metadata"]["uid"] = "u1"
    model = AIModelDeployment.model_validate(body)

    meta = render(model, (Backend("7", "loan-7", 80, 100),))["metadata"]

    assert "ownerReferences" not in meta


def test_a_rule_that_leads_elsewhere_than_the_others_is_seen() -> None:
    view = Informer(cast("Api", None), ROUTES, reduce_route, lambda *_: None)
    meta = {"name": "loan", "namespace": "lending", "uid": "u", "generation": 4}
    rules = [{"backendRefs": [{"name": name, "weight": 100}]} for name in ("bad", "seven")]
    view.put({"metadata": {**meta, "resourceVersion": "9"}, "spec": {"rules": rules}})
    model = AIModelDeployment.model_validate(a_model())

    seen = HttpRoutes(cast("Api", None), view).seen(model, {"7": "seven", "8": "bad"})

    assert seen.weights == {"7": 100, "8": 100}
    assert seen.uneven
