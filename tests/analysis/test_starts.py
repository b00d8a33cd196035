import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.bets import SHIFTS, WEIGHTS
from knowngood.analysis.starts import started
from tests.analysis.plainly import starts


@pytest.mark.parametrize("horizon", [1.0, 95.0, 600.0, 3600.0])
def test_the_stake_is_spread_as_written(horizon: float) -> None:
    put_down = 0.0
    for seconds, weight in starts(horizon, 1000):
        assert started(seconds - 0.001, horizon) == pytest.approx(put_down, abs=1e-12)
        put_down += weight
        assert started(seconds, horizon) == pytest.approx(put_down, abs=1e-12)


@given(st.floats(0, 1e9), st.floats(1, 1e6))
def test_no_more_than_one_is_ever_put_down(seconds: float, horizon: float) -> None:
    assert 0.7 <= started(seconds, horizon) <= 1.0


def test_there_is_always_something_left_for_later() -> None:
    assert started(1e7, 600.0) < started(2e7, 600.0) < 1.0


def test_all_bets_together_get_the_stake_once() -> None:
    assert len(WEIGHTS) == len(SHIFTS)
    assert sum(WEIGHTS) == pytest.approx(1, abs=1e-12)
