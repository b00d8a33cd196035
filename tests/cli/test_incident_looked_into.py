"""`incident show` tells what was looked at by itself, and what was changed before."""

from knowngood.api.v1alpha1 import Incident
from knowngood.api.v1alpha1.playbook_status import PlaybookStep, RecentChange, StepState
from tests.cli.test_incident_shown import having, over, text
from tests.decisions.states import NOW


def looked_into() -> Incident:
    found = PlaybookStep(
        name="upstream-freshness",
        state=StepState.FOUND,
        result="CronJob nightly is suspended",
        started_at=NOW,
        finished_at=NOW,
    )
    goes_on = PlaybookStep(name="fallback-ready", state=StepState.RUNNING, started_at=NOW)
    written = RecentChange(time=NOW, kind="ConfigMap", name="rules", text="it was written by me")
    return having(over(), steps=(found, goes_on), changes=(written,))


def test_steps_and_what_came_of_them_are_told() -> None:
    told = text(looked_into())

    assert "What Knowngood looked at upstream-freshness Found CronJob nightly is suspended" in told
    assert "fallback-ready Running it goes on" in told


def test_changes_are_told_with_their_times() -> None:
    assert "2026-03-01 12:00:00Z ConfigMap rules: it was written by me" in text(looked_into())


def test_an_incident_that_is_not_looked_into_says_nothing_of_it() -> None:
    told = text(over())

    assert "looked at" not in told
    assert "was changed in" not in told
