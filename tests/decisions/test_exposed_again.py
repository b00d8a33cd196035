"""A version that an incident calls contained gets users again: the all-clear does not stay."""

from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Backend,
    Containment,
    DeploymentStatus,
    Incident,
    IncidentPhase,
    IncidentStatus,
    LastCommand,
    Phase,
    RouteOverride,
    Share,
)
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.decisions.exposed_again import exposed_again
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_status
from knowngood.decisions.progress import progressed
from knowngood.messages.occasions import Occasion, noted, owed
from knowngood.messages.operations import for_operations
from tests.decisions.test_handing_over import says
from tests.decisions.test_incidents import LATER, contained, opened
from tests.decisions.test_progress import of, on, reverted

THEN = LATER + timedelta(minutes=5)


def with_status(model: AIModelDeployment, **update: Any) -> AIModelDeployment:
    assert model.status is not None
    return model.model_copy(update={"status": model.status.model_copy(update=update)})


def giving(
    model: AIModelDeployment, share: int, *, override: RouteOverride | None = None
) -> AIModelDeployment:
    """The same, and version 8 is asked to get a share."""
    assert model.status is not None
    assert model.status.traffic is not None
    backends = tuple(
        Backend(version=v, service=f"loan-v{v}", port=80, weight=w, applied_weight=0)
        for v, w in (("7", 100 - share), ("8", share))
    )
    traffic = model.status.traffic.model_copy(update={"backends": backends, "override": override})
    return with_status(model, traffic=traffic)


def retried(share: int, verb: str = "undo", version: str = "8") -> AIModelDeployment:
    """Alice has given a command, and version 8 is rolled out again."""
    model = contained()
    assert model.status is not None
    assert model.status.rollout is not None
    rollout = model.status.rollout.model_copy(update={"failure": None, "started_at": LATER})
    last = LastCommand(
        nonce="n", verb=verb, version=version, by="alice", result="Done", message="", time=LATER
    )
    begun = with_status(model, phase=Phase.PROGRESSING, rollout=rollout, last_command=last)
    return giving(begun, share)


def by_hand(share: int) -> AIModelDeployment:
    weights = (Share(version="7", weight=100 - share), Share(version="8", weight=share))
    return giving(contained(), 0, override=RouteOverride(weights=weights, since=THEN))


def looked(model: AIModelDeployment | None, incident: Incident) -> Incident:
    """What a look writes; a further one, and a pass, write the same."""
    assert incident.status is not None

    def look(one: Incident) -> Incident:
        assert one.status is not None
        status = exposed_again(model, one, one.status, THEN)
        status = readable(model, one, progressed(model, one, status, None, THEN))
        return one.model_copy(update={"status": status})

    once = look(incident)
    assert look(once) == once
    if model is not None:
        assert incident_status(model, once) == once.status
    return once


def status_of(incident: Incident) -> IncidentStatus:
    assert incident.status is not None
    return incident.status


def safe() -> Incident:
    incident = of(contained(), opened(contained()))
    assert status_of(incident).containment is Containment.VERIFIED
    return incident


WAYS = {
    "undo": (retried(50), "because alice gave the command undo 8"),
    "retry": (retried(50, "retry"), "because alice gave the command retry 8"),
    "force": (retried(50, "force"), "because alice gave the command force 8"),
    "the spec": (retried(50, "keep", "7"), "because the spec asks for it"),
    "by hand": (by_hand(50), "by weights that somebody has set by hand on the route"),
}


@pytest.mark.parametrize(("model", "who"), WAYS.values(), ids=WAYS)
def test_a_version_that_gets_users_again_is_contained_no_more_and_it_is_told_by_whom(
    model: AIModelDeployment, who: str
) -> None:
    before = safe()

    status = status_of(looked(model, before))

    assert (status.containment, status.phase) == (Containment.UNDONE, IncidentPhase.DETECTED)
    assert (status.timeline[-1].time, status.timeline[-1].text) == (
        THEN,
        f"version 8 answers users again: it gets 50 % of the requests, {who}; it is contained no more",
    )
    assert status.summary == (
        f"version 8 answers users again since 2026-03-01T12:05:30Z; before that: {status_of(before).summary}"
    )
    assert says(status).startswith("version 8 answers 50 % of the users again, ")
    assert status.affected is not None
    assert status.affected.to is None, "wrong answers may be given again"


