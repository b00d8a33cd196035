# ruff: noqa: D103, PLR2004, S101 - the name of a test is its claim, numbers are its point, and assert is how it speaks
"""The arithmetic of the judge's bench, held against cases that are known."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench.judge import fixed, measuring, ours, scenario, summary
from bench.judge.__main__ import main
from bench.judge.measuring import Kind, Options
from bench.judge.naive import argo, flagger
from bench.judge.report import Measured, figures, missed
from bench.judge.streams import Plan, Stream, draw
from bench.judge.summary import Share
from bench.judge.tables import tables
from bench.judge.trial import OURS, Alarm
from knowngood.analysis.judging import ComparedState, RatioTrigger, judge_ratio
from tests.analysis.counted import SINCE, ledger_of

KEYS = [
    "promised_per_rollout",
    "false_alarm_24h",
    "naive_false_alarm_24h",
    "median_sample_ratio_fresh",
    "median_sample_ratio_after_10m",
    "non_inferior_error_at_margin",
    "microseconds_per_block",
    "details",
]
HARMED = Plan("", 60, scenario.TENTH, 0.7, 300, harmed=0.4, harmed_at=120)


def test_a_stream_has_the_rates_and_shares_of_its_plan() -> None:
    stream = draw(HARMED, np.random.default_rng(1))

    assert stream.n_c.mean() == pytest.approx(6, abs=3 * (6 / 300) ** 0.5)
    assert stream.n_s.mean() == pytest.approx(54, abs=3 * (54 / 300) ** 0.5)
    assert stream.x[:120].sum() / stream.n_c[:120].sum() == pytest.approx(0.7, abs=0.06)
    assert stream.x[120:].sum() / stream.n_c[120:].sum() == pytest.approx(0.4, abs=0.05)
    assert stream.asked(120, 180) == stream.n_c[120:180].sum() == stream.per(60).n_c[2]


def test_the_bench_feeds_the_judge_as_the_operator_does() -> None:
    """Through the operator's ledger of scraped counters the same second is the one of the breach."""
    stream = draw(HARMED, np.random.default_rng(2))
    canary = list(zip(stream.x.tolist(), stream.n_c.tolist(), strict=True))
    stable = list(zip(stream.y.tolist(), stream.n_s.tolist(), strict=True))

    ledger = ledger_of({"2-a": canary, "1-a": stable})
    trigger = RatioTrigger("fall", "approvals", ours.rule(HARMED))
    state, _ = judge_ratio(None, trigger, ledger, "2", "1", SINCE + 301, expected_targets={})

    assert isinstance(state, ComparedState)
    assert state.evidence.breached_by is not None
    assert state.evidence.breached_by.crossed_at == SINCE + (
        ours.alarm(stream, ours.rule(HARMED)) or 0
    )


def minutes(*approved: int) -> Stream:
    """Of a hundred answers of the canary in each minute; the stable version approves seventy."""
    x = np.array(approved)
    n = np.where(x < 0, 0, 100)
    return Stream(60, np.maximum(x, 0), n, np.full(len(x), 70), np.full(len(x), 100))


def test_flagger_counts_failures_over_the_whole_run_and_acts_a_minute_later() -> None:
    between = minutes(60, 70, 60, 70, 60, 70, 70)

    assert flagger(0.05, threshold=3).alarm(between, rises=False) == 6 * 60
    assert flagger(0.05, threshold=4).alarm(between, rises=False) is None
    assert flagger(0.05, limit=0.7, threshold=3).alarm(between, rises=False) == 6 * 60


def test_argo_acts_on_one_failure_more_than_its_limit() -> None:
    between = minutes(70, 60, 70, 60, 70)

    assert argo(0.05).alarm(between, rises=False) == 2 * 60
    assert argo(0.05, failure_limit=1).alarm(between, rises=False) == 4 * 60
    assert argo(0.05, failure_limit=2).alarm(between, rises=False) is None


def test_a_minute_without_requests_is_a_failure_and_a_rise_is_one_only_where_it_is_bad() -> None:
    assert argo(0.05).alarm(minutes(70, -1), rises=False) == 2 * 60
    assert argo(0.05).alarm(minutes(80), rises=False) is None
    assert argo(0.05).alarm(minutes(80), rises=True) == 60


