# ruff: noqa: D103, PLR2004, S101 - the name of a test is its claim, numbers are its point, and assert is how it speaks
"""What the fleet bench publishes, how its clock runs, and what it makes of what it saw."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.fleet import pace
from bench.fleet.exporter import PREDICTIONS, REQUESTS, due, render
from bench.fleet.figures import (
    Counted,
    Seen,
    State,
    missed,
    naive,
    promises,
    restarts,
    spans,
)
from bench.fleet.manifests import APPROVALS, FAILURES, POLICY, model, policies
from bench.fleet.pace import Pace
from bench.fleet.playing import bearable
from bench.fleet.reading import Metrics, counted, serving_alarms, taken_back
from bench.fleet.reading import naive as naive_of
from bench.fleet.report import figures, tables
from bench.fleet.scenario import CANARY, CELL, DAY, STABLE, Scenario
from bench.fleet.streams import draw
from knowngood.api.v1alpha1 import AIModelDeployment, IncidentPolicy

DAY_OF_FIFTY = Scenario()
HOUR_OF_TWO = Scenario(models=2, harmed=2, seconds=3600)


def state(hour: float, looks: float = 0, cpu: float = 0) -> State:
    return State(hour, looks, looks / 10, 0, cpu, 100, 3 * looks, 0, 4000, 0)


def seen(scenario: Scenario = HOUR_OF_TWO, **changes: object) -> Seen:
    exact = {
        m.name: Counted(published, published)
        for m in scenario.alike
        for published in [draw(scenario, m)[CANARY].at(scenario.cells)]
    }
    found = {m.name: m.harm.start + 60.0 for m in scenario.worse if m.harm}
    told: Mapping[str, list[str]] = {"a": ["alike-00"], "b": ["alike-00", "worse-00"]}
    quiet = Seen(scenario, found, [], [], told, exact, [state(h) for h in range(9)])
    return replace(quiet, **changes)  # type: ignore[arg-type]  # each test changes another one


def test_the_clock_lags_until_it_catches_up_and_never_jumps() -> None:
    clock = Pace(lag=1000).changed(500, 10).changed(520, 100).changed(530, 1)

    assert [clock.at(real) for real in (490, 500, 501, 520, 521, 530, 600)] == [
        -510, -500, -490, -300, -200, 700, 770,
    ]  # fmt: skip
    assert clock.began == clock.at(500)


def test_a_change_of_pace_moves_nothing_that_has_passed() -> None:
    before = Pace(lag=1000).changed(500, 10)
    assert before.changed(520, 50).at(519) == before.at(519)
    # One that has not come yet is taken back by a later word.
    assert before.changed(520, 50).changed(510, 2) == before.changed(510, 2)


def test_the_pace_is_read_as_it_was_written(tmp_path: Path) -> None:
    clock = Pace(lag=1000).changed(500, 10)
    pace.write(clock, tmp_path / "pace.json")
    assert pace.read(tmp_path / "pace.json") == clock
    with pytest.raises(ValueError, match="does not run faster"):
        _ = Pace(lag=1).began


def test_time_passes_as_fast_as_the_operator_looks() -> None:
    before, asked = state(1.0, 100), Scenario(factor=120)
    # Thirty looks an hour are asked for: half of them means half as fast, and twice as many a little faster.
    assert bearable(60, before, state(2.0, 115), asked) == 30
    assert bearable(60, before, state(2.0, 160), asked) == 90
    assert bearable(100, before, state(2.0, 160), asked) == 120
    assert bearable(60, before, state(2.0, 100), asked) == 20


def test_every_scrape_is_published_once_and_in_order() -> None:
    clock, last = Pace(lag=1000).changed(5000, 60), 0.0
    found: list[tuple[float, int]] = []
    for real in (4000.2, 4001.2, 4999, 5001, 5002.5, 5002.6, 5009):
        scrapes = due(clock if real >= 4999 else Pace(1000), real, last)
        last = scrapes[-1][0] if scrapes else last
        found += scrapes

    times = [at for at, _ in found]
    assert times == sorted(set(times))
    after = [(at, k) for at, k in found if at >= clock.began]
    assert after == [(clock.began + k * CELL, k) for k in range(len(after))]
    # The last one is ahead of the clock by what it needs to arrive.
    assert clock.at(5009) < times[-1] <= clock.at(5013)


def test_counters_begin_at_zero_and_stay_as_they_are_after_the_end() -> None:
    member = HOUR_OF_TWO.alike[1]
    counters = draw(HOUR_OF_TWO, member)

    assert counters[CANARY].at(0) == (0, 0, 0)
    assert counters[CANARY].at(240) == counters[CANARY].at(5000)
    lines = list(render({member.name: counters}, [(1000.0, 240)]))
    total, approved, failed = counters[CANARY].at(240)
    canary = f'{{model="{member.name}",model_version="2"'
    assert f'{PREDICTIONS}{canary},outcome="approved"}} {approved} 1000000' in lines
    assert f'{PREDICTIONS}{canary},outcome="rejected"}} {total - approved} 1000000' in lines
    assert f'{REQUESTS}{canary},code="500"}} {failed} 1000000' in lines


def test_the_same_seed_draws_the_same_and_another_model_something_else() -> None:
    one, other = DAY_OF_FIFTY.alike[:2]
    assert draw(DAY_OF_FIFTY, one)[CANARY].at(99) == draw(DAY_OF_FIFTY, one)[CANARY].at(99)
    moved = draw(DAY_OF_FIFTY, replace(other, rate=one.rate, share=one.share, phase=one.phase))
    assert moved[CANARY].at(5760) != draw(DAY_OF_FIFTY, one)[CANARY].at(5760)


def test_both_versions_are_alike_and_the_base_swings() -> None:
    member = DAY_OF_FIFTY.alike[-1]
    counters = draw(DAY_OF_FIFTY, member)
    shares = {v: counters[v].approved[-1] / counters[v].total[-1] for v in (STABLE, CANARY)}
    assert shares[STABLE] == pytest.approx(shares[CANARY], abs=0.005)
    assert counters[CANARY].total[-1] == pytest.approx(
        member.rate * DAY * member.share / 100, rel=0.02
    )
    hourly = np.diff(counters[STABLE].approved[::240]) / np.diff(counters[STABLE].total[::240])
    assert (hourly.min(), hourly.max()) == pytest.approx((0.6, 0.8), abs=0.02)


def test_harm_begins_and_ends_when_it_should() -> None:
    member = next(m for m in DAY_OF_FIFTY.worse if m.harm and m.harm.failed)
    assert member.harm
    start, end = member.harm.start // CELL, member.harm.end // CELL
    canary = draw(DAY_OF_FIFTY, member)[CANARY]
    before, harmed = canary.failed[start], canary.failed[end] - canary.failed[start]
    assert before / canary.total[start] == pytest.approx(0.02, abs=0.01)
    assert harmed / (canary.total[end] - canary.total[start]) == pytest.approx(0.12, abs=0.01)
    assert canary.total[end] == canary.total[-1]


def test_promises_are_those_of_the_policy() -> None:
    canaries, serving, splits = promises(seen(DAY_OF_FIFTY, counted={}))
    assert (canaries.promised, canaries.most) == (0.5, 2)
    assert serving.promised == pytest.approx(50 / 7)
    assert serving.most == 13
    assert splits.promised == pytest.approx(0.108)
    act = IncidentPolicy.model_validate(next(iter(policies())))
    assert act.metadata.name == POLICY
    limits = act.spec.limits
    assert limits
    assert limits.false_alarm_budget
    assert limits.false_alarm_budget.per_rollout == "1%"
    assert limits.false_alarm_budget.once_in_per_model == "7d"
    assert AIModelDeployment.model_validate(model(HOUR_OF_TWO.alike[0], "1")).spec.rollout


def test_a_quiet_run_misses_nothing() -> None:
    assert missed(seen()) == []
    assert naive(seen()) == {"a": 1, "b": 1, "any": 1}


def test_more_than_luck_explains_is_a_miss() -> None:
    harmed = {m.name: m.harm.start + 60.0 for m in HOUR_OF_TWO.worse if m.harm}
    assert "canaries" in missed(seen(taken_back={**harmed, "alike-00": 1.0, "alike-01": 1.0}))[0]
    assert "what serves" in missed(seen(serving=["alike-00"] * 9))[0]
    assert "splits" in missed(seen(mismatched=["alike-00"]))[0]
    # What is told of a version that is worse is no false alarm.
    assert missed(seen(serving=["worse-00"] * 9)) == []


def test_harm_that_is_not_found_and_requests_that_are_not_counted_are_misses() -> None:
    assert missed(seen(taken_back={})) == [
        "worse-00: worse, and not taken back in time",
        "worse-01: worse, and not taken back in time",
    ]
    # Before the harm it was luck.
    early = {m.name: 10.0 for m in HOUR_OF_TWO.worse}
    assert len(missed(seen(taken_back=early))) == 2
    whole = seen().counted
    wrong = {**whole, "alike-00": replace(whole["alike-00"], operator=(1, 1, 0))}
    assert "alike-00: counted (1, 1, 0) of the" in missed(seen(counted=wrong))[0]
    assert missed(seen(counted={"alike-00": whole["alike-00"]})) == [
        "alike-01: nothing was counted"
    ]
    assert "no naive rule" in missed(seen(naive={}))[0]


def test_counts_are_read_from_what_the_operator_shows() -> None:
    name = "alike-00"
    published = draw(HOUR_OF_TWO, HOUR_OF_TWO.alike[0])[CANARY].at(240)
    here = {"namespace": "fleet", "policy": POLICY, "model": name}
    shown: list[tuple[str, Mapping[str, str], float]] = []
    for trigger, events in (("approvals-fall", published[1]), ("failures-rise", published[2])):
        about = {**here, "trigger": trigger}
        share = events / published[0]
        shown.append(("knowngood_canary_samples", about, published[0]))
        shown.append(("knowngood_signal_share", {**about, "role": "Canary"}, share))

    found = counted(Metrics(shown), HOUR_OF_TWO)

    assert found == {name: Counted(published, published)}
    assert {APPROVALS, FAILURES} == {
        t["signal"]["name"] for p in policies() for t in p["spec"]["triggers"]
    }


def test_alarms_are_read_from_incidents_and_events() -> None:
    incident = {
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"modelRef": {"name": "alike-00"}},
        "status": {"clocks": {"detected": "1970-01-01T00:20:00.500000Z"}},
    }
    assert taken_back([incident], 1000.0) == {"alike-00": 200.5}
    events = [
        {"reason": reason, "regarding": {"name": "alike-00"}}
        for reason in ("ServingBreached", "WouldAct", "ServingBreached")
    ]
    assert serving_alarms(events) == ["alike-00", "alike-00"]


def test_what_a_naive_rule_would_have_done_is_read_from_what_was_told() -> None:
    words = "IncidentPolicy {} only observes; it would act: {} of version 2 was 0.35 (7 of 20)"
    told = [
        ("alike-00", "naive", APPROVALS),
        ("alike-01", "naive", FAILURES),
        ("alike-00", "naive", FAILURES),
    ]
    events = [
        {"reason": "WouldAct", "note": words.format(policy, signal), "regarding": {"name": name}}
        for name, policy, signal in [*told, ("alike-01", "another", APPROVALS)]
    ]
    assert naive_of(events) == {
        f"{FAILURES}-limit": ["alike-00", "alike-01"],
        f"{APPROVALS}-limit": ["alike-00"],
    }


def test_the_operators_work_is_told_by_pieces_of_the_day() -> None:
    states = [state(3.0 * k, looks=180.0 * k, cpu=36.0 * k) for k in range(9)]
    pieces = spans(states)
    assert [(one.start, one.end) for one in pieces] == [(0, 6), (6, 12), (12, 18), (18, 24)]
    assert {(one.looks, one.look_ms, one.cpu_ms, one.queries) for one in pieces} == {
        (60, 100, 200, 3)
    }
    assert spans(states[:3]) == ()


def test_a_new_process_counts_from_zero() -> None:
    states = [state(float(hour), looks) for hour, looks in enumerate((50, 80, 10, 40, 70))]
    assert restarts(states) == 1
    assert [one.looks for one in spans([*states, state(5, 100)], 1)] == [
        (30 + 10 + 30 + 30 + 30) / 5
    ]


def test_the_table_and_the_figures_tell_what_was_promised_beside_what_was_seen() -> None:
    found = figures(seen())
    assert found["promises"]["canaries taken back"]["seen"] == 0
    assert (found["models_counted_exactly"], found["models_counted"]) == (2, 2)
    assert found["requests_published"] == found["requests_counted"]
    assert found["harmed_seconds_to_detection"] == {"worse-00": 60.0, "worse-01": 60.0}
    assert [len(table.rows) for table in tables(seen())] == [3, 5, 4]
