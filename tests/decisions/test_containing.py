"""What serves and is bad: told in an incident, and its requests shifted to the version that stands by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    FailureReason,
    IncidentPhase,
    IncidentRef,
    IncidentStatus,
    Phase,
    PolicyMode,
    Role,
    Severity,
    Standing,
    Subject,
    VerdictKind,
)
from knowngood.decisions.plan import Plan
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import ActionKind
from knowngood.decisions.workloads import replicas_wanted
from tests.decisions.containment import (
    READY,
    RIGHT,
    SERVES,
    STANDS_BY,
    a_breach,
    held,
    kept,
    play,
    said,
    seen,
    written,
)
from tests.decisions.playing import Play
from tests.decisions.situations import an_incident, programmed
from tests.decisions.states import NOW


def test_the_requests_go_to_the_version_that_stands_by_once_it_can_answer_all_of_them() -> None:
    story = play()

    plan = story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})

    assert plan.phase is Phase.CONTAINING
    assert plan.shares == {SERVES: 100, STANDS_BY: 0}, "capacity first"
    assert replicas_wanted(story.s, plan)[STANDS_BY] == 2
    plan = story.look(later=timedelta(seconds=30))
    assert plan.shares == {SERVES: 100, STANDS_BY: 0}, "one pod is missing"
    plan = story.look(ready=READY)
    assert (plan.phase, plan.shares) == (Phase.CONTAINING, {SERVES: 0, STANDS_BY: 100})
    plan = story.look()
    assert plan.phase is Phase.CONTAINED
    assert (plan.stable, plan.shadow, plan.canary) == (STANDS_BY, "", "")
    assert [(c.version, c.standing) for c in plan.standings] == [(SERVES, Standing.SUSPECT)]
    assert (plan.incident, plan.incidents) == ("loan-1", 1)
    assert story.told.count("Contained") == 1


def contained() -> Play:
    story = play()
    story.look(serving=seen(a_breach()))
    story.look(later=timedelta(seconds=30))
    assert story.look().phase is Phase.CONTAINED
    story.s = replace(
        story.s,
        serving=None,
        versions={**story.s.versions, SERVES: _stands(story, SERVES, Standing.SUSPECT)},
    )
    return story


def _stands(story: Play, version: str, standing: Standing) -> Any:
    record = story.s.versions[version]
    assert record.status is not None
    return record.model_copy(
        update={"status": record.status.model_copy(update={"standing": standing})}
    )


def test_nothing_else_happens_before_the_incident_is_written() -> None:
    story = contained()

    assert story.look().phase is Phase.CONTAINED
    assert story.condition("Stalled") == "True IncidentOpen"
    assert story.condition("Ready") == "False IncidentOpen"
    assert story.condition("Available") == "True Serving"


def test_the_bad_versions_pods_are_kept_until_a_person_closes_the_incident() -> None:
    story = contained()
    written(story, IncidentPhase.CONTAINED)
    plan = story.look(later=timedelta(minutes=10))
    assert replicas_wanted(story.s, plan)[SERVES] is None, "as they are"

    written(story, IncidentPhase.CLOSED)
    plan = story.look()

    assert replicas_wanted(story.s, plan)[SERVES] == 0
    assert (plan.phase, plan.shares) == (Phase.CONTAINED, {STANDS_BY: 100}), "closing moves nothing"


def test_a_contained_version_comes_back_only_as_a_canary_and_by_a_persons_word() -> None:
    story = contained()
    written(story, IncidentPhase.CONTAINED)
    for _ in range(3):
        assert story.look(later=timedelta(hours=1)).phase is Phase.CONTAINED

    plan = story.give(f"undo {SERVES}")

    assert story.refusal == ""
    assert (plan.phase, plan.canary, plan.stable) == (Phase.PROGRESSING, SERVES, STANDS_BY)
    assert plan.shares[STANDS_BY] == 100


def test_the_spec_that_asks_for_the_version_that_answers_ends_it() -> None:
    story = contained()
    written(story, IncidentPhase.CONTAINED)
    spec = story.s.model.spec
    asked = spec.model_copy(update={"model": spec.model.model_copy(update={"version": STANDS_BY})})

    plan = story.look(model=story.s.model.model_copy(update={"spec": asked}))

    assert (plan.phase, plan.rollout) == (Phase.GUARDING, None)


def test_what_only_observes_opens_no_incident_and_shifts_nothing() -> None:
    story = play()

    plan = story.look(serving=seen(a_breach(mode=PolicyMode.OBSERVE)))

    assert (plan.phase, plan.incident, plan.breaches) == (Phase.GUARDING, "", ())
    only = said(VerdictKind.BREACHED, mode=PolicyMode.OBSERVE, name="latency")
    plan = play().look(serving=seen(a_breach(), standby=(RIGHT, only)))
    assert plan.phase is Phase.CONTAINING, "nor does it hold one back"


def test_a_proof_that_comes_later_lets_the_shift_begin_in_the_same_incident() -> None:
    story = play()
    story.look(serving=seen(a_breach(), standby=()))

    plan = story.look(serving=seen(a_breach()))

    assert (plan.phase, plan.incident, plan.incidents) == (Phase.CONTAINING, "loan-1", 1)


def test_what_is_found_later_about_the_same_version_joins_the_open_incident() -> None:
    story = play()
    hold = a_breach(ActionKind.HOLD)
    story.look(serving=seen(hold))

    plan = story.look(serving=seen(hold, a_breach(ActionKind.HOLD, name="latency")))

    assert [b.incident for b in plan.breaches] == ["loan-1", "loan-1"]
    assert plan.incidents == 1


def test_the_most_severe_breach_is_the_reason() -> None:
    low = a_breach(name="latency", severity=Severity.LOW)
    worst = a_breach(severity=Severity.CRITICAL)
    both = (said(VerdictKind.HEALTHY, name="latency"), RIGHT)

    plan = play().look(serving=seen(low, worst, standby=both))

    assert plan.rollout is not None
    assert plan.rollout.failure is not None
    assert plan.rollout.failure.trigger == "errors"


def test_a_closed_incident_is_not_opened_and_not_acted_on_again_for_what_was_told_in_it() -> None:
    story = play()
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    written(story, IncidentPhase.CLOSED)

    plan = story.look(serving=seen(a_breach()))

    assert (plan.phase, plan.incidents, plan.incident) == (Phase.GUARDING, 1, "")
    assert story.condition("Available") == "True Serving"
    story.s = replace(story.s, incident=None, incidents={})
    assert story.look().incidents == 1, "also where the incident was deleted since"
    plan = story.look(serving=seen(a_breach(), a_breach(ActionKind.HOLD, name="latency")))
    assert plan.incident == "loan-2", "another finding is another incident"


def failed(story: Play) -> Plan:
    story.look(serving=seen(a_breach()))
    return story.look(later=timedelta(hours=2), ready={SERVES: 2, STANDS_BY: 1})


def test_a_shift_that_fails_leaves_the_traffic_where_it_is_and_is_not_tried_again() -> None:
    story = play()

    plan = failed(story)

    assert (plan.phase, plan.stable) == (Phase.PROBATION, SERVES)
    assert plan.shares[SERVES] == 100
    assert kept(story.s.model).failed_at == story.s.now
    assert "was not ready in time" in held(story)
    for _ in range(3):
        plan = story.look(ready=READY)
    assert (plan.phase, plan.shares[SERVES]) == (Phase.GUARDING, 100)


def test_a_person_can_stop_a_shift_that_waits_for_pods() -> None:
    story = play()
    story.look(serving=seen(a_breach()), ready={SERVES: 2, STANDS_BY: 1})

    plan = story.give(f"undo {SERVES}")

    assert story.refusal == ""
    assert (plan.phase, plan.stable, plan.shares[SERVES]) == (Phase.PROBATION, SERVES, 100)
    assert story.look(ready=READY).phase is Phase.GUARDING


def test_weights_that_a_person_holds_are_not_overrun() -> None:
    story = play()
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    written(story, IncidentPhase.DETECTED)
    story.look(later=timedelta(seconds=3))
    by_hand = replace(programmed({SERVES: 60, STANDS_BY: 40}), copies={STANDS_BY: 40})
    model = story.s.model
    assert model.status is not None
    assert model.status.traffic is not None
    traffic = model.status.traffic.model_copy(update={"written": True})
    status = model.status.model_copy(update={"traffic": traffic})
    story.s = replace(story.s, model=model.model_copy(update={"status": status}))

    plan = story.look(route=by_hand, serving=seen(a_breach()))

    assert plan.override is not None
    assert plan.phase is Phase.GUARDING


def test_a_freeze_keeps_nobody_from_being_protected() -> None:
    assert play().look(serving=seen(a_breach()), frozen="audit").phase is Phase.CONTAINING


def test_where_the_traffic_is_not_ours_nothing_is_shifted() -> None:
    story = play(traffic=None)
    story.s = replace(story.s, route=None)

    plan = story.look(serving=seen(a_breach()), route=None)

    assert plan.phase is Phase.GUARDING
    assert "the traffic is not Knowngood's to shift" in held(story)


def test_the_failure_names_the_trigger_and_its_incident() -> None:
    plan = play().look(serving=seen(a_breach()))

    assert plan.rollout is not None
    failure = plan.rollout.failure
    assert failure is not None
    assert (failure.reason, failure.incident) == (FailureReason.BREACHED, "loan-1")


@pytest.mark.parametrize(
    ("role", "phase"),
    [("Canary", IncidentPhase.DETECTED), ("Stable", IncidentPhase.CONTAINED)],
    ids=["from its rollout", "of an earlier containment"],
)
def test_what_is_found_joins_no_incident_that_says_that_users_are_safe(
    role: str, phase: IncidentPhase
) -> None:
    story = play()
    subject = Subject(version=SERVES, role=Role(role))
    status = IncidentStatus(phase=phase, subject=subject)
    open_one = an_incident("loan-1").model_copy(update={"status": status})
    story.s = replace(story.s, incident=open_one, incidents={"loan-1": open_one})
    model = story.s.model
    assert model.status is not None
    named = model.status.model_copy(
        update={"incidents": 1, "incident_ref": IncidentRef(name="loan-1")}
    )
    story.s = replace(story.s, model=model.model_copy(update={"status": named}))

    assert story.look(serving=seen(a_breach(ActionKind.HOLD))).incident == "loan-2"


def test_what_is_seen_of_another_version_shifts_nothing() -> None:
    story = play()
    story.look(serving=seen(a_breach(ActionKind.HOLD)))
    of_six = replace(seen(a_breach()), version="6")

    assert story.look(serving=of_six).phase is Phase.GUARDING


@pytest.mark.parametrize("state", ["pausing", "rolling back"])
def test_a_breach_of_what_serves_waits_for_a_rollout_to_end(state: str) -> None:
    story = Play(state)
    view = ServingView("7", NOW - timedelta(hours=1), (a_breach(),), (), standby=(RIGHT,))

    plan = story.look(serving=view)

    assert plan.phase not in {Phase.CONTAINING, Phase.CONTAINED}
    assert "another version is being rolled out or taken back" in held(story)
