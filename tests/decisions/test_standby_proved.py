"""Ready is not right: nobody is sent to a version of which nobody knows how it would answer now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentPhase, Phase, PolicyMode, Standing, VerdictKind
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import ActionKind
from tests.decisions.containment import (
    READY,
    RIGHT,
    SERVES,
    STANDS_BY,
    a_breach,
    held,
    play,
    said,
    seen,
    written,
)
from tests.decisions.playing import Play
from tests.decisions.situations import KINDS
from tests.decisions.states import NOW

BETTER = said(VerdictKind.BREACHED)
OLD = said(VerdictKind.BREACHED, at=NOW.timestamp() - 400)


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (seen(a_breach(ActionKind.HOLD)), "the policy says hold"),
        (seen(replace(a_breach(), sided=False)), "does not say which of two versions is better"),
        (seen(a_breach(), standby=(BETTER,)), "version 8 fails trigger errors too"),
        (
            seen(a_breach(), standby=(RIGHT, said(VerdictKind.BREACHED, name="latency"))),
            "version 8 fails trigger latency too",
        ),
        (seen(a_breach(), better=()), "not shown yet that version 8 answers the same requests better"),
        (seen(a_breach(), better=(said(VerdictKind.BREACHED, name="latency"),)), "not shown yet"),
        *(
            (seen(a_breach(), better=(said(kind),)), "not shown yet that version 8")
            for kind in KINDS
            if kind is not VerdictKind.BREACHED
        ),
        (seen(a_breach(), better=(OLD,)), "version 8 was not looked at for more than 5 minutes"),
        (
            seen(replace(a_breach(), verdict=OLD.verdict), better=(BETTER,)),
            "the version that serves was not looked at for more than 5 minutes",
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


def test_a_version_that_answers_no_copies_is_sent_nobody() -> None:
    story = play(shadow={"standby": "Warm", "mirrorPercent": 0})
    story.look()

    story.look(serving=seen(a_breach()))

    assert "version 8 answers no copies" in held(story)


def awaited() -> Play:
    """The shift has begun, and waits for a pod."""
    story = play()
    plan = story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})
    assert plan.phase is Phase.CONTAINING
    story.s = replace(story.s, ready=READY, now=story.s.now + timedelta(seconds=30))
    return story


def still_breached(story: Play, **more: Any) -> ServingView:
    now = story.s.now.timestamp() + 3
    again = a_breach()
    return seen(replace(again, verdict=replace(again.verdict, at=now)), **more)


def test_copies_go_on_while_the_version_is_brought_up() -> None:
    assert awaited().look(ready={SERVES: 2, STANDS_BY: 1}).copies == {STANDS_BY: 40}


@pytest.mark.parametrize(
    "more",
    [
        {"better": ()},
        {"standby": (said(VerdictKind.BREACHED),)},
        {"standby": (said(VerdictKind.BREACHED, name="latency"),)},
    ],
    ids=["not better any more", "it is breached", "another trigger is"],
)
def test_what_is_not_right_when_the_pods_are_there_gets_no_requests(more: dict[str, Any]) -> None:
    story = awaited()

    plan = story.look(serving=still_breached(story, **more))

    assert (plan.phase, plan.shares) == (Phase.CONTAINING, {SERVES: 100, STANDS_BY: 0})
    assert story.look(later=timedelta(hours=2)).phase is Phase.PROBATION


def test_a_standby_that_is_suspect_by_then_gets_no_requests() -> None:
    story = awaited()
    record = story.s.versions[STANDS_BY]
    assert record.status is not None
    fallen = record.model_copy(
        update={"status": record.status.model_copy(update={"standing": Standing.SUSPECT})}
    )

    plan = story.look(
        serving=still_breached(story), versions={**story.s.versions, STANDS_BY: fallen}
    )

    assert plan.shares[SERVES] == 100


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (seen(said(VerdictKind.HEALTHY)), "what was found is over"),
        (seen(a_breach(ActionKind.HOLD)), "the policy says hold for it by now"),
        (seen(a_breach(mode=PolicyMode.OBSERVE)), "acts no more"),
        (seen(), "not there any more"),
    ],
)
def test_a_shift_is_called_off_when_its_reason_is_gone(view: ServingView, why: str) -> None:
    story = awaited()

    plan = story.look(serving=view)

    assert (plan.phase, plan.shares[SERVES]) == (Phase.PROBATION, 100)
    assert any(why in n.message for n in plan.notices)


def test_a_person_who_closes_the_incident_calls_the_shift_off() -> None:
    story = awaited()
    written(story, IncidentPhase.CLOSED)

    plan = story.look(serving=still_breached(story))

    assert (plan.phase, plan.shares[SERVES]) == (Phase.PROBATION, 100)
    for _ in range(3):
        assert story.look(serving=still_breached(story)).phase is Phase.GUARDING


def test_a_blind_moment_calls_nothing_off() -> None:
    story = awaited()

    plan = story.look(serving=None)

    assert (plan.phase, plan.shares[SERVES]) == (Phase.CONTAINING, 100)
    assert story.look(serving=still_breached(story)).shares == {SERVES: 0, STANDS_BY: 100}
