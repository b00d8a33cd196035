"""What the demo makes of the cluster and of the ledger, and how it shows it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from e2e.demo.figures import figures
from e2e.demo.harm import Harm, harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import Happening, IncidentView, observe
from e2e.demo.report import course, findings, losses
from e2e.demo.stage import EXAMPLES, MODEL
from e2e.demo.staying import OF_A_ROLLOUT, OF_WHAT_SERVES, invitation
from e2e.demo.watcher import View
from e2e.load import Answer, Ledger
from tests.e2e_parts.objects import ROLLING, event

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


def test_the_course_has_no_moment_at_minus_zero() -> None:
    shortly_before = Happening(datetime.fromtimestamp(AT + 0.998, UTC), "DE.AE", "starts")
    view = IncidentView("loan-1", "2", "Contained", "Verified", "", [shortly_before], {})
    moments = course(view, Harm(answer(0, "2", approved=False, at=1)))
    assert [f"{m.after_s:+.2f} {m.who}" for m in moments] == ["+0.00 Knowngood", "+0.00 clients"]


def test_the_course_is_in_order_of_time_whoever_saw_it_and_wrote_it_down_late() -> None:
    late, early = (Happening(datetime.fromtimestamp(AT + at, UTC), "", "x") for at in (7, 2))
    view = IncidentView("loan-1", "2", "Contained", "Verified", "", [late, early], {})
    bad, last = answer(0, "2", approved=False, at=1), answer(1, "2", approved=False, at=6)
    assert [m.after_s for m in course(view, Harm(bad, last, 1, 2))] == [0.0, 1.0, 5.0, 6.0]


def test_findings_count_the_requests_that_failed() -> None:
    lost = Answer(row=1, sent_at=AT, answered_at=AT + 1, status=503)
    filled = ledger(answer(0, "1", approved=True), lost)
    found = findings(Harm(answers=3, wronged=1), filled, bad="2", otherwise="version 1 approves")
    assert found[0] == (
        "in that time version 2 answered 3 requests and rejected 1 applicants whom version 1 approves"
    )
    assert found[-1] == "requests of users that failed: 1 of 2"
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


def test_who_is_answered_by_people_is_in_the_figures() -> None:
    by_people = Answer(row=0, sent_at=AT, answered_at=AT, status=200, error="NoDecision")
    lost = Answer(row=0, sent_at=AT, answered_at=AT, status=503)
    filled = ledger(answer(0, "3", approved=True), by_people, by_people, by_people, lost)
    rows = figures(filled, observe([ROLLING], "loan"), AT + 1)
    found = {r.version: (r.share, r.tally.answers) for r in rows if r.tally.answers}
    assert found == {"3": (0.25, 1), "safe-path": (0.75, 3)}


def test_without_a_terminal_each_edge_is_told_once() -> None:
    console = Console(width=200, color_system=None, force_terminal=False)
    view = View(observe([ROLLING, event("WeightSet", "2026-11-24T03:00:01Z")], "loan"))
    with console.capture() as captured, Narrator(console) as narrator:
        for _ in range(3):
            narrator.seen(view)
    lines = captured.get().splitlines()
    assert sum("WeightSet it is" in line for line in lines) == 1
    assert sum("phase" in line for line in lines) == 1


def offered(to_try: str = OF_A_ROLLOUT) -> str:
    return invitation(
        to_try,
        kubeconfig=Path("/run/k"),
        programs=Path("/bin"),
        run_dir=Path("/run/d"),
        gateway_url="http://g",
        prometheus_url="http://p",
    )


CHECKOUT = EXAMPLES.parents[1]


def test_every_file_that_is_named_for_trying_is_in_the_checkout_that_is_entered_first() -> None:
    entered, _, rest = offered().partition("\n  export ")
    assert entered.endswith(f"cd {CHECKOUT}")
    files = re.findall(r"(?:-f |-d @|in )(\S+\.(?:yaml|json|md))", rest)
    assert len(files) == 3
    assert all((CHECKOUT / file).is_file() for file in files)


def test_every_command_that_the_docs_know_is_offered_for_trying() -> None:
    rollouts = (CHECKOUT / "docs" / "rollouts.md").read_text()
    verbs = re.findall(r"^\| `(\w+) 8 …`", rollouts, re.MULTILINE)
    assert len(verbs) == 9
    assert all(re.search(rf"\b{verb}\b", offered()) for verb in verbs)


def test_what_served_and_turned_bad_is_not_said_to_be_rolled_out() -> None:
    told = offered(OF_WHAT_SERVES)
    assert f"knowngood incident show {MODEL}-1" in told
    assert "Roll version 1 out" not in told


def test_a_sentence_is_one_line_where_no_terminal_reads_along() -> None:
    console = Console(width=20, color_system=None, force_terminal=False)
    with console.capture() as captured:
        Narrator(console).sentence("  who  ", "one two three four five")
    assert captured.get() == "  who  one two three four five\n"
