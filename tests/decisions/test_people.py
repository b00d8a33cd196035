"""Whose word it was: told by name where the API server proves it, and only there."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import CommandResult, ObjectMeta, Phase
from knowngood.decisions.answering import heard
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, recorded
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.decisions.situations import a_model, a_situation
from tests.decisions.states import STATES
from tests.decisions.test_incidents import LATER, contained, opened, told

FRESH = "2026-03-01T11:59:30Z"
ABORT = f"abort 8 {FRESH}"
BEFORE, AFTER = "2026-03-01T11:59:29Z", "2026-03-01T11:59:31Z"


def commanded(
    command: str = ABORT,
    by: str | None = "alice",
    *,
    proved: bool = True,
    created: str = BEFORE,
) -> Plan:
    model = a_model(STATES["pausing"], command=command)
    said = {**model.metadata.annotations, **({} if by is None else {COMMAND_BY_ANNOTATION: by})}
    meta = {**model.metadata.wire(), "annotations": said, "creationTimestamp": created}
    model = model.model_copy(update={"metadata": ObjectMeta.model_validate(meta)})
    s = a_situation(STATES["pausing"], model=model, people_proved=proved)
    plan = decide(s)
    status_of(s, plan).wire()
    return plan


def recorded_by(plan: Plan) -> str:
    assert plan.last_command is not None
    return plan.last_command.by


def events(plan: Plan) -> str:
    return " / ".join(n.message for n in plan.notices if n.reason.startswith("Command"))


def test_who_gave_a_command_is_told_where_it_is_proved() -> None:
    plan = commanded()

    assert recorded_by(plan) == "alice"
    assert events(plan) == "abort 8: carried out as alice asked"


@pytest.mark.parametrize(
    ("by", "proved"),
    [
        pytest.param("alice", False, id="nothing proves it"),
        pytest.param(None, True, id="nobody is named"),
        pytest.param("", True, id="an empty name"),
        pytest.param("a" * 254, True, id="longer than a user name"),
    ],
)
def test_a_command_of_nobody_known_is_carried_out_and_told_so(by: str | None, proved: bool) -> None:  # noqa: FBT001  - a table's column
    plan = commanded(by=by, proved=proved)

    assert plan.phase is Phase.ROLLING_BACK
    assert recorded_by(plan) == "unverified"
    assert events(plan) == "abort 8: carried out as a person asked (unverified)"


@pytest.mark.parametrize("command", [f"retry 8 {FRESH}", "abort", f"launch 8 {FRESH}"])
def test_who_gave_a_command_that_is_refused_is_told_too(command: str) -> None:
    plan = commanded(command)

    assert plan.last_command is not None
    assert (plan.last_command.by, plan.last_command.result) == ("alice", CommandResult.REFUSED)


def test_a_command_that_came_with_the_manifest_is_nobodys_and_does_nothing() -> None:
    plan = commanded(created=AFTER)

    assert plan.phase is Phase.PAUSED
    assert recorded_by(plan) == "unverified"
    assert "came with a manifest that was saved" in events(plan)


def test_a_command_of_the_second_in_which_the_model_was_created_counts() -> None:
    # The API server's policies draw the line at the same place: such a command was asked about.
    assert recorded_by(commanded(created=FRESH)) == "alice"


@given(st.text(), st.booleans())
@example("a\nb", True)  # noqa: FBT003  - an example of the drawn values
def test_no_name_breaks_a_decision(by: str, proved: bool) -> None:  # noqa: FBT001  - a drawn value
    plan = commanded(by=by, proved=proved)

    assert recorded_by(plan) == (by if proved and 0 < len(by) <= 253 else "unverified")


def test_a_name_is_recorded_as_it_is() -> None:
    account = "system:serviceaccount:ops:chat"

    assert recorded(account, proved=True) == account
    assert recorded(account, proved=False) == "unverified"


@pytest.mark.parametrize(
    ("proved", "words"),
    [
        (True, ["acknowledged by alice", "closed as Resolved by bob; no traffic moves"]),
        (
            False,
            [
                "acknowledged by alice (unverified)",
                "closed as Resolved by bob (unverified); no traffic moves",
            ],
        ),
    ],
)
def test_an_incident_says_where_a_name_is_not_proved(proved: bool, words: list[str]) -> None:  # noqa: FBT001  - a table's column
    model = contained()
    incident = told(model, opened(model))
    close = {"by": "bob", "resolution": "Resolved"}
    said = opened(model, {"acknowledgement": {"by": "alice"}, "close": close})

    status = heard(said.model_copy(update={"status": incident.status}), LATER, proved=proved)

    assert status is not None
    assert [entry.text for entry in status.timeline][-2:] == words
