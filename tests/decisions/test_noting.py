"""An incident tells who undid a rollback, or went past its verdict: once, and nothing that came before it."""

from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import (
    Clocks,
    CommandResult,
    IncidentPhase,
    IncidentStatus,
    LastCommand,
)
from knowngood.api.v1alpha1.timeline import KEPT
from knowngood.decisions.noting import noted
from knowngood.decisions.timeline import extend_timeline
from tests.decisions.situations import a_model, an_incident
from tests.decisions.states import NOW, OTHER_STATES

OPEN = IncidentStatus(phase=IncidentPhase.CONTAINED, clocks=Clocks(detected=NOW))


def after(status: IncidentStatus, **said: object) -> IncidentStatus:
    command: dict[str, object] = {
        "nonce": "n",
        "verb": "undo",
        "version": "8",
        "by": "alice",
        "result": CommandResult.DONE,
        "message": "version 8 is tried again",
        "time": NOW,
        **said,
    }
    model = a_model(OTHER_STATES["rolling back"])
    assert model.status is not None
    last = LastCommand.model_validate(command)
    told = model.status.model_copy(update={"last_command": last})
    latest = an_incident("loan-1").model_copy(update={"status": status})
    return noted(model.model_copy(update={"status": told}), latest, status)


@pytest.mark.parametrize("verb", ["undo", "force", "retry"])
def test_the_command_is_noted_once(verb: str) -> None:
    first = after(OPEN, verb=verb)

    assert [e.text for e in first.timeline] == [
        f"alice gave the command {verb} 8: version 8 is tried again"
    ]
    assert after(first, verb=verb) == first


def test_it_is_not_noted_again_when_later_entries_have_taken_its_place() -> None:
    full = after(OPEN)
    for minute in range(KEPT):
        later = (NOW + timedelta(minutes=minute + 1), "DE.AE", f"entry {minute}")
        full = extend_timeline(an_incident("loan-1"), full, later)
    assert full.chain is not None
    assert full.chain.archived == 1

    assert after(full) == full


@pytest.mark.parametrize(
    "said",
    [
        {"verb": "pause"},
        {"result": CommandResult.REFUSED},
        {"time": NOW - timedelta(seconds=1)},
    ],
)
def test_what_does_not_belong_to_it_is_not_noted(said: dict[str, object]) -> None:
    assert after(OPEN, **said) == OPEN


def test_a_closed_incident_stays_as_it_is() -> None:
    closed = OPEN.model_copy(update={"phase": IncidentPhase.CLOSED})

    assert after(closed) == closed
