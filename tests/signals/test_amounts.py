"""What was counted in two spans, put into bins."""

from knowngood.signals.amounts import of_categories, of_histogram, of_shares, rising, summed
from knowngood.signals.selectors import Matcher, Operator, parse_selector


def test_a_query_asks_for_the_targets_of_one_model_and_keeps_parts_apart() -> None:
    promql = rising(
        parse_selector('model_feature_bucket{job="m"}'),
        [Matcher("namespace", Operator.EQUAL, 'a"b')],
        ["feature", "le"],
        90,
    )

    assert promql.startswith("sum by (")
    assert 'increase(model_feature_bucket{job="m",namespace="a\\"b"}[90s])' in promql
    names = promql.removeprefix("sum by (").split(")")[0].split(", ")
    assert {"feature", "le", "pod", "namespace", "exported_pod"} <= set(names)
    assert names == sorted(names)


def test_targets_are_added_up_and_what_falls_counts_for_nothing() -> None:
    rows = [
        ({"feature": "age", "le": "1", "pod": "a"}, 3.0),
        ({"feature": "age", "le": "1", "pod": "b"}, 4.0),
        ({"feature": "age", "le": "1", "pod": "c"}, -1.0),
        ({"le": "1", "pod": "a"}, 5.0),
    ]

    assert summed(rows, "feature", "le") == {"age": {"1": 7.0}, "": {"1": 5.0}}


def test_buckets_become_bins_whatever_their_spelling() -> None:
    found = of_histogram(
        {"age": {"1": 2.0, "2": 5.0, "+Inf": 9.0}},
        {"age": {"1.0": 1.0, "2.0": 1.0, "+Inf": 4.0, "odd": 7.0}},
    )

    assert found["age"].labels == ("up to 1", "1 to 2", "above 2")
    assert found["age"].before == (2.0, 3.0, 4.0)
    assert found["age"].since == (1.0, 0.0, 3.0)
    assert found["age"].edges == (1.0, 2.0)


def test_a_bucket_that_lags_makes_no_bin_negative() -> None:
    found = of_histogram({}, {"": {"1": 5.0, "+Inf": 4.0}})

    assert found[""].since == (5.0, 0.0)


def test_edges_that_only_one_span_has_are_left_out() -> None:
    found = of_histogram({"": {"1": 1, "2": 2, "+Inf": 3}}, {"": {"2": 2, "+Inf": 3}})

    assert found[""].labels == ("up to 2", "above 2")


def test_without_a_last_bucket_there_are_no_bins() -> None:
    assert of_histogram({}, {"": {"1": 1, "2": 2}}) == {}


def test_categories_of_both_spans_are_bins() -> None:
    found = of_categories({"region": {"north": 3}}, {"region": {"south": 2, "": 1}})

    assert found["region"].labels == ("(none)", "north", "south")
    assert found["region"].before == (0.0, 3, 0.0)
    assert found["region"].since == (1, 0.0, 2)


def test_a_share_is_of_its_own_total_or_of_that_of_every_part() -> None:
    events = ({"age": {"": 1.0}}, {"age": {"": 6.0}, "debt": {"": 2.0}})
    totals = ({"": {"": 10.0}}, {"": {"": 20.0}})

    found = of_shares(events, totals)

    assert (found["age"].before, found["age"].since) == ((1.0, 9.0), (6.0, 14.0))
    assert (found["debt"].before, found["debt"].since) == ((0.0, 10.0), (2.0, 18.0))


def test_a_total_without_any_events_is_one_part_without_faults() -> None:
    found = of_shares(({}, {}), ({"": {"": 10.0}}, {"": {"": 20.0}}))

    assert (found[""].before, found[""].since) == ((0.0, 10.0), (0.0, 20.0))


def test_what_anybody_may_have_written_is_told_plainly_and_short() -> None:
    hostile = "a\n\x1b[31m" + "x" * 500

    (label,) = of_categories({}, {"": {hostile: 1}})[""].labels

    assert label.isprintable()
    assert len(label) <= 64


def test_an_edge_that_is_none_is_no_bin() -> None:
    found = of_histogram({}, {"": {"-Inf": 1, "1": 1, "+Inf": 2}})

    assert found[""].labels == ("up to 1", "above 1")
