import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.signals.planning import (
    MARGIN,
    PIECE,
    WIDTHS,
    AboveSpec,
    CategoriesSpec,
    HistogramSpec,
    Need,
    Query,
    QueryKind,
    RatioSpec,
    Reach,
    ValueSpec,
    plan,
    reach_of,
)
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries

NOW = 1_000_000.0


def ratio(events: str, total: str) -> RatioSpec:
    return RatioSpec(parse_selector(events), parse_selector(total))


ERRORS = ratio('requests_total{code=~"5.."}', "requests_total")
SLOW = ratio('latency_bucket{le="0.5"}', "latency_count")


def test_all_models_share_one_query() -> None:
    needs = [Need("errors", ERRORS, NOW - 2) for _ in range(100)]

    assert plan(needs, NOW) == (Query("errors", QueryKind.TOTAL, "requests_total[30s]", NOW, 30),)


def test_events_of_another_metric_are_asked_for_after_the_total() -> None:
    queries = plan([Need("slow", SLOW, NOW - 2), Need("errors", ERRORS, NOW - 2)], NOW)

    assert [(q.template, q.kind) for q in queries] == [
        ("slow", QueryKind.TOTAL),
        ("errors", QueryKind.TOTAL),
        ("slow", QueryKind.EVENTS),
    ]


def test_events_that_only_prometheus_can_pick_are_asked_for() -> None:
    spec = ratio('requests_total{path=~"(?i)/predict"}', "requests_total")

    assert [q.kind for q in plan([Need("x", spec)], NOW)] == [QueryKind.TOTAL, QueryKind.EVENTS]


def test_events_are_picked_from_the_total_here() -> None:
    series = [RawSeries({"__name__": "requests_total", "code": c}, ()) for c in ("200", "503")]

    assert [s.labels["code"] for s in ERRORS.pick_events(series)] == ["503"]


BUCKETS = parse_selector('latency_bucket{model="loan"}')
NATIVE = parse_selector("latency")


def test_a_histogram_and_a_share_of_it_are_one_query() -> None:
    needs = [Need("latency", HistogramSpec(BUCKETS)), Need("slow", AboveSpec(BUCKETS, 0.5))]

    (query,) = plan(needs, NOW)

    assert query.promql == 'latency_bucket{model="loan"}[30s]'
    assert query.readers == (("latency", QueryKind.COUNTS), ("slow", QueryKind.COUNTS))


def test_categories_and_a_share_of_the_same_counter_are_one_query() -> None:
    counter = parse_selector("requests_total")

    (query,) = plan([Need("codes", CategoriesSpec(counter, "code")), Need("errors", ERRORS)], NOW)

    assert query.readers == (("codes", QueryKind.COUNTS), ("errors", QueryKind.TOTAL))


def test_native_histograms_are_asked_apart_from_counters_of_the_same_name() -> None:
    """For they are parsed in another way."""
    counter = CategoriesSpec(NATIVE, "code")
    needs = [Need("x", counter), Need("y", HistogramSpec(NATIVE)), Need("z", AboveSpec(NATIVE, 1))]

    queries = plan(needs, NOW)

    assert [q.promql for q in queries] == ["latency[30s]"] * 2
    assert [q.readers for q in queries] == [
        (("x", QueryKind.COUNTS),),
        (("y", QueryKind.HISTOGRAMS), ("z", QueryKind.HISTOGRAMS)),
    ]


@pytest.mark.parametrize(
    ("buckets", "is_native"), [("a_bucket", False), ("a", True), ("a_bucket_total", True)]
)
def test_a_name_says_whether_a_histogram_is_native(
    buckets: str,
    is_native: bool,  # noqa: FBT001  - a table's column
) -> None:
    assert HistogramSpec(parse_selector(buckets)).is_native is is_native


def test_identical_queries_of_two_templates_are_asked_once() -> None:
    denied = ratio('requests_total{code="403"}', "requests_total")

    (query,) = plan([Need("errors", ERRORS), Need("denied", denied)], NOW)

    assert query.readers == (("errors", QueryKind.TOTAL), ("denied", QueryKind.TOTAL))


def test_a_total_that_is_also_read_as_events_still_comes_first() -> None:
    needs = [Need("slow", SLOW), Need("odd", ratio("latency_count", "requests_total"))]

    queries = plan(needs, NOW)

    first = {q.promql: i for i, q in enumerate(queries)}
    assert first["requests_total[30s]"] < first['latency_bucket{le="0.5"}[30s]']
    assert first["latency_count[30s]"] < first['latency_bucket{le="0.5"}[30s]']


def test_a_value_is_asked_as_it_is_written() -> None:
    needs = [
        Need("lag", ValueSpec("max by (pod) (lag)")),
        Need("lag", ValueSpec("max by (pod) (lag)")),
    ]

    assert plan(needs, NOW) == (Query("lag", QueryKind.VALUE, "max by (pod) (lag)", NOW),)


@pytest.mark.parametrize(
    ("age", "width"),
    [
        (0, 30),
        (20, 30),
        (20.5, 120),
        (110, 120),
        (591, 3600),
        (3000, 3600),
        (3590, 3600),
    ],
)
def test_the_range_reaches_back_in_few_widths(age: float, width: int) -> None:
    assert reach_of(NOW - age, NOW) == Reach(NOW, width)


@given(st.floats(3591, 30 * 86400))
def test_what_is_older_is_read_piece_by_piece_without_a_gap(age: float) -> None:
    since, pieces = NOW - age, 0
    while (reach := reach_of(since, NOW)).at < NOW:
        assert reach.at - reach.width <= since - MARGIN
        assert since + 90 < reach.at
        since, pieces = reach.at, pieces + 1

    assert pieces <= age / PIECE + 1


def test_models_share_the_pieces_of_the_past() -> None:
    needs = [Need("errors", ERRORS, NOW - 86400 + i) for i in range(100)]

    assert len(plan(needs, NOW)) == 1


def test_one_long_replay_does_not_widen_the_read_of_the_others() -> None:
    queries = plan([Need("errors", ERRORS, NOW - 2), Need("errors", ERRORS, NOW - 3000)], NOW)

    assert [q.width for q in queries] == [30, 3600]


@given(st.lists(st.floats(0, 3590), max_size=50))
def test_queries_do_not_grow_with_models(ages: list[float]) -> None:
    queries = plan([Need("errors", ERRORS, NOW - age) for age in ages], NOW)

    assert len(queries) <= len(WIDTHS)
    for age in ages:
        assert any(q.width is not None and q.width >= age for q in queries)
