"""Other people apply, what serves is found to be bad, and the incident says what has moved before anybody is awake."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import pytest

from e2e.bed import Bed, Room
from e2e.bed.replaying import replayed
from e2e.cluster.errors import NotOursError
from e2e.replay.image import NAME, loan_replay
from e2e.replay.rows import CHANGING, NUMBERS, WORDS
from e2e.stories.test_replay import CHANGED, CLEAN, SLOW, play
from knowngood.api.v1alpha1 import IncidentStatus, Phase
from knowngood.api.v1alpha1.playbook_status import PlaybookStep, StepState

Json = dict[str, Any]

FEED: Final = "nightly-features"
FASTER: Final = 1.5 * SLOW
"""Rows in a second: more than before, and not twice as many, which would be told."""
USUAL: Final = set(NUMBERS) | set(WORDS)

# How features spread is read by the presets of the chart.
SIGNALS: Final[dict[str, Json]] = {
    "looked-at-repaid": {
        "ratio": {
            "events": 'model_feature_category_total{feature="repaid_loan_on_prev_car",category="True"}',
            "total": 'model_feature_category_total{feature="repaid_loan_on_prev_car"}',
        }
    },
}


def templates() -> list[Json]:
    return [
        {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "ClusterSignalTemplate",
            "metadata": {"name": name},
            "spec": spec,
        }
        for name, spec in SIGNALS.items()
    ]


def policy(namespace: str) -> Json:
    """Too many who have repaid a loan before: what a person might watch instead of everything."""
    limit = {"threshold": {"above": "0.65", "window": "1m", "minSamples": 200}}
    trigger = {
        "name": "odd-people",
        "signal": {"name": "looked-at-repaid"},
        "roles": ["Stable"],
        "test": limit,
    }
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "IncidentPolicy",
        "metadata": {"name": "playbook", "namespace": namespace},
        "spec": {"selector": {}, "mode": "Act", "triggers": [trigger]},
    }


@pytest.fixture
def served(bed: Bed, room: Room) -> Iterator[Room]:
    """A model that serves, and names the job that feeds it."""
    with suppress(NotOursError):
        image = loan_replay()
        bed.cluster.set_image(NAME, image.argv, image.env)
    room.model = replayed(room.name)
    model = room.model.manifest()
    model["spec"]["feeds"] = [{"cronJobRef": {"name": FEED}}]
    room.kubectl("create", "cronjob", FEED, "--image=feed", "--schedule=0 3 * * *", "--", "run")
    room.kubectl("patch", "cronjob", FEED, "-p", '{"spec": {"suspend": true}}')
    room.apply(*templates(), policy(room.name), model)
    room.wait_for(lambda seen: seen.stable == "1", "version 1 serves", deadline_s=60)
    yield room
    room.kubectl("delete", "csigt", *SIGNALS)


def told(room: Room) -> IncidentStatus:
    (incident,) = room.incidents()
    assert incident.status is not None
    return incident.status


def steps(room: Room) -> dict[str, PlaybookStep]:
    """The steps of the incident, once all of them have ended."""
    found = {s.name: s for i in room.incidents() if i.status for s in i.status.steps}
    return {} if any(s.state is StepState.RUNNING for s in found.values()) else found


def test_the_incident_names_what_has_moved_and_nothing_else(served: Room) -> None:
    room = served
    # Given people who apply as always,
    play(room, CLEAN[0], SLOW, labelled=False)
    assert room.incidents() == []

    # When other people apply, and too many of them are odd,
    play(room, CHANGED, FASTER, labelled=False)
    # Then there is an incident, and everything was looked at by itself:
    found = room.wait_until(lambda: steps(room), "every step has ended", deadline_s=60)
    moved = found["feature-distributions"]
    assert moved.state is StepState.FOUND, moved
    text = moved.result or ""
    assert text.startswith(f"{len(CHANGING)} of {len(USUAL)} features have moved at version 1 "), (
        text
    )
    assert all(f"{feature} (PSI " in text for feature in CHANGING), text
    assert not any(feature in text for feature in USUAL - CHANGING), text

    # requests come as before, the job that feeds it does not run, nobody stands by,
    assert "requests reach it as before" in (found["pipeline-integrity"].result or "")
    fresh = found["upstream-freshness"]
    assert (fresh.state, f"CronJob {FEED} is suspended" in (fresh.result or "")) == (
        StepState.FOUND,
        True,
    )
    assert found["fallback-ready"].state is StepState.FOUND

    # what was changed before is listed, by the operator's own rights,
    changes = {(change.kind, change.name) for change in told(room).changes}
    wanted = {("CronJob", FEED), ("IncidentPolicy", "playbook"), ("AIModelDeployment", "replay")}
    assert changes >= wanted
    assert "not looked at" not in (found["recent-changes"].result or "")

    # and nothing was moved by any of it.
    assert room.seen().phase is Phase.PROBATION
