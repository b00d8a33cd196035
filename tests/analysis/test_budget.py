import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.budget import share_budget


@pytest.mark.parametrize(
    ("explicit", "expected"),
    [([None], [0.01]), ([None, None], [0.005, 0.005]), ([0.002, None], [0.002, 0.005]), ([], [])],
)
def test_triggers_share_the_budget_and_explicit_shares_stay(
    explicit: list[float | None], expected: list[float]
) -> None:
    assert share_budget(0.01, explicit) == expected


@given(st.floats(1e-6, 0.5), st.integers(1, 40))
def test_the_shares_of_all_triggers_sum_up_to_the_budget(per_rollout: float, triggers: int) -> None:
    assert sum(share_budget(per_rollout, [None] * triggers)) == pytest.approx(per_rollout)


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_budget(wrong, [None])
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_budget(0.01, [wrong])
