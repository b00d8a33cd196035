"""A pod that is scraped twice: nobody is judged by answers that each count for two."""

import pytest

from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries, Target
from tests.signals.counted import SINCE, counted, steady
from tests.signals.scraping import version_of


def labelled(**labels: str) -> RawSeries:
    one = steady("a-1")
    return RawSeries({**one.labels, **labels}, one.samples)


@pytest.mark.parametrize("label", ["job", "prometheus", "prometheus_replica"])
def test_one_pod_in_two_scrapes_is_told_with_what_differs(label: str) -> None:
    """A PodMonitor beside a ServiceMonitor, or two Prometheus side by side that nobody takes for one."""
    two = [labelled(**{label: one}) for one in ("one", "two")]
    problem = counted(*two).problem()

    assert f'pod a-1 is scraped twice, as {label}="one" and {label}="two"' in problem
    assert "leave one of them out by a matcher in the selector" in problem


@pytest.mark.parametrize("label", ["endpoint", "service"])
def test_a_process_that_tells_its_own_requests_apart_is_scraped_once(label: str) -> None:
    """Where no scrape attaches the label, it is the process's own."""
    two = [labelled(**{"job": "pods", label: one}) for one in ("/predict", "/explain")]

    assert not counted(*two).problem()


def test_scrapes_of_a_pod_that_take_turns_are_two_as_well() -> None:
    ledger, both = CountLedger(SINCE), (steady("a-1", job="x"), steady("a-1", 995.7, job="y"))
    for k in range(14):
        read = [RawSeries(one.labels, one.samples[k : k + 1]) for one in both]
        ledger.advance([], read, version_of, 996.0 + k)

    assert "scraped twice" in ledger.problem()


@pytest.mark.parametrize("label", ["instance", "container", "replica", "outcome", "path"])
def test_two_ports_containers_or_children_may_count_different_requests(label: str) -> None:
    ledger = counted(labelled(**{"job": "x", label: "one"}), labelled(**{"job": "y", label: "two"}))

    assert not ledger.problem()


def test_two_pods_in_a_scrape_each_are_two() -> None:
    assert not counted(steady("a-1", job="x"), steady("a-2", job="y")).problem()


def test_a_scrape_that_is_given_another_name_is_still_one() -> None:
    ledger = counted(steady("a-1", last=1003.2, job="old"), steady("a-1", first=1004.2, job="new"))

    assert not ledger.problem()


def test_it_is_over_when_one_of_them_has_ended() -> None:
    ledger = counted(steady("a-1", last=1009.2, job="x"), steady("a-1", job="y"))
    was = ledger.problem()

    ledger.advance([], [steady("a-1", last=1020.2, job="y")], version_of, 1020.2)

    assert was
    assert not ledger.problem()


def test_a_pod_that_is_not_judged_may_be_scraped_as_often_as_it_likes() -> None:
    def judged(target: Target) -> str | None:
        return None if target.pod == "x-1" else version_of(target)

    total = [steady("x-1", job="x"), steady("x-1", job="y"), steady("b-1")]

    assert not CountLedger(SINCE).advance([], total, judged, 1010.2).problem()