def test_a_version_that_is_brought_up_and_answers_nobody_is_contained_still() -> None:
    before = safe()

    assert status_of(looked(retried(0), before)).timeline == status_of(before).timeline


def test_a_share_that_the_gateway_was_seen_to_give_counts_also_when_another_is_asked() -> None:
    model = retried(0)
    assert model.status is not None
    assert model.status.traffic is not None
    backends = tuple(
        b.model_copy(update={"applied_weight": 10}) for b in model.status.traffic.backends
    )
    traffic = model.status.traffic.model_copy(update={"backends": backends})

    status = status_of(looked(with_status(model, traffic=traffic), safe()))

    assert status.containment is Containment.UNDONE


def test_a_version_that_was_given_up_and_comes_back_is_not_eradicated_any_more() -> None:
    gone = on(reverted(), safe())
    assert status_of(gone).phase is IncidentPhase.ERADICATED

    status = status_of(looked(retried(50), gone))

    assert (status.containment, status.phase) == (Containment.UNDONE, IncidentPhase.DETECTED)
    assert status.clocks is not None
    assert status.clocks.eradicated is None


def test_weights_by_hand_do_not_eradicate_what_they_give_users_to() -> None:
    model = reverted()
    assert model.status is not None
    held = by_hand(50)
    assert held.status is not None
    incident = looked(with_status(model, traffic=held.status.traffic), safe())

    assert status_of(incident).phase is IncidentPhase.DETECTED


def test_when_it_gets_none_any_more_the_incident_says_so_and_is_contained_again() -> None:
    exposed = looked(retried(50), safe())

    over = looked(giving(contained(), 0), exposed)

    status = status_of(over)
    assert (status.containment, status.phase) == (Containment.VERIFIED, IncidentPhase.CONTAINED)
    assert status.timeline[-1].text == "version 8 gets no requests any more"
    assert status.summary == status_of(safe()).summary
    assert status.affected is not None
    assert status.affected.to == THEN


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.ROLLING_BACK, Phase.SUSPENDED])
def test_while_it_may_get_some_any_moment_nobody_is_told_that_it_gets_none(phase: Phase) -> None:
    exposed = looked(retried(50), safe())

    status = status_of(looked(with_status(retried(0), phase=phase), exposed))

    assert status.timeline == status_of(exposed).timeline
    assert status.containment is Containment.UNDONE
    assert says(status) == "watch version 8, which may answer users again any moment"


@pytest.mark.parametrize("lost", [None, DeploymentStatus()], ids=["no status", "an empty one"])
def test_while_a_status_is_lost_nobody_is_told_that_it_gets_none(
    lost: DeploymentStatus | None,
) -> None:
    exposed = looked(retried(50), safe())

    unknown = retried(0).model_copy(update={"status": lost})
    status = exposed_again(unknown, exposed, status_of(exposed), THEN)

    assert status == exposed.status


def test_a_closed_incident_says_nothing_and_neither_does_one_without_its_model() -> None:
    status = status_of(safe()).model_copy(update={"phase": IncidentPhase.CLOSED})
    closed = safe().model_copy(update={"status": status})

    assert exposed_again(retried(50), closed, status, THEN) is status
    assert exposed_again(None, safe(), status_of(safe()), THEN) == status_of(safe())


def test_whoever_was_told_that_users_are_safe_is_told_that_they_are_not() -> None:
    before = safe()
    first = owed(before, None, now=LATER)
    assert first is not None
    note = noted(before, None, first, "oncall", LATER)
    after = looked(retried(50), before)

    occasion = owed(after, note, now=THEN)

    assert occasion == Occasion(OccasionKind.CONTAINMENT_LOST, 2, THEN, pages=True, told=LATER)
    message = for_operations(after, occasion)
    assert "version 8 of loan in lending answers users again" in message.title
    assert "no, version 8 answers users again" in {one.text for one in message.lines}
    known = noted(after, note, occasion, "oncall", THEN)
    assert owed(after, known, now=THEN) is None
