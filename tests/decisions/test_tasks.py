"""Each role reads what it has to do, with the command, and what of it was seen to be done."""

from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Task,
    TaskRole,
)
from knowngood.decisions.answering import heard
from knowngood.decisions.handing_over import readable
from tests.decisions.containment import SERVES
from tests.decisions.test_declaring import a_declaration, begun
from tests.decisions.test_expiring import gone, saying
from tests.decisions.test_handing_over import says, told
from tests.decisions.test_incidents import LATER, breached, contained, opened
from tests.decisions.test_progress import a_hold, healthy, of, on, reverted, triggers_of, well

ON_CALL, OWNER = TaskRole.ON_CALL, TaskRole.MODEL_OWNER
DATA, BUSINESS = TaskRole.DATA_ENGINEER, TaskRole.BUSINESS_OWNER


def decision(outcome: str) -> dict[str, Any]:
    return {"decision": {"outcome": outcome, "by": "alice", "rationale": "because"}}


def answered(model: AIModelDeployment, incident: Incident, **spec: Any) -> IncidentStatus:
    """What is written once people have spoken; a repeated call changes nothing."""
    said = saying(incident, **spec)
    status = heard(said, LATER, proved=True)
    assert status is not None
    once = readable(model, said, status)
    again = said.model_copy(update={"status": once})
    assert heard(again, LATER, proved=True) is None
    assert readable(model, again, once) == once
    return once


def by_role(status: IncidentStatus) -> dict[TaskRole, Task]:
    return {task.role: task for task in status.tasks}


def test_at_first_everything_is_left_to_do_and_each_says_how() -> None:
    found = by_role(told(contained(), opened(contained())))

    assert {role: (t.done, t.command) for role, t in found.items()} == {
        ON_CALL: (False, "knowngood incident acknowledge loan-1 -n lending"),
        OWNER: (
            False,
            "knowngood incident decide loan-1 --outcome OUTCOME --rationale TEXT -n lending",
        ),
        BUSINESS: (False, "knowngood incident show loan-1 -n lending"),
    }
    assert found[BUSINESS].text == (
        "find those who were answered by version 8 from 2026-03-01T11:59:25Z to 2026-03-01T12:00:02Z, and decide what "
        "becomes of those answers"
    )


def test_while_it_may_go_on_those_who_were_answered_are_not_all_known() -> None:
    found = by_role(told(breached(), opened(breached())))

    assert "since 2026-03-01T11:59:25Z, which may go on" in found[BUSINESS].text


def test_whoever_is_on_call_is_done_when_users_are_safe_and_not_before() -> None:
    safe = of(contained(), opened(contained()))
    model, held = a_hold()
    taken = {"acknowledgement": {"by": "alice"}}

    assert by_role(answered(contained(), safe, **taken))[ON_CALL].done
    later = by_role(answered(model, held, **taken))[ON_CALL]
    assert not later.done
    assert "status.nextForHuman" in later.text


@pytest.mark.parametrize(
    ("outcome", "owner", "data", "business"),
    [
        ("Retrain", False, None, False),
        ("Patch", False, None, False),
        ("FixPipeline", True, False, False),
        ("AcceptRisk", True, None, True),
        ("None", True, None, True),
    ],
)
def test_a_decision_says_who_is_next(
    outcome: str, *, owner: bool, data: bool | None, business: bool
) -> None:
    incident = of(contained(), opened(contained()))

    status = answered(contained(), incident, **decision(outcome))

    found = by_role(status)
    assert found[OWNER].done is owner
    assert (found[DATA].done if DATA in found else None) is data
    assert found[BUSINESS].done is business
    assert says(status).endswith(", as alice has decided")


def test_a_decision_is_executed_when_another_version_serves() -> None:
    incident = gone()

    for outcome in ("Retrain", "Patch"):
        assert by_role(answered(reverted(), incident, **decision(outcome)))[OWNER].done


def test_a_promotion_mends_no_pipeline() -> None:
    found = by_role(answered(reverted(), gone(), **decision("FixPipeline")))[DATA]

    assert (found.text, found.done) == ("mend what reaches the model", False)


def test_a_pipeline_is_mended_when_the_version_that_it_broke_is_well_again() -> None:
    model, held = a_hold()
    over = on(healthy(model), held, well(SERVES, timedelta(), *triggers_of(held)))
    assert over.status is not None

    status = answered(healthy(model), over, **decision("FixPipeline"))

    assert by_role(status)[DATA].done
    assert status.clocks is not None
    said = saying(over, **decision("FixPipeline"))
    later = status.model_copy(update={"timeline": status.timeline[-1:]})
    assert by_role(readable(model, said, later))[DATA].done, "it was seen, though it made room"
    bad = status.model_copy(update={"phase": IncidentPhase.DETECTED})
    assert not by_role(readable(model, said, bad))[DATA].done


def test_a_decision_is_written_once_and_triages_what_is_not_contained() -> None:
    model, held = a_hold()
    status = answered(model, held, **decision("FixPipeline"))

    assert status.phase == "Triaged"
    assert status.clocks is not None
    assert (status.clocks.triaged, status.clocks.decided) == (LATER, LATER)
    assert (status.timeline[-1].csf, status.timeline[-1].text) == (
        "RS.MA",
        "alice has decided FixPipeline: because",
    )
    safe = answered(contained(), of(contained(), opened(contained())), **decision("Retrain"))
    assert safe.phase == "Contained", "forwards only"
    assert safe.clocks is not None
    assert (safe.clocks.triaged, safe.clocks.decided) == (None, LATER)


def test_what_models_share_is_for_whoever_has_the_data() -> None:
    model, held = a_hold()
    assert held.status is not None
    status = held.status.model_copy(update={"parent": "lending/card-3"})
    incident = held.model_copy(update={"status": status})

    found = by_role(readable(model, incident, status))

    assert found[DATA].text == "find out what the models that turned bad share, and mend it"


def test_a_declared_incident_has_its_tasks_too() -> None:
    assert set(by_role(told_of(begun(reverted(), a_declaration())))) == {ON_CALL, OWNER, BUSINESS}
    assert set(by_role(told_of(begun(None, a_declaration())))) == {ON_CALL}


def told_of(incident: Incident) -> IncidentStatus:
    assert incident.status is not None
    return incident.status


def test_what_was_not_seen_to_be_done_when_it_was_closed_stays_to_be_read() -> None:
    incident = of(contained(), opened(contained()))
    assert incident.status is not None

    closed = answered(contained(), incident, close={"by": "bob", "resolution": "Resolved"})

    assert closed.tasks == incident.status.tasks
    assert [task.done for task in closed.tasks] == [False, False, False]
