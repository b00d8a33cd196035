"""Conditions tell people what is true for longer than a scrape."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import (
    Containment,
    IncidentPhase,
    IncidentStatus,
    Phase,
    Reason,
    Standing,
    VerdictKind,
)
from knowngood.decisions.conditions import conditions
from knowngood.decisions.guarding import FIRST_SCRAPES
from knowngood.decisions.reporting import status_of
from knowngood.decisions.resting import OVERDUE
from knowngood.decisions.situation import RouteView, Situation, SpecProblem
from knowngood.decisions.transition import decide
from knowngood.decisions.trouble import SOON
from tests.decisions.situations import STANDINGS, a_model, a_situation, a_trigger, an_incident
from tests.decisions.states import NOW, STATES


def pausing(kind: VerdictKind, answers_for: timedelta) -> Situation:
    """A canary that pauses, and has answered users for a while."""
    s = a_situation(STATES["pausing"], triggers=(a_trigger(kind),))
    status = s.model.status
    assert status is not None
    assert status.rollout is not None
    rollout = status.rollout.model_copy(update={"evidence_since": NOW - answers_for})
    status = status.model_copy(update={"rollout": rollout})
    return replace(s, model=s.model.model_copy(update={"status": status}))


@pytest.mark.parametrize(
    ("kind", "answers_for", "reason"),
    [
        pytest.param(VerdictKind.NO_DATA, timedelta(seconds=2), Reason.CANARY_ONLY, id="not yet"),
        pytest.param(VerdictKind.NO_DATA, FIRST_SCRAPES, Reason.NO_DATA, id="never scraped"),
        pytest.param(
            VerdictKind.OBSERVER_ERROR, timedelta(seconds=2), Reason.OBSERVER_DOWN, id="down"
        ),
    ],
)
def test_a_canary_is_called_unguarded_once_its_first_scrape_is_overdue(
    kind: VerdictKind, answers_for: timedelta, reason: Reason
) -> None:
    s = pausing(kind, answers_for)

    (guarded,) = [c for c in conditions(s, decide(s)) if c.type == "Guarded"]

    assert (guarded.reason, guarded.status) == (
        reason,
        "True" if reason is Reason.CANARY_ONLY else "False",
    )


@pytest.mark.parametrize(("age", "reason"), [(29, "VersionRejected"), (31, "IncidentNotRecorded")])
def test_an_incident_that_can_not_be_written_is_told(age: int, reason: str) -> None:
    back = replace(STATES["rolling back"], age=timedelta(seconds=age), phase=Phase.ROLLED_BACK)
    s = a_situation(back, standings={**STANDINGS, "8": Standing.REJECTED})

    (stalled,) = [c for c in conditions(s, decide(s)) if c.type == "Stalled"]

    assert stalled.reason == reason


def test_what_gets_users_again_keeps_no_decision_waiting() -> None:
    """Its incident is where it began, and no pass has more to tell in it."""
    back = replace(STATES["rolling back"], age=timedelta(seconds=31), phase=Phase.ROLLED_BACK)
    detected = an_incident("loan-1", IncidentPhase.DETECTED)
    undone = (detected.status or IncidentStatus()).model_copy(
        update={"containment": Containment.UNDONE}
    )
    ours = {"loan-1": detected.model_copy(update={"status": undone})}
    s = a_situation(back, standings={**STANDINGS, "8": Standing.REJECTED}, incidents=ours)

    (stalled,) = [c for c in conditions(s, decide(s)) if c.type == "Stalled"]

    assert stalled.reason == "VersionRejected"


def told(s: Situation) -> dict[str, tuple[str, str, str]]:
    return {c.type: (c.status, c.reason, c.message) for c in conditions(s, decide(s))}


def test_a_version_that_goes_back_is_not_called_gone_before_the_gateway_shows_it() -> None:
    taken = RouteView({}, programmed=False, message="HTTPRoute loan is somebody else's")
    said = told(a_situation(STATES["rolling back"], route=taken))

    assert said["Ready"][:2] == ("False", "RollingBack")
    assert "once the gateway follows" in said["Ready"][2]
    assert said["KnownGoodAvailable"][:2] == ("True", "StableServing")
    assert said["Available"][0] == "True"
    assert "Stalled" not in said


def test_a_version_is_called_rejected_in_the_same_write_that_rolls_it_back() -> None:
    s = a_situation(STATES["rolling back"])

    assert decide(s).phase is Phase.ROLLED_BACK
    assert told(s)["Ready"][:2] == ("False", "VersionRejected")
    assert told(s)["Stalled"][:2] == ("True", "VersionRejected")


@pytest.mark.parametrize("state", ["rolling back", "at rest"])
def test_a_gateway_that_does_not_follow_is_told_after_half_a_minute(state: str) -> None:
    taken = RouteView({}, programmed=False, message="HTTPRoute loan is somebody else's")
    s = a_situation(STATES[state], route=taken, model=a_model(STATES[state], desired="7"))
    first = decide(s)
    assert first.wake_at == NOW + SOON
    assert not [n for n in first.notices if n.reason == "NotProgrammed"]
    model = s.model.model_copy(update={"status": status_of(s, first)})
    late = told(replace(s, model=model, now=NOW + OVERDUE))
    assert [
        n.warning
        for n in decide(replace(s, model=model, now=NOW + OVERDUE)).notices
        if n.reason == "NotProgrammed"
    ] == [True]

    for kind, status in (("Stalled", "True"), ("Available", "False"), ("Ready", "False")):
        assert late[kind][:2] == (status, "NotProgrammed")
        assert "HTTPRoute loan is somebody else's" in late[kind][2]


def test_at_rest_a_gateway_that_does_not_follow_is_told_to_pipelines_after_a_moment() -> None:
    taken = RouteView({}, programmed=False, message="no controller answers for Gateway publik")
    s = a_situation(STATES["at rest"], route=taken, model=a_model(STATES["at rest"], desired="7"))
    assert told(s)["Ready"][:2] == ("True", "Serving")
    model = s.model.model_copy(update={"status": status_of(s, decide(s))})

    said = told(replace(s, model=model, now=NOW + SOON))

    assert said["Ready"][:2] == ("False", "NotProgrammed")
    assert said["Reconciling"][:2] == ("True", "NotProgrammed")
    assert said["Available"][0] == "True"
    assert "Stalled" not in said


def test_a_template_that_is_refused_is_not_called_under_way() -> None:
    said = told(a_situation(STATES["new"], problem=SpecProblem("TemplateInvalid", "no such field")))

    assert said["Ready"][:2] == ("False", "TemplateInvalid")
    assert said["Stalled"][:2] == ("True", "TemplateInvalid")
    assert "Reconciling" not in said


def test_a_version_that_waits_for_an_incident_is_not_called_rejected() -> None:
    back = replace(STATES["rolling back"], age=timedelta(seconds=5), phase=Phase.ROLLED_BACK)
    s = a_situation(back, model=a_model(back, desired="9"))

    status, reason, message = told(s)["Ready"]

    assert (status, reason) == ("False", "RolledBack")
    assert message.startswith("version 9 waits: incident loan-1")
