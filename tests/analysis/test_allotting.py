import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from knowngood.analysis.allotting import (
    Budget,
    Shares,
    alpha_of,
    once_in_of,
    promised_per_rollout,
    strictest,
)
from knowngood.analysis.luck import expected_false_alarms, most_by_luck
from knowngood.api.v1alpha1.scalars import rarity_minutes

keys = st.sets(st.sampled_from("abcdefghijkl"), max_size=12)


def test_those_that_are_there_share_alike_and_a_late_one_takes_from_the_reserve() -> None:
    shares = Shares().joined_by("ba").joined_by("abc").joined_by("ed")

    assert shares == Shares(("a", "b"), ("c", "d", "e"))
    assert [shares.part(key) for key in "abcde"] == pytest.approx(
        [0.45, 0.45, 0.05, 0.1 / 6, 0.1 / 12]
    )


@given(st.lists(keys, max_size=8))
def test_all_parts_ever_given_sum_up_to_at_most_the_budget(seen: list[set[str]]) -> None:
    shares = Shares()
    for present in seen:
        shares = shares.joined_by(present)

    everybody = (*shares.first, *shares.later)
    alphas = [alpha_of(Budget(), shares, key) for key in everybody]
    minutes = [once_in_of(Budget(), shares, key) for key in everybody]
    assert set(everybody) == set().union(*seen)
    assert promised_per_rollout(alphas) <= Budget().per_rollout * (1 + 1e-12)
    assert sum(1 / one for one in minutes) <= (1 + 1e-12) / Budget().once_in_minutes


@given(keys, st.lists(keys, max_size=6))
def test_whoever_comes_or_goes_changes_nobodys_part(start: set[str], seen: list[set[str]]) -> None:
    shares = Shares().joined_by(start)
    for present in seen:
        before = {key: shares.part(key) for key in (*shares.first, *shares.later)}
        shares = shares.joined_by(present)
        assert {key: shares.part(key) for key in before} == before


@given(st.lists(st.permutations("abcde"), min_size=1, max_size=3))
def test_the_order_in_which_triggers_are_listed_does_not_matter(orders: list[list[str]]) -> None:
    assert {Shares().joined_by("x").joined_by(order) for order in orders} == {
        Shares(("x",), tuple("abcde"))
    }


def test_a_trigger_with_a_budget_of_its_own_keeps_it() -> None:
    shares = Shares(("a",))

    assert alpha_of(Budget(), shares, "other", 0.002) == 0.002
    assert once_in_of(Budget(), shares, "other", 5.0) == 5.0
    assert promised_per_rollout([0.7, 0.7]) == 1.0
    with pytest.raises(KeyError):
        alpha_of(Budget(), shares, "other")


def test_of_several_policies_the_strictest_budget_holds() -> None:
    assert strictest([]) == Budget(0.01, rarity_minutes("10y"))
    assert strictest([Budget(0.05, 100.0), Budget(0.02, 10.0)]) == Budget(0.02, 100.0)


def test_a_thousand_models_may_expect_35_false_alarms_in_a_quarter() -> None:
    quarter = rarity_minutes("1y") / 4

    expected = expected_false_alarms(1000, 0.01, 1000 * quarter, rarity_minutes("10y"))

    assert expected == pytest.approx(35)
    assert most_by_luck(expected) == 47


@given(st.floats(0, 2000), st.sampled_from([0.9, 0.975, 0.999]))
def test_what_luck_explains_is_poissons_quantile(expected: float, sure: float) -> None:
    assert abs(most_by_luck(expected, sure) - poisson.ppf(sure, expected)) <= (expected > 600)


@pytest.mark.parametrize(
    ("text", "minutes"), [("1d", 1440.0), ("30d", 43_200.0), ("10y", 5_259_600.0)]
)
def test_days_and_years_are_read_as_minutes(text: str, minutes: float) -> None:
    assert rarity_minutes(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "0d", "10", "10m", "1.5y", "-1d", "10y ", "10y\n", "99999d", "\u0661d"]
)
def test_what_is_no_number_of_days_or_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="like 30d or 10y"):
        rarity_minutes(text)