def test_the_yardstick_finds_the_difference_in_four_of_five_runs() -> None:
    needed = round(fixed.samples(0.6, 0.7, 9, 0.01))
    chance, runs = np.random.default_rng(3), 20_000
    p, q = (chance.binomial(n, s, runs) / n for n, s in ((needed, 0.6), (9 * needed, 0.7)))
    spread = np.sqrt(p * (1 - p) / needed + q * (1 - q) / (9 * needed))

    assert needed == 264
    assert float(np.mean((q - p) / spread > 2.3263)) == pytest.approx(0.8, abs=0.01)
    assert fixed.samples(0.6, 0.7, 9, 0.01, pooled=True) == pytest.approx(245, abs=1)


def test_a_share_is_over_its_bound_only_beyond_chance() -> None:
    assert not Share(500, 11).over(0.01, 3)
    assert Share(500, 13).over(0.01, 3)
    assert Share(500, 0).bounds[0] == 0
    assert Share(500, 0).bounds[1] == pytest.approx(0.0074, abs=1e-4)


def test_an_alarm_before_the_harm_is_a_false_one_and_a_missed_harm_takes_for_ever() -> None:
    said = [{OURS: alarm} for alarm in (Alarm(100, 0), Alarm(130, 60), Alarm(140, 120), None)]

    delay = summary.delay(said, OURS, HARMED)

    assert (delay.runs, delay.too_early, delay.missed) == (3, 1, 1)
    assert (delay.median_s, delay.samples, delay.p95_s) == (20, 120, float("inf"))


def fabricated(samples: int = 300, false_alarms: int = 1, naive: bool = True) -> Measured:  # noqa: FBT001, FBT002
    """As if everything had been measured, and had come out as told."""
    options = Options(scenario.QUICK, 1, 1)
    results: measuring.Results = {}
    for case in measuring.cases(options.sizes):
        if case.kind is Kind.NULL:
            alarm = Alarm(50, 0)
            results[case] = [
                {OURS: alarm if k < false_alarms else None, "argo": alarm if naive else None}
                for k in range(100)
            ]
        elif case.kind is Kind.HARM:
            at = Alarm(case.plan.harmed_at + 9, samples if not case.plan.harmed_at else 2 * samples)
            results[case] = [{OURS: at}] * 9
        else:
            results[case] = [{OURS: Alarm(9, 9) if k < 5 else None} for k in range(100)]
    return Measured(options, results, {"proportion": 20.0})


def test_the_figures_have_the_names_that_were_agreed_on() -> None:
    found = figures(fabricated())

    assert list(found) == KEYS
    assert found["false_alarm_24h"] == 0.01
    assert found["naive_false_alarm_24h"] == 1
    assert found["median_sample_ratio_fresh"] == pytest.approx(300 / 264.28, abs=1e-4)
    assert found["non_inferior_error_at_margin"] == 0.05
    json.dumps(found, allow_nan=False)


def test_every_target_that_is_missed_is_told() -> None:
    assert not missed(fabricated())
    assert "1.29 times" in missed(fabricated(samples=340))[0]
    assert "5 false alarms" in missed(fabricated(false_alarms=5))[0]
    assert "naive" in missed(fabricated(naive=False))[0]
    took = {"proportion": 20.0, "with a tolerance": 51.0}
    slow = Measured(fabricated().options, fabricated().results, took)
    assert missed(slow) == [
        "with a tolerance: a block and test takes 51 microseconds, at most 50 are wanted"
    ]


def test_the_tables_name_every_judge_and_every_stream() -> None:
    console = Console(width=200, file=io.StringIO())
    for table in tables(fabricated()):
        console.print(table)

    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert all(word in text for word in (OURS, "argo", "errors 1 -> 30 %", "swing", "fixed"))


def test_few_runs_of_everything_go_through(tmp_path: Path) -> None:
    out = tmp_path / "judge.json"

    assert main(["--quick", "--processes", "2", "--out", str(out)]) == 0
    assert list(json.loads(out.read_text())) == KEYS
