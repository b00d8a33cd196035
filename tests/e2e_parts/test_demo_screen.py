"""What the live screen of the demo shows, and what of it on a small terminal."""

import pytest
from rich.console import Console

from e2e.demo.figures import figures
from e2e.demo.judgement import Judgement
from e2e.demo.lines import hanging, wrapped
from e2e.demo.observation import Observation, observe
from e2e.demo.screen import Screen
from e2e.demo.watcher import View
from e2e.load import Answer, Ledger
from tests.e2e_parts.objects import ROLLING, event, incident, model

AT = 1_800_000_000.0
REASON = (
    "approval-rate of version 2 is 0.1795 (7 of 39) against 0.543 (1 240 of 2 284) of version 1: "
    "a fall, proved at 0.5 % false alarms per rollout (evidence 318 to 1, 200 to 1 is needed); "
    "it began about 2026-11-27T01:00:04Z"
)
STALLED = (
    "version 2 was rejected and is not tried again by itself: set another version, set "
    "spec.model.version back to 1, or give the retry command"
)


def answered(*answers: tuple[str, bool]) -> Ledger:
    filled = Ledger()
    for version, approved in answers:
        filled.add(
            Answer(
                row=0, sent_at=AT, answered_at=AT, status=200, version=version, approved=approved
            )
        )
    return filled


def drawn(view: View, filled: Ledger | None, *, width: int = 110, height: int = 40) -> list[str]:
    console = Console(width=width, height=height, color_system=None, force_terminal=True)
    rows = () if filled is None else figures(filled, view.model, AT + 1)
    with console.capture() as captured:
        console.print(Screen(view, rows, filled))
    return captured.get().splitlines()


def said(lines: list[str]) -> str:
    return " ".join(line.strip("│ ") for line in lines)


def at_its_fullest(**complaints: str) -> View:
    """Return what is seen when a version was just taken back."""
    told = [
        event(reason, f"2026-11-24T03:00:0{at}Z", message=message)
        for at, (reason, message) in enumerate(
            [
                ("Serving", "version 1 answers all requests"),
                ("RolloutStarted", "version 2 is rolled out beside version 1"),
                ("WeightSet", "version 2 gets 10 % of the requests"),
                ("RollingBack", f"version 2 goes back to version 1: {REASON}"),
                ("RolledBack", "version 1 answers all requests; version 2 is rejected"),
            ]
        )
    ]
    written = incident(
        phase="Contained",
        subject={"version": "2"},
        summary=f"version 2 of loan is taken back: {REASON}",
    )
    conditions = [
        {"type": kind, "status": str(kind == "Stalled"), "message": why}
        for kind, why in complaints.items()
    ]
    rolled = {**ROLLING, "status": {**ROLLING["status"], "conditions": conditions}}
    judged = [
        Judgement("approval-rate-drop", "Breached", 0.1795, 0.543, 39),
        Judgement("error-rate-rise", "Inconclusive", 0.0, 0.0, 39),
    ]
    return View(observe([rolled, written, *told], "loan"), judged)


LEDGER = answered(("1", True), ("2", False), ("3", True))


def test_the_screen_shows_shares_rates_verdicts_and_events() -> None:
    seen = observe([ROLLING, event("WeightSet", "2026-11-24T03:00:01Z"), incident()], "loan")
    view = View(seen, [Judgement("drop", "Breached", 0.25, 0.5, 80)])
    lines = drawn(view, answered(("1", True), ("2", False)))
    text = "\n".join(lines)
    for part in ("Paused", "step 2 of 6", "90 %", "50.0 %", "100.0 %", "Breached", "25.0 %"):
        assert part in text
    assert any(line.split()[2:6] == ["WeightSet", "WeightSet", "it", "is"] for line in lines)
    for part in ("drop", "loan-1", "2 requests, 0 failed"):
        assert part in text


def test_the_screen_shows_what_people_are_asked() -> None:
    actions = [
        {"id": "a1", "type": "Hold", "state": "Verified"},
        {"id": "a2", "type": "SafePath", "state": "Waiting"},
        {"id": "a3", "type": "SuspendFeed", "state": "Waiting"},
    ]
    view = View(observe([ROLLING, incident(actions=actions)], "loan"))
    assert "people are asked: SafePath (a2), SuspendFeed (a3)" in said(drawn(view, None))


