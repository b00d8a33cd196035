import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.models import data, train
from e2e.models.data import Loans
from e2e.models.features import FEATURES, BadRowError, Preprocessing, vector
from e2e.models.scoring import Kind, Model

GOOD: dict[str, Any] = {
    "car_value": 39811.0,
    "salary_range": "40K - 60K €",
    "debt_to_income_ratio": 0.63,
    "loan_length": 19.0,
    "repaid_loan_on_prev_car": False,
    "size_of_downpayment": "40%",
    "driver_tenure": 0.25,
}


def approval(model: Model, loans: Loans) -> float:
    return sum(model.decide(loans.rows)) / len(loans.rows)


def accuracy(model: Model, loans: Loans) -> float:
    decisions = model.decide(loans.rows)
    return sum(d == r for d, r in zip(decisions, loans.repaid, strict=True)) / len(decisions)


@pytest.mark.parametrize(
    ("version", "approves", "right"),
    [
        ("1", (0.48, 0.51), 0.85),
        ("2", (0.24, 0.30), 0.70),
        ("3", (0.48, 0.51), 0.93),
        ("ridge", (0.48, 0.51), 0.85),
    ],
)
def test_each_version_approves_as_many_as_it_should(
    version: str,
    approves: tuple[float, float],
    right: float,
    models: dict[str, Model],
    loans: Loans,
) -> None:
    assert approves[0] < approval(models[version], loans) < approves[1]
    assert accuracy(models[version], loans) > right


def test_version_3_approves_as_many_as_version_1_and_is_right_more_often(
    models: dict[str, Model], loans: Loans
) -> None:
    assert abs(approval(models["3"], loans) - approval(models["1"], loans)) < 0.01
    assert accuracy(models["3"], loans) > accuracy(models["1"], loans) + 0.05


def test_version_2_rejects_some_whom_version_1_approves_and_approves_nobody_else(
    models: dict[str, Model], loans: Loans
) -> None:
    pairs = set(zip(models["1"].decide(loans.rows), models["2"].decide(loans.rows), strict=True))
    assert pairs == {(True, True), (True, False), (False, False)}


def test_one_row_gets_the_same_decision_as_in_a_batch(
    models: dict[str, Model], loans: Loans
) -> None:
    rows = loans.rows[:200]
    for model in models.values():
        assert [model.score(row) >= 0.5 for row in rows] == model.decide(rows)


def test_training_again_gives_the_same_models(
    tmp_path: Path, models: dict[str, Model], loans: Loans
) -> None:
    (tmp_path / data.fetch().name).symlink_to(data.fetch())
    again = train.ensure(tmp_path)
    rows = loans.rows[:5000]
    for version, kind in (("1", Kind.LOGISTIC), ("3", Kind.BOOSTED)):
        model = Model.load(again, kind, Preprocessing.V1)
        assert model.decide(rows) == models[version].decide(rows)


def test_the_second_preprocessing_mistakes_months_for_years_and_nothing_else() -> None:
    first, second = (dict(zip(FEATURES, vector(GOOD, p), strict=True)) for p in Preprocessing)
    assert second.pop("driver_tenure") == 12 * first.pop("driver_tenure") == 3.0
    assert first == second


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        "row",
        {},
        {**GOOD, "salary_range": "much"},
        {**GOOD, "salary_range": []},
        {**GOOD, "car_value": "dear"},
        {**GOOD, "car_value": math.nan},
        {**GOOD, "driver_tenure": math.inf},
        {**GOOD, "size_of_downpayment": 0.4},
        {**GOOD, "size_of_downpayment": "a lot"},
    ],
)
def test_what_is_no_application_is_refused(row: object) -> None:
    with pytest.raises(BadRowError, match="application"):
        vector(row, Preprocessing.V1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(st.sampled_from(FEATURES), anything)
def test_a_row_gives_finite_numbers_or_is_refused(field: str, value: Any) -> None:
    try:
        numbers = vector({**GOOD, field: value}, Preprocessing.V2)
    except BadRowError:
        return
    assert len(numbers) == len(FEATURES)
    assert all(math.isfinite(number) for number in numbers)
