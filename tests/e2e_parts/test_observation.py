"""What the demo reads out of the cluster's objects and out of Prometheus."""

from datetime import UTC, datetime
from typing import Any

import pytest

from e2e.demo.judgement import Judgement, judgements
from e2e.demo.observation import Observation, observe
from tests.e2e_parts.objects import ROLLING, event, incident, model


def test_a_model_that_is_not_there_yet_is_an_empty_observation() -> None:
    assert observe([], "loan") == Observation()
    assert observe([model()], "other") == Observation()
    assert observe([{**model(), "status": None}], "loan").phase == ""


def test_a_rollout_is_read_from_the_status() -> None:
    seen = observe([ROLLING], "loan")
    assert (seen.phase, seen.stable, seen.canary) == ("Paused", "1", "2")
    assert (seen.step, seen.steps, seen.waiting_for) == (1, 6, "Time")
    assert seen.weights == {"1": 90, "2": 10}


def test_events_of_the_model_are_told_in_the_order_of_time() -> None:
    late = event("WeightSet", "2026-11-24T03:00:01.5Z")
    early = event("RolloutStarted", "2026-11-24T03:00:01.25Z")
    foreign = event(
        "Killing", "2026-11-24T03:00:00Z", involvedObject={"kind": "Pod", "name": "loan"}
    )
    told = observe([model(), late, foreign, early], "loan").events
    assert [one.what for one in told] == ["RolloutStarted", "WeightSet"]
    assert told[0].time == datetime(2026, 11, 24, 3, 0, 1, 250_000, UTC)


def test_only_the_latest_incident_is_shown() -> None:
    old = {**incident(phase="Closed"), "metadata": {"name": "loan-0"}}
    new = incident(
        phase="Contained",
        containment="Verified",
        subject={"version": "2"},
        timeline=[{"seq": 1, "time": "2026-11-24T03:00:00.5Z", "actor": "operator", "text": "x"}],
    )
    seen = observe([ROLLING, old, new], "loan").incident
    assert seen is not None
    assert (seen.name, seen.version, seen.containment) == ("loan-1", "2", "Verified")
    assert [entry.text for entry in seen.timeline] == ["x"]


@pytest.mark.parametrize(
    ("kind", "status", "shown"),
    [
        ("Stalled", "True", True),
        ("Guarded", "False", True),
        ("Available", "False", True),
        ("Guarded", "True", False),
        ("Stalled", "False", False),
        ("Reconciling", "True", False),
        ("Ready", "False", False),
    ],
)
def test_a_condition_is_shown_when_it_is_not_as_it_should_be(
    kind: str,
    status: str,
    shown: bool,  # noqa: FBT001 - a column of the table
) -> None:
    condition = {"type": kind, "status": status, "message": "why"}
    found = observe([model(conditions=[condition])], "loan").conditions
    assert found == ({kind: "why"} if shown else {})


def series(name: str, value: float, **labels: str) -> dict[str, Any]:
    return {
        "metric": {"__name__": f"knowngood_{name}", **labels},
        "value": [1_800_000_000.0, str(value)],
    }


def test_a_trigger_says_the_kind_whose_series_is_one() -> None:
    found = judgements(
        [
            series("verdict", 0, trigger="drop", kind="Healthy"),
            series("verdict", 1, trigger="drop", kind="Breached"),
            series("signal_share", 0.25, trigger="drop", role="Canary"),
            series("signal_share", 0.5, trigger="drop", role="Stable"),
            series("canary_samples", 80, trigger="drop"),
            series("verdict", 1, trigger="again", kind="NoData"),
        ]
    )
    assert found == [Judgement("again", "NoData"), Judgement("drop", "Breached", 0.25, 0.5, 80)]
