"""Ready is not right: nobody is sent to a version of which nobody knows how it would answer now."""

from dataclasses import replace
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    Phase,
    VerdictKind,
)
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import (
    RIGHT,
    SERVES,
    STANDS_BY,
    a_breach,
    held,
    play,
    said,
    seen,
)
from tests.decisions.situations import KINDS
from tests.decisions.states import NOW


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (seen(a_breach(ActionKind.HOLD)), "the policy says hold"),
        (seen(a_breach(), standby=()), "nobody knows how version 8 would answer now"),
        (seen(a_breach(), standby=(said(VerdictKind.BREACHED),)), "version 8 fails trigger errors too"),
        (
            seen(a_breach(), standby=(RIGHT, said(VerdictKind.BREACHED, name="latency"))),
            "version 8 fails trigger latency too",
        ),
        (seen(a_breach(), standby=(said(VerdictKind.HEALTHY, name="latency"),)), "nobody knows"),
        *(
            (seen(a_breach(), standby=(said(kind),)), "it is not shown that version 8 would answer better")
            for kind in KINDS
            if kind not in {VerdictKind.HEALTHY, VerdictKind.BREACHED}
        ),
        (
            seen(a_breach(), standby=(said(VerdictKind.HEALTHY, at=NOW.timestamp() - 400),)),
            "version 8 was not looked at for more than 5 minutes",
        ),
    ],
)  # fmt: skip
def test_without_fresh_proof_nothing_is_shifted_and_the_incident_says_why(
    view: ServingView, why: str
) -> None:
    story = play()

    plan = story.look(serving=view)

    assert (plan.phase, plan.shares) == (Phase.GUARDING, {SERVES: 100, STANDS_BY: 0})
    assert why in held(story)
    assert plan.incident == "loan-1"
    assert story.condition("Available") == "False ServingBreached"
    assert any(why in n.message for n in plan.notices if n.reason == "ServingBreached")


@pytest.mark.parametrize(
    ("seen_then", "why"),
    [
        ({"ready": {SERVES: 2, STANDS_BY: 0}}, "no ready endpoint"),
        ({"missing": {STANDS_BY: ("ConfigMap features",)}}, "ConfigMap features is not there"),
    ],
)
def test_nobody_is_sent_to_a_version_that_could_not_answer(
    seen_then: dict[str, Any], why: str
) -> None:
    story = play()

    plan = story.look(serving=seen(a_breach()), **seen_then)

    assert plan.shares[SERVES] == 100
    assert why in held(story)


def test_a_comparison_that_says_who_is_worse_is_proof_by_itself() -> None:
    worse = replace(a_breach(), beside_shadow=True)

    assert play().look(serving=seen(worse, standby=())).phase is Phase.CONTAINING
    other_fails = (said(VerdictKind.BREACHED, name="latency"),)
    assert play().look(serving=seen(worse, standby=other_fails)).phase is Phase.GUARDING
