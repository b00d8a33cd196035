"""Which signals serve which tests."""

from typing import Any

import pytest

from tests.control.guarding import KEY, Watch, proportions
from tests.control.manifests import (
    a_policy,
    a_template,
    a_trigger,
)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        pytest.param(None, "there is no ClusterSignalTemplate errors", id="absent"),
        pytest.param(
            a_template(value={"query": "up"}),
            "proportion: signal errors is of kind value, and ratio is needed; use threshold",
            id="a value",
        ),
        pytest.param(
            a_template(histogram={"buckets": "score_bucket"}),
            "is of kind histogram, and ratio is needed; use distribution, or a ratio of a histogram",
            id="a histogram",
        ),
        pytest.param(
            a_template(categories={"counts": "x", "by": "outcome"}),
            "is of kind categories, and ratio is needed; use distribution, or a ratio of one category",
            id="categories",
        ),
        pytest.param(
            a_template(ratio={"histogram": "x_bucket)", "above": "0.5"}),
            "spec.ratio.histogram",
            id="not a selector of buckets",
        ),
        pytest.param(
            a_template(ratio={"events": "rate(x[1m])", "total": "x"}),
            "spec.ratio.events",
            id="not a selector",
        ),
    ],
)
def test_a_signal_that_cannot_serve_leaves_the_model_unguarded(
    template: dict[str, Any] | None, words: str
) -> None:
    watch = Watch(a_policy(), *([template] if template else []))

    problem = watch.guard.problem(watch.model)

    assert problem is not None
    assert problem.reason == "NoSignals"
    assert words in problem.message


DISTRIBUTION = {"comparedTo": "Stable", "above": "0.25"}


@pytest.mark.parametrize(
    ("signal", "test", "words"),
    [
        pytest.param({}, DISTRIBUTION, "distribution: signal errors is of kind ratio, and histogram or "
                     "categories is needed; use proportion or threshold", id="a share"),
        pytest.param({"categories": {"counts": "x", "by": "y"}}, {**DISTRIBUTION, "statistic": "MaxGap"},
                     "distribution.statistic: MaxGap needs a histogram", id="no order"),
        pytest.param({"categories": {"counts": "x", "by": "y"}}, DISTRIBUTION, "", id="categories"),
        pytest.param({"histogram": {"buckets": "x_bucket"}}, {**DISTRIBUTION, "statistic": "MaxGap"},
                     "", id="a histogram"),
        pytest.param({"histogram": {"buckets": "x_bucket"}}, {**DISTRIBUTION, "name": 5},
                     "distribution.name: signal errors has no segments that could be named", id="no names"),
        pytest.param({"histogram": {"buckets": "x_bucket"}, "segments": {"by": "feature", "values": ["a"]}},
                     {**DISTRIBUTION, "name": 5}, "", id="names"),
    ],
)  # fmt: skip
def test_a_distribution_needs_bins(
    signal: dict[str, Any], test: dict[str, Any], words: str
) -> None:
    watch = Watch(a_policy(triggers=[a_trigger(distribution=test)]), a_template(**signal))

    problem = watch.guard.problem(watch.model)

    assert words in (problem.message if problem else "")
    assert (problem is None) is (not words)


def test_distributions_share_the_budget() -> None:
    explicit = {**DISTRIBUTION, "falseAlarms": {"perRollout": "0.3%"}}
    drifts = [a_trigger("c", distribution=DISTRIBUTION), a_trigger("d", distribution=explicit)]

    bound = Watch(a_policy(triggers=[*proportions("a"), *drifts])).bound()

    assert bound["a"].alpha == bound["c"].alpha == pytest.approx(0.0045)
    assert bound["d"].alpha == pytest.approx(0.003)


RATIO = {"events": 'labelled_total{correct="true"}', "total": "labelled_total"}
LATE = a_template("accuracy", ratio=RATIO, delayed=True)


def test_a_canary_is_not_judged_by_labels_that_come_late() -> None:
    """Loans that failed early are the first that are known of: bad ones of any version."""
    early = a_trigger("accuracy-falls", "accuracy")
    watch = Watch(a_policy(triggers=[a_trigger(), early]), a_template(), LATE)

    assert [b.trigger.name for b in watch.guard.for_canaries(KEY)] == ["errors-rise"]
    problem = watch.guard.problem(watch.model)
    assert problem is not None
    assert "roles: signal accuracy is delayed" in problem.message
    assert "set roles: [Stable]" in problem.message


def test_what_serves_is_judged_by_labels_that_come_late() -> None:
    threshold = {"below": "0.9", "window": "24h"}
    serving = {**a_trigger("wrong", "accuracy", threshold=threshold), "roles": ["Stable"]}
    watch = Watch(a_policy(triggers=[a_trigger(), serving]), a_template(), LATE)

    assert watch.guard.problem(watch.model) is None
    assert "wrong" in watch.bound()
