"""Conditions tell people what is true for longer than a scrape."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import Phase, Reason, Standing, VerdictKind
from knowngood.decisions.conditions import FIRST_SCRAPES, conditions
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from tests.decisions.situations import NOW, STANDINGS, STATES, a_situation, a_trigger


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


@pytest.mark.parametrize(("age", "reason"), [(30, "VersionRejected"), (61, "IncidentNotRecorded")])
def test_an_incident_that_can_not_be_written_is_told(age: int, reason: str) -> None:
    back = replace(STATES["rolling back"], age=timedelta(seconds=age), phase=Phase.ROLLED_BACK)
    s = a_situation(back, standings={**STANDINGS, "8": Standing.REJECTED})

    (stalled,) = [c for c in conditions(s, decide(s)) if c.type == "Stalled"]

    assert stalled.reason == reason
