"""What the demo makes of the cluster and of the ledger, and how it shows it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from e2e.demo.figures import figures
from e2e.demo.harm import Harm, harm
from e2e.demo.judgement import Judgement, judgements
from e2e.demo.narrator import Narrator
from e2e.demo.observation import Happening, IncidentView, Observation, observe
from e2e.demo.report import course, findings, losses
from e2e.demo.screen import screen
from e2e.demo.watcher import View
from e2e.load import Answer, Ledger

AT = 1_800_000_000.0


def answer(row: int, version: str, *, approved: bool, at: float = 0.0) -> Answer:
    time = AT + at
    return Answer(
        row=row, sent_at=time, answered_at=time, status=200, version=version, approved=approved
    )


def ledger(*answers: Answer) -> Ledger:
    filled = Ledger()
    for one in answers:
        filled.add(one)
    return filled


def model(**status: Any) -> dict[str, Any]:
    return {"kind": "AIModelDeployment", "metadata": {"name": "loan"}, "status": status}


def event(reason: str, at: str, **more: Any) -> dict[str, Any]:
    about = {"kind": "AIModelDeployment", "name": "loan"}
    return {
        "kind": "Event",
        "metadata": {"name": f"loan.{reason}"},
        "involvedObject": about,
        "reason": reason,
        "message": f"{reason} it is",
        "eventTime": at,
        "type": "Normal",
        **more,
    }


def incident(**status: Any) -> dict[str, Any]:
    return {"kind": "Incident", "metadata": {"name": "loan-1"}, "status": status}


ROLLING = model(
    phase="Paused",
    versions={"desired": "2", "stable": "1", "canary": "2"},
    rollout={"version": "2", "step": 1, "steps": 6, "waitingFor": "Time"},
    traffic={"backends": [{"version": "1", "weight": 90}, {"version": "2", "weight": 10}]},
    incidentRef={"name": "loan-1"},
)


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
    return {"metric": {"__name__": f"knowngood_{name}", **labels}, "value": [AT, str(value)]}


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


APPROVES = [True, False, True, True]


def test_harm_begins_with_the_first_rejection_of_somebody_whom_version_1_approves() -> None:
    done = harm(
        [
            answer(0, "1", approved=False, at=0),
            answer(0, "2", approved=True, at=1),
            answer(1, "2", approved=False, at=2),
            answer(2, "2", approved=False, at=3),
            answer(3, "2", approved=False, at=5),
            answer(0, "2", approved=True, at=9.5),
            answer(0, "1", approved=True, at=10),
        ],
        "2",
        APPROVES,
    )
    assert done.first_bad == answer(2, "2", approved=False, at=3)
    assert (done.wronged, done.answers) == (2, 5)
    assert done.containment_s == 6.5


def test_an_error_is_no_wrong_rejection() -> None:
    failed = Answer(row=0, sent_at=AT, answered_at=AT, status=500, version="2", injected=True)
    done = harm([failed], "2", APPROVES)
    assert (done.first_bad, done.containment_s, done.answers) == (None, None, 1)


def test_the_course_keeps_the_timelines_order_and_puts_clients_between() -> None:
    def entry(at: float, text: str) -> Happening:
        return Happening(datetime.fromtimestamp(AT + at, UTC), "DE.AE", text)

    view = IncidentView(
        "loan-1", "2", "Contained", "Verified", "", [entry(4, "seen"), entry(4, "done")], {}
    )
    bad, last = answer(0, "2", approved=False, at=1), answer(1, "2", approved=False, at=6)
    moments = course(view, Harm(bad, last, 1, 2))
    assert [(m.after_s, m.who) for m in moments] == [
        (0.0, "clients"),
        (3.0, "Knowngood"),
        (3.0, "Knowngood"),
        (5.0, "clients"),
    ]
    assert [m.text for m in moments[1:3]] == ["seen", "done"]


def test_findings_count_the_requests_that_failed() -> None:
    lost = Answer(row=1, sent_at=AT, answered_at=AT + 1, status=503)
    filled = ledger(answer(0, "1", approved=True), lost)
    assert findings(Harm(), filled)[-1] == "requests of users that failed: 1 of 2"
    assert [line.rpartition(": ")[2] for line in losses(filled)] == ["status 503"]


def test_figures_are_of_the_last_ten_seconds() -> None:
    filled = ledger(
        answer(0, "3", approved=True, at=0),
        answer(0, "1", approved=True, at=11),
        answer(1, "1", approved=False, at=12),
        answer(1, "1", approved=False, at=13),
        answer(0, "2", approved=False, at=14),
    )
    rows = figures(filled, observe([ROLLING], "loan"), AT + 15)
    assert [(r.version, r.role, r.wanted, r.share) for r in rows] == [
        ("1", "Stable", 90, 0.75),
        ("2", "Canary", 10, 0.25),
    ]
    assert rows[0].tally.approval_rate == pytest.approx(1 / 3)


def drawn(view: View, filled: Ledger | None) -> str:
    console = Console(width=110, color_system=None, force_terminal=True)
    rows = () if filled is None else figures(filled, view.model, AT + 1)
    with console.capture() as captured:
        console.print(screen(view, rows, filled))
    return captured.get()


def test_the_screen_shows_shares_rates_verdicts_and_events() -> None:
    seen = observe([ROLLING, event("WeightSet", "2026-11-24T03:00:01Z"), incident()], "loan")
    view = View(seen, [Judgement("drop", "Breached", 0.25, 0.5, 80)])
    filled = ledger(answer(0, "1", approved=True), answer(0, "2", approved=False))
    text = drawn(view, filled)
    for part in (
        "Paused",
        "step 2 of 6",
        "90 %",
        "50.0 %",
        "100.0 %",
        "drop",
        "Breached",
        "25.0 %",
    ):
        assert part in text
    for part in ("WeightSet it is", "loan-1", "2 requests, 0 failed"):
        assert part in text


def test_the_screen_can_be_drawn_before_anything_is_known() -> None:
    text = drawn(View(trouble="KubectlFailed: no [bold] answer"), None)
    assert "no traffic yet" in text
    assert "no [bold] answer" in text


def test_without_a_terminal_each_edge_is_told_once() -> None:
    console = Console(width=200, color_system=None, force_terminal=False)
    view = View(observe([ROLLING, event("WeightSet", "2026-11-24T03:00:01Z")], "loan"))
    with console.capture() as captured, Narrator(console) as narrator:
        for _ in range(3):
            narrator.seen(view)
    lines = captured.get().splitlines()
    assert sum("WeightSet it is" in line for line in lines) == 1
    assert sum("phase" in line for line in lines) == 1
