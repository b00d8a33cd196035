"""What is found about the version that serves is kept with the numbers of that instant, and for as long as it lasts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Ending,
    Incident,
    IncidentPhase,
    PolicyMode,
    ServingBreach,
    Severity,
    VerdictKind,
)
from knowngood.decisions.reporting import status_of
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.transition import decide
from knowngood.decisions.trigger_views import Read, TriggerView
from tests.decisions.situations import a_model, a_situation, a_trigger, an_incident
from tests.decisions.states import NOW, STATES

STATE = STATES["at rest"]
READ = Read("error-rate", 'errors_total{code="500"} among requests_total', NOW.timestamp() - 600)


def seen(*triggers: TriggerView, version: str = "7") -> ServingView:
    return ServingView(version, NOW - timedelta(hours=1), triggers, ())


def said(kind: VerdictKind, **more: Any) -> TriggerView:
    return replace(a_trigger(kind, **more), read=READ)


TOLD = {"loan-1": an_incident("loan-1", IncidentPhase.DETECTED)}


def after(
    model: AIModelDeployment,
    serving: ServingView | None,
    told: Mapping[str, Incident] = TOLD,
    **more: Any,
) -> AIModelDeployment:
    """The model after one decision; its incident is told, unless another one is given."""
    s = a_situation(STATE, model=model, serving=serving, incidents=told, **more)
    return model.model_copy(update={"status": status_of(s, decide(s))})


def kept(model: AIModelDeployment) -> tuple[ServingBreach, ...]:
    assert model.status is not None
    return model.status.serving_breaches


def breached() -> AIModelDeployment:
    model = after(a_model(STATE), seen(said(VerdictKind.BREACHED)))
    assert kept(model)
    return model


def test_a_breach_is_written_down_with_what_was_read_and_counted() -> None:
    (found,) = kept(breached())

    assert (found.version, found.trigger, found.policy) == ("7", "errors", "lending")
    assert (found.signal, found.query) == (READ.signal, READ.query)
    assert (found.since, found.until) == (NOW - timedelta(minutes=10), NOW)
    assert (found.events, found.samples) == (81, 900)


def test_a_breach_that_lasts_keeps_the_numbers_with_which_it_was_found() -> None:
    """Numbers that run would be a write with every look."""
    model = breached()
    later = said(VerdictKind.BREACHED)
    numbers = replace(later.verdict.evidence, samples=5000) if later.verdict.evidence else None
    later = replace(later, verdict=replace(later.verdict, evidence=numbers, at=NOW.timestamp() + 9))

    assert kept(after(model, seen(later))) == kept(model)


def test_a_breach_that_is_over_is_not_listed_any_more() -> None:
    assert kept(after(breached(), seen(said(VerdictKind.HEALTHY)))) == ()


@pytest.mark.parametrize("told", [{}, {"loan-1": an_incident("loan-1")}])
def test_a_breach_is_not_over_before_its_incident_tells_of_it(told: Mapping[str, Incident]) -> None:
    model = after(breached(), seen(said(VerdictKind.HEALTHY)), told)

    assert kept(model) == kept(breached())
    assert kept(after(model, seen(said(VerdictKind.HEALTHY)))) == ()


def test_a_breach_ends_also_where_a_newer_release_has_written_its_incident() -> None:
    unread = {"loan-1": "status.phase: 'Judged'"}

    model = after(breached(), seen(said(VerdictKind.HEALTHY)), {}, incidents_unread=unread)

    assert kept(model) == ()


def test_what_can_not_be_seen_is_not_over() -> None:
    model = breached()

    for blind in (VerdictKind.NO_DATA, VerdictKind.OBSERVER_ERROR):
        assert kept(after(model, seen(said(blind)))) == kept(model)
    not_looked = said(VerdictKind.INCONCLUSIVE, reason="NotLooked")
    assert kept(after(model, seen(not_looked))) == kept(model)
    assert kept(after(model, None)) == kept(model), "a process that has just begun"


def test_what_was_found_about_another_version_is_not_told_of_this_one() -> None:
    model = breached()
    assert model.status is not None
    (found,) = kept(model)
    of_six = (found.model_copy(update={"version": "6"}),)
    other = model.status.model_copy(update={"serving_breaches": of_six})

    assert kept(after(model.model_copy(update={"status": other}), None)) == ()


def test_what_only_observes_is_no_breach_of_the_guard() -> None:
    only = said(VerdictKind.BREACHED, mode=PolicyMode.OBSERVE)

    assert kept(after(a_model(STATE), seen(only))) == ()


def test_doubt_ends_no_breach() -> None:
    """Or what a person has said about it would be forgotten after one look with too few samples."""
    model = breached()

    assert kept(after(model, seen(said(VerdictKind.INCONCLUSIVE)))) == kept(model)


def closed(how: str) -> AIModelDeployment:
    model = breached()
    told = an_incident("loan-1", IncidentPhase.CLOSED)
    assert told.status is not None
    ended = told.model_copy(
        update={"status": told.status.model_copy(update={"resolution": Ending(how)})}
    )
    s = a_situation(STATE, model=model, serving=seen(said(VerdictKind.BREACHED)), incident=ended)
    return model.model_copy(update={"status": status_of(s, decide(s))})


def test_what_was_a_false_positive_stays_so_until_the_policy_is_edited() -> None:
    model = after(closed("FalsePositive"), seen(said(VerdictKind.HEALTHY)))
    assert kept(model)
    assert kept(after(model, seen(said(VerdictKind.BREACHED)))) == kept(model)

    edited = replace(said(VerdictKind.HEALTHY), policy_generation=2)
    assert kept(after(model, seen(edited))) == ()


def test_what_was_a_false_positive_and_is_still_breached_is_told_anew_by_an_edited_policy() -> None:
    edited = replace(said(VerdictKind.BREACHED), policy_generation=2)

    (found,) = kept(after(closed("FalsePositive"), seen(edited)))

    assert (found.incident, found.closed, found.policy_generation) == ("loan-2", None, 2)


def test_what_was_resolved_is_told_anew_when_it_was_over_and_comes_back() -> None:
    model = after(closed("Resolved"), seen(said(VerdictKind.HEALTHY)))
    assert kept(model) == ()

    again = after(model, seen(said(VerdictKind.BREACHED)))
    assert [b.incident for b in kept(again)] == ["loan-2"]


def test_a_breach_ends_with_the_last_policy_that_acts() -> None:
    nobody = SpecProblem("NoPolicy", "no policy selects this model")
    s = a_situation(STATE, model=breached(), serving=None, guarded=nobody, incidents=TOLD)

    assert decide(s).breaches == ()


def test_of_many_breaches_the_worst_are_kept() -> None:
    many = [said(VerdictKind.BREACHED, name=f"t{n}", severity=Severity.LOW) for n in range(40)]
    worst = said(VerdictKind.BREACHED, name="worst", severity=Severity.CRITICAL)

    found = kept(after(a_model(STATE), seen(*many, worst)))

    assert len(found) == 32
    assert found[0].trigger == "worst"
