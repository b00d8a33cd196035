"""How an incident goes on: forwards only, by what is observed, and once."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Phase,
    Role,
    Subject,
    VerdictKind,
)
from knowngood.decisions.incident_phases import ORDER, entered, may_enter
from knowngood.decisions.progress import COOL_DOWN, awaits_wellness, progressed
from knowngood.decisions.wellness import FRESH, Wellness, looked
from tests.decisions.containment import SERVES, said, seen
from tests.decisions.situations import a_model, an_incident
from tests.decisions.states import NOW
from tests.decisions.test_handing_over import held, told
from tests.decisions.test_incidents import LATER, contained, opened

MUCH_LATER = LATER + timedelta(days=1)


def of(model: AIModelDeployment, incident: Incident) -> Incident:
    """An incident as a pass has told it."""
    return incident.model_copy(update={"status": told(model, incident)})


def on(
    model: AIModelDeployment | None,
    incident: Incident,
    wellness: Wellness | None = None,
    *,
    after: timedelta = timedelta(),
) -> Incident:
    """The same after one more look."""
    assert incident.status is not None
    status = progressed(model, incident, incident.status, wellness, MUCH_LATER + after)
    return incident.model_copy(update={"status": status})


def phase(incident: Incident) -> IncidentPhase | None:
    return incident.status.phase if incident.status else None


def reverted() -> AIModelDeployment:
    """The spec names the version that answers."""
    model = contained().model_copy(update={"spec": a_model(desired="7").spec})
    assert model.status is not None
    assert model.status.versions is not None
    names = model.status.versions.model_copy(update={"desired": "7"})
    update = {"phase": Phase.GUARDING, "rollout": None, "versions": names}
    return model.model_copy(update={"status": model.status.model_copy(update=update)})


def healthy(model: AIModelDeployment) -> AIModelDeployment:
    """Nothing is found any more about the version that serves."""
    assert model.status is not None
    over = model.status.model_copy(update={"serving_breaches": ()})
    return model.model_copy(update={"status": over})


def well(version: str, lasts: timedelta, *healthy: tuple[str, str]) -> Wellness:
    return Wellness(version, MUCH_LATER, MUCH_LATER + lasts, frozenset(healthy))


def a_hold() -> tuple[AIModelDeployment, Incident]:
    model = held().s.model
    return model, of(model, an_incident("loan-1"))


def triggers_of(incident: Incident) -> list[tuple[str, str]]:
    assert incident.status is not None
    return [(e.policy or "", e.trigger) for e in incident.status.evidence]


@pytest.mark.parametrize(("current", "target"), list(product((None, *ORDER), ORDER)))
def test_phases_go_forwards_only_and_may_be_skipped(
    current: IncidentPhase | None, target: IncidentPhase
) -> None:
    ahead = target is IncidentPhase.CLOSED
    if current is not None:
        ahead = ORDER.index(target) > ORDER.index(current)
    assert may_enter(current, target) is ahead

    status = IncidentStatus(phase=current)
    if target is IncidentPhase.DETECTED:
        return  # nothing goes there but what begins, or begins again
    after = entered(status, target, LATER)
    assert (after.phase == target) is (ahead or current is target)
    assert after == status or ahead
    if ahead:
        assert after.clocks is not None
        assert getattr(after.clocks, target.lower()) == LATER


def test_while_the_spec_asks_for_the_bad_version_its_cause_is_not_gone() -> None:
    incident = of(contained(), opened(contained()))

    assert on(contained(), incident, well("7", COOL_DOWN)) == incident


def test_the_cause_is_gone_when_the_version_that_answers_is_the_one_that_is_asked_for() -> None:
    first = of(contained(), opened(contained()))

    after = on(reverted(), first)

    assert phase(after) is IncidentPhase.ERADICATED
    assert after.status is not None
    assert (after.status.timeline[-1].csf, after.status.timeline[-1].text) == (
        "RS.MI",
        "version 7 answers users, as the spec asks, and version 8 is not wanted any more",
    )
    assert after.status.clocks is not None
    assert after.status.clocks.eradicated == MUCH_LATER
    assert on(reverted(), after, after=timedelta(days=1)) == after, "a repeated look adds nothing"


def test_a_version_that_serves_again_is_not_eradicated_by_that() -> None:
    first = of(contained(), opened(contained()))
    assert first.status is not None
    again = first.status.model_copy(update={"subject": Subject(version="7", role=Role.CANARY)})
    incident = first.model_copy(update={"status": again})

    assert on(reverted(), incident) == incident


@pytest.mark.parametrize("containment", [Containment.PENDING, Containment.FAILED])
def test_what_still_answers_users_is_not_gone(containment: Containment) -> None:
    first = of(contained(), opened(contained()))
    assert first.status is not None
    status = first.status.model_copy(update={"containment": containment})
    incident = first.model_copy(update={"status": status})

    assert on(reverted(), incident) == incident


def test_time_alone_recovers_nothing() -> None:
    incident = on(reverted(), of(contained(), opened(contained())))

    assert on(reverted(), incident, after=timedelta(days=99)) == incident


@pytest.mark.parametrize(
    ("wellness", "recovers"),
    [
        (well("7", COOL_DOWN), True),
        (well("7", COOL_DOWN - timedelta(seconds=1)), False),
        (well("8", COOL_DOWN), False),
        (replace(well("7", COOL_DOWN), since=NOW), True),
        (replace(well("7", timedelta(minutes=1)), since=NOW), False),
    ],
    ids=["long enough", "too short", "another version", "well before", "only before it was gone"],
)
def test_the_model_has_recovered_when_it_was_seen_to_be_well_for_long_enough(
    wellness: Wellness, *, recovers: bool
) -> None:
    incident = on(reverted(), of(contained(), opened(contained())))

    after = on(reverted(), incident, wellness)

    assert (phase(after) is IncidentPhase.RECOVERED) is recovers
    if recovers:
        assert after.status is not None
        assert after.status.timeline[-1].csf == "RC.RP"
        assert on(reverted(), after, wellness) == after


def test_what_was_held_is_over_when_its_own_triggers_are_healthy_again() -> None:
    model, incident = a_hold()
    found = triggers_of(incident)

    after = on(healthy(model), incident, well(SERVES, timedelta(), *found))

    assert phase(after) is IncidentPhase.ERADICATED, "nothing was contained: that phase is skipped"
    assert after.status is not None
    assert after.status.clocks is not None
    assert after.status.clocks.contained is None
    assert phase(on(healthy(model), after, well(SERVES, COOL_DOWN))) is IncidentPhase.RECOVERED


def test_a_policy_that_is_gone_ends_nothing() -> None:
    """No trigger says any more that the version is bad; none says that it is not."""
    model, incident = a_hold()

    other = well(SERVES, timedelta(days=1), ("other", "latency"))
    for wellness in (None, well(SERVES, timedelta(days=1)), other):
        assert on(healthy(model), incident, wellness) == incident


def test_a_breach_that_lasts_is_not_over_whatever_its_trigger_says_now() -> None:
    model, incident = a_hold()

    assert on(model, incident, well(SERVES, COOL_DOWN, *triggers_of(incident))) == incident


def test_without_its_model_an_incident_goes_nowhere() -> None:
    incident = of(contained(), opened(contained()))

    assert on(None, incident, well("7", COOL_DOWN)) == incident


def test_nothing_is_looked_at_where_no_incident_waits_for_it() -> None:
    model, incident = a_hold()
    assert incident.status is not None
    assert awaits_wellness(healthy(model), incident.status)
    first = of(contained(), opened(contained()))
    assert first.status is not None
    assert not awaits_wellness(contained(), first.status)
    eradicated = on(reverted(), first).status
    assert eradicated is not None
    assert awaits_wellness(reverted(), eradicated)
    assert not awaits_wellness(None, eradicated)


def looks(*verdicts: VerdictKind | None, every: timedelta = timedelta(seconds=5)) -> Any:
    """What comes of looks with these verdicts; None: nobody could look."""
    found, now = None, NOW
    for kind in verdicts:
        view = seen(said(kind, at=now.timestamp())) if kind else None
        found = looked(found, view, now)
        now += every
    return found


def test_a_streak_of_health_lasts_while_every_look_finds_it() -> None:
    good = VerdictKind.HEALTHY
    found = looks(good, good, good)
    assert found.lasts(None) == timedelta(seconds=10)
    for kind in set(VerdictKind) - {good}:
        assert looks(good, good, kind) is None
        assert looks(good, kind, good).lasts(None) == timedelta()
    assert looks(good, None) is None
    assert looks(good, None, good).lasts(None) == timedelta()


def test_who_has_not_looked_for_a_while_begins_anew() -> None:
    good = VerdictKind.HEALTHY
    assert looks(good, good, every=FRESH).lasts(None) == FRESH
    assert looks(good, good, every=FRESH + timedelta(seconds=1)).lasts(None) == timedelta()


def test_what_was_found_long_ago_is_no_health() -> None:
    old = NOW.timestamp() - FRESH.total_seconds() - 1
    assert looked(None, seen(said(VerdictKind.HEALTHY, at=old)), NOW) is None


def test_the_clocks_of_an_incident_are_in_the_order_of_its_phases() -> None:
    incident = on(reverted(), of(contained(), opened(contained())))
    status = on(reverted(), incident, well("7", COOL_DOWN), after=COOL_DOWN).status
    assert status is not None
    assert status.clocks is not None
    clocks = status.clocks
    times = [clocks.detected, clocks.contained, clocks.eradicated, clocks.recovered]
    assert all(a is not None and b is not None and a <= b for a, b in pairwise(times))
    assert [e.seq for e in status.timeline] == list(range(1, len(status.timeline) + 1))
