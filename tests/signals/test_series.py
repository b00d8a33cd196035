import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.signals.series import (
    MalformedAnswer,
    RawSeries,
    Target,
    parse_matrix,
    parse_vector,
    refuse_later,
    scraped_from,
)

LABELS = {"__name__": "requests_total", "namespace": "loans", "pod": "loan-8-x"}


def test_a_matrix_becomes_series_of_floats() -> None:
    answer = [{"metric": LABELS, "values": [[1000, "3"], [1001.5, "4e2"]]}]

    assert parse_matrix(answer) == (RawSeries(LABELS, ((1000.0, 3.0), (1001.5, 400.0))),)


def test_a_series_belongs_to_the_pod_that_it_was_read_from() -> None:
    assert RawSeries(LABELS, ()).target == Target("loans", "loan-8-x")


@pytest.mark.parametrize("missing", ["namespace", "pod"])
def test_a_series_without_a_pod_or_namespace_belongs_to_nobody(missing: str) -> None:
    labels = {name: value for name, value in LABELS.items() if name != missing}

    assert RawSeries(labels, ()).target is None


@pytest.mark.parametrize("odd", ["NaN", "+Inf", "-Inf"])
def test_a_value_that_cannot_count_costs_only_its_own_sample(odd: str) -> None:
    answer = [{"metric": LABELS, "values": [[1, "3"], [2, odd], [3, "5"]]}]

    assert parse_matrix(answer)[0].samples == ((1.0, 3.0), (3.0, 5.0))


def test_a_series_of_nothing_but_odd_values_is_dropped() -> None:
    assert parse_matrix([{"metric": LABELS, "values": [[1, "NaN"]]}]) == ()


WRONG_SHAPES: dict[str, object] = {
    "no list": {},
    "none": None,
    "a text": "[]",
    "an entry that is no object": [3],
    "no metric": [{"values": []}],
    "a metric that is no object": [{"metric": [], "values": []}],
    "a label that is no text": [{"metric": {"pod": 3}, "values": []}],
    "no values": [{"metric": {}}],
    "a native histogram": [{"metric": {}, "histograms": []}],
    "values that are no list": [{"metric": {}, "values": "1"}],
    "a sample that is no pair": [{"metric": {}, "values": [[1, "2", "3"]]}],
    "a value that is no text": [{"metric": {}, "values": [[1, 2]]}],
    "a value that is no number": [{"metric": {}, "values": [[1, "many"]]}],
    "a time that is a text": [{"metric": {}, "values": [["1", "2"]]}],
    "a time that is a truth": [{"metric": {}, "values": [[True, "2"]]}],
    "a time that is none": [{"metric": {}, "values": [[math.nan, "2"]]}],
    "a time too large": [{"metric": {}, "values": [[10**400, "2"]]}],
    "times that repeat": [{"metric": {}, "values": [[1, "2"], [1, "3"]]}],
    "times that fall": [{"metric": {}, "values": [[2, "2"], [1, "3"]]}],
}


@pytest.mark.parametrize("answer", WRONG_SHAPES.values(), ids=WRONG_SHAPES.keys())
def test_a_wrong_shape_is_refused_as_a_whole(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        parse_matrix(answer)


def test_a_refusal_says_which_series_it_is_about() -> None:
    with pytest.raises(MalformedAnswer, match=r"result\[1\] is a native histogram"):
        parse_matrix([{"metric": {}, "values": []}, {"metric": {}, "histograms": []}])


@pytest.mark.parametrize("late", [1000 * 1000.0, 1000.0 + 3600.0, 1002.0])
def test_what_is_later_than_it_was_asked_for_is_refused_as_a_whole(late: float) -> None:
    well, odd = RawSeries(LABELS, ((999.0, 1.0),)), RawSeries(LABELS, ((999.0, 1.0), (late, 2.0)))

    with pytest.raises(MalformedAnswer, match="later than the instant"):
        refuse_later(1000.0, (well, odd))


def test_a_time_that_a_source_has_rounded_up_is_not_later() -> None:
    answer = (RawSeries(LABELS, ((999.0, 1.0), (1001.0, 2.0))), RawSeries(LABELS, ()))

    refuse_later(1000.25, answer)


def test_a_vector_becomes_labels_and_values() -> None:
    answer = [
        {"metric": {"version": "8"}, "value": [1, "0.5"]},
        {"metric": {"version": "9"}, "value": [1, "NaN"]},
    ]

    assert parse_vector(answer) == (({"version": "8"}, 0.5),)


@pytest.mark.parametrize("entry", [{"metric": {}}, {"metric": {}, "histogram": [1, {}]}, {}])
def test_a_vector_without_plain_values_is_refused(entry: object) -> None:
    with pytest.raises(MalformedAnswer):
        parse_vector([entry])


def test_the_scraper_was_at_work_once_a_series_had_two_samples() -> None:
    early = RawSeries({"a": "1"}, ((5.0, 1.0),))
    series = [
        early,
        RawSeries({}, ((7.0, 1.0), (8.0, 1.0))),
        RawSeries({}, ((1.0, 1.0), (9.0, 1.0))),
    ]

    assert scraped_from(series) == 8.0
    assert scraped_from([early]) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["metric", "values", "value", "pod"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_either_read_or_refused(answer: object) -> None:
    for parse in (parse_matrix, parse_vector):
        try:
            parse(answer)
        except MalformedAnswer as refusal:
            assert str(refusal)  # noqa: PT017  - not refusing is as good
