# ruff: noqa: D103, PLR2004, S101 - the name of a test is its claim, numbers are its point, and assert is how it speaks
"""The arithmetic of the containment bench, held against cases that are known."""

import pytest

from bench.containment.containing import Contained
from bench.containment.counters import of_operator, of_server
from bench.containment.fleet import Cost, Fleet, Rest
from bench.containment.manifests import trigger
from bench.containment.moments import Moments, spread
from bench.containment.replay import Judged, enough_at
from bench.containment.report import Results, figures, missed, table
from bench.containment.scenario import TESTS, Part
from bench.containment.witness import BenchError
from knowngood.decisions.naming import child_name
from knowngood.signals.series import RawSeries


def moments(containment: float = 3.5) -> Moments:
    return Moments(
        harmed=99.8,
        first_bad=100.0,
        enough=102.0,
        detected=102.5,
        written=102.6,
        last=100.0 + containment,
        bad_answers=4,
    )


def contained(part: Part, *seconds: float, lost: int = 0) -> Contained:
    runs = [moments(one) for one in seconds]
    return Contained(
        part, runs, false_alarms=0, requests=1000, lost=lost, lanes=2, busy=0.5, queue=1
    )


def fleet(*queries: float, writes: float = 0) -> Fleet:
    costs = [Cost(10**i, q, 0, 0, 0.05) for i, q in enumerate(queries)]
    return Fleet(costs, Rest(100, 60.0, writes, writes, 30))


def test_the_stages_add_up_to_the_containment() -> None:
    run = moments()
    assert sum(run.split.values()) == pytest.approx(run.containment)
    assert list(run.split.values()) == pytest.approx([2.0, 0.5, 0.1, 0.9])


def test_the_spread_is_the_median_and_the_95th_percentile() -> None:
    found = spread([float(n) for n in range(1, 22)])
    assert (found.median_s, found.p95_s) == (11, 20)
    assert spread([7.0]).p95_s == 7


def test_a_slow_median_a_lost_request_and_growing_queries_are_misses() -> None:
    good = Results({Part.THRESHOLD: contained(Part.THRESHOLD, 3, 4, 5)}, fleet(1.94, 2, 2))
    assert not missed(good)
    slow = Results({Part.THRESHOLD: contained(Part.THRESHOLD, 3, 4.1, 5)})
    assert "4.1 s" in missed(slow)[0]
    lossy = Results({Part.THRESHOLD: contained(Part.THRESHOLD, 3, lost=1)})
    assert "1 requests failed" in missed(lossy)[0]
    assert "queries grow" in missed(Results(fleet=fleet(2, 2, 3)))[0]
    assert "written" in missed(Results(fleet=fleet(2, 2, 2, writes=1)))[0]


def test_what_was_not_measured_is_null_and_not_zero() -> None:
    told = figures(Results({Part.PROPORTION: contained(Part.PROPORTION, 5, 6)}))
    assert told["proportion"] == {"median_s": 5.5, "p95_s": 5.95}
    assert told["threshold"] is None
    assert told["queries_per_tick"] is None
    assert told["api_writes_at_rest"] is None
    assert told["runs"] == 2


def test_the_table_names_every_stage() -> None:
    text = table(Results({Part.LATE: contained(Part.LATE, 5, 6)}, fleet(2, 2, 2)))
    assert all(stage in text for stage in ("scrape", "evaluation", "decision", "route", "100"))


def test_the_replay_names_the_scrape_that_brought_enough() -> None:
    """One error in ten from the start is above 5 % once twenty requests are settled."""
    assert enough_at(samples(bad_per_second=1), judged()) == 1002.25


def test_a_crossing_that_has_passed_is_not_what_led_to_the_decision() -> None:
    """Six bad answers of a hundred are too many; they pass after ten seconds, and come again."""
    assert enough_at(bursts(1003, 1020), judged()) == 1021.25


def test_a_replay_without_a_breach_says_so() -> None:
    with pytest.raises(BenchError, match="finds no breach"):
        enough_at(samples(bad_per_second=0), judged())


def test_counters_are_read_as_prometheus_writes_them() -> None:
    text = """
# TYPE knowngood_tick_seconds histogram
knowngood_tick_seconds_bucket{le="+Inf"} 7
knowngood_tick_seconds_count 7
knowngood_tick_seconds_sum 0.7
knowngood_signal_queries 14
knowngood_api_requests{kind="read"} 5
knowngood_api_requests{kind="write"} 3
knowngood_canary_samples{namespace="n",model="a",policy="p",trigger="x"} 6
knowngood_canary_samples{namespace="n",model="a",policy="p",trigger="y"} 6
knowngood_canary_samples{namespace="n",model="b",policy="p",trigger="x"} 0
"""
    found = of_operator(text)
    assert (found.ticks, found.queries, found.reads, found.writes, found.judged) == (7, 14, 5, 3, 1)


def test_only_writes_to_what_the_operator_writes_count_at_the_server() -> None:
    def line(verb: str, group: str, resource: str, subresource: str, value: int) -> str:
        labels = f'verb="{verb}",group="{group}",resource="{resource}",subresource="{subresource}"'
        return f"apiserver_request_total{{{labels}}} {value}"

    found = of_server(
        "\n".join(
            [
                "# TYPE apiserver_request_total counter",
                line("APPLY", "knowngood.dev", "aimodeldeployments", "status", 1),
                line("APPLY", "gateway.networking.k8s.io", "httproutes", "", 10),
                line("PATCH", "gateway.networking.k8s.io", "httproutes", "status", 100),
                line("LIST", "knowngood.dev", "aimodeldeployments", "", 1000),
                line("PUT", "coordination.k8s.io", "leases", "", 5),
            ]
        )
        + "\n"
    )
    assert (found.writes, found.leases) == (11, 5)


def judged() -> Judged:
    return Judged(
        namespace="n",
        model="m",
        canary="2",
        stable="1",
        since=1000.0,
        detected=1030.0,
        trigger=trigger(TESTS[Part.THRESHOLD]),
    )


def samples(bad_per_second: int) -> list[RawSeries]:
    """Ten requests a second for each version; both pods are scraped at a quarter past."""
    return canary_with(dict.fromkeys(range(990, 1030), bad_per_second))


def bursts(*seconds: int) -> list[RawSeries]:
    """Six bad answers of the canary in each of some seconds, else none."""
    return canary_with(dict.fromkeys(seconds, 6))


def canary_with(bad: dict[int, int]) -> list[RawSeries]:
    found = []
    for version, failed in (("1", {}), ("2", bad)):
        pod = f"{child_name('m', version)}-abc12-xyz34"
        sums: dict[str, list[tuple[float, float]]] = {"200": [], "500": []}
        good = worse = 0
        for second in range(990, 1030):
            worse += failed.get(second, 0)
            good += 10 - failed.get(second, 0)
            sums["200"].append((second + 0.25, float(good)))
            sums["500"].append((second + 0.25, float(worse)))
        for code, values in sums.items():
            labels = {
                "__name__": "model_requests_total",
                "namespace": "n",
                "pod": pod,
                "code": code,
            }
            found.append(RawSeries(labels, tuple(values)))
    return found
