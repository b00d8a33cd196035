"""Answers that name their version: only where the gateways were seen to do it, and not a moment less."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import VersionHeader
from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from knowngood.decisions.plan import Plan
from knowngood.decisions.planned import plan_of
from knowngood.decisions.reporting import status_of
from knowngood.decisions.signing import is_unsigned, sign
from knowngood.decisions.situation import RouteView, Situation
from tests.decisions.situations import a_model, a_situation
from tests.decisions.states import STATES

PUBLIC = (Parent("gateways", "public"),)
BOTH = (*PUBLIC, Parent("gateways", "second"))
KNOWN = VersionHeader(name="X-Model-Version", gateways="gateways/public")
REST = STATES["at rest"]


def situation(
    support: GatewaySupport | None,
    name: str | None = "X-Model-Version",
    parents: tuple[Parent, ...] = PUBLIC,
) -> Situation:
    gateway = {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "rules": [{"name": "all"}],
        **({"versionHeader": name} if name else {}),
    }
    route = RouteView({"7": 100}, programmed=True, parents=parents)
    model = a_model(REST, traffic={"gatewayAPI": gateway})
    return replace(a_situation(REST), model=model, route=route, gateway=support)


def signed(s: Situation, before: VersionHeader | None = None) -> Plan:
    return sign(s, replace(plan_of(s.model), header=before))


@pytest.mark.parametrize(
    ("support", "header", "reasons"),
    [
        pytest.param(None, None, [], id="not known yet"),
        pytest.param(
            GatewaySupport(Support.NO, header=Support.YES), KNOWN, ["AnswersSigned"], id="it does"
        ),
        pytest.param(
            GatewaySupport(Support.YES, header=Support.NO), None, ["AnswersNotSigned"], id="not"
        ),
        pytest.param(GatewaySupport(Support.YES), None, ["AnswersNotSigned"], id="nobody can tell"),
    ],
)
def test_the_header_is_asked_for_where_it_was_seen(
    support: GatewaySupport | None, header: VersionHeader | None, reasons: list[str]
) -> None:
    plan = signed(situation(support))

    assert plan.header == header
    assert [n.reason for n in plan.notices] == reasons


def test_what_was_seen_once_holds_without_being_asked_again() -> None:
    s = situation(None)

    assert signed(s, KNOWN).header == KNOWN
    status = status_of(s, signed(s, KNOWN))
    assert not is_unsigned(
        s.model.model_copy(update={"status": status}), s.route or RouteView({}, programmed=True)
    )


def test_another_gateway_is_asked_of_nothing_before_it_was_tried() -> None:
    s = situation(None, parents=BOTH)

    assert signed(s, KNOWN).header is None
    status = status_of(s, signed(s, KNOWN))
    assert is_unsigned(
        s.model.model_copy(update={"status": status}), s.route or RouteView({}, programmed=True)
    )


def test_a_header_that_is_not_wanted_any_more_goes() -> None:
    assert (
        signed(situation(GatewaySupport(Support.YES, header=Support.YES), None), KNOWN).header
        is None
    )