def test_the_screen_can_be_drawn_before_anything_is_known() -> None:
    text = "\n".join(drawn(View(trouble="KubectlFailed: no [bold] answer"), None))
    assert "no traffic yet" in text
    assert "no [bold] answer" in text


def test_a_small_terminal_shows_everything_that_matters() -> None:
    view = at_its_fullest(Stalled=STALLED, Guarded="nothing of the canary was read")
    lines = drawn(view, LEDGER, width=80, height=24)
    text = said(lines)
    assert len(lines) == 23  # one less: else it scrolls, and a border stays behind
    assert all(line[0] + line[-1] in {"││", "╭╮", "╰╯"} for line in lines)
    for part in (
        "3 requests, 0 failed",
        "version 1 answers all requests; version 2 is rejected",
        "loan-1, version 2: Contained",
        "it began about 2026-11-27T01:00:04Z",
        "give the retry command",
        "Guarded: nothing of the canary was read",
        "Breached",
    ):
        assert part in text


@pytest.mark.parametrize("height", range(12, 24))
def test_the_newest_event_and_the_failures_show_on_the_smallest_terminal(height: int) -> None:
    view = at_its_fullest(Stalled=STALLED, Guarded="nothing of the canary was read")
    lines = drawn(view, LEDGER, width=80, height=height)
    assert len(lines) < height
    assert "3 requests, 0 failed" in lines[-1]
    assert "version 1 answers all requests; version 2 is rejected" in said(lines)


def test_the_frame_keeps_its_height_and_the_rows_their_place() -> None:
    empty, full = drawn(View(), None), drawn(at_its_fullest(Stalled=STALLED), LEDGER)
    assert len(empty) == len(full)
    for title in ("what users got", "what Knowngood makes", "what it did"):
        assert [title in line for line in empty] == [title in line for line in full]


def test_columns_stay_where_they_are_whatever_the_numbers_become() -> None:
    def rows(kind: str, share: float, *answers: tuple[str, bool]) -> list[int]:
        view = View(observe([ROLLING], "loan"), [Judgement("drop", kind, share, share, 5)])
        lines = drawn(view, answered(*answers))
        users = next(line for line in lines if "answers" in line)
        judged = next(line for line in lines if "verdict" in line)
        return [users.index("approves"), users.index(" of"), judged.index("judged requests")]

    few = rows("Healthy", 0.05, ("1", True), *[("1", False)] * 15)
    assert few == rows("Inconclusive", 1.0, ("1", True))


def test_the_newest_event_goes_on_in_a_second_line_where_its_numbers_are() -> None:
    back = event("RollingBack", "2026-11-24T03:00:01Z", message=f"version 2 goes back: {REASON}")
    lines = drawn(View(observe([ROLLING, back], "loan")), None, width=80)
    first = next(number for number, line in enumerate(lines) if "RollingBack" in line)
    assert "approval-rate of version 2 is 0.1795" in said(lines[first : first + 2])


def test_an_event_does_not_repeat_what_its_incident_says() -> None:
    lines = drawn(at_its_fullest(), LEDGER)
    back = next(line for line in lines if "RollingBack" in line)
    assert "version 2 goes back to version 1 (why: see the incident)" in back


@pytest.mark.parametrize("width", range(20, 60))
def test_no_line_ends_within_a_number(width: int) -> None:
    lines = wrapped("version 1 approved 1 204 of 2 284 204, which is 52.7 % of them", width)
    text = "|".join(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)
    for number in ("1 204", "2 284 204", "52.7 %"):
        assert number in text


def test_a_long_line_of_the_course_goes_on_below_its_text() -> None:
    assert hanging("  who  ", "one two three", 16) == "  who  one two\n       three"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (observe([], "loan"), "there is no such model: not applied yet, or deleted"),
        (observe([model()], "loan"), "the first version starts"),
        (
            observe([model(phase="Probation", versions={"stable": "3"})], "loan"),
            "phase Probation   version 3 answers all requests; no rollout now",
        ),
        (
            observe([model(phase="RolledBack", versions={"stable": "1"})], "loan"),
            "phase RolledBack   version 1 answers all requests again",
        ),
    ],
)
def test_a_phase_is_explained_in_words(seen: Observation, words: str) -> None:
    assert drawn(View(seen), None)[1].strip("│ ") == words
