"""What has moved between two spans, looked at once."""

import math
import random

import pytest

from knowngood.analysis.distribution.naming import FALSE_NAMES
from knowngood.analysis.moved import ENOUGH, move_of, moved
from knowngood.signals.amounts import Sides


def sides(before: tuple[float, ...], since: tuple[float, ...], *, ordered: bool = True) -> Sides:
    labels = tuple(f"bin {n}" for n in range(len(before)))
    edges = tuple(float(n) for n in range(1, len(before))) if ordered else None
    return Sides(labels, edges, before, since)


def drawn(rng: random.Random, shares: tuple[float, ...], count: int) -> tuple[float, ...]:
    found = rng.choices(range(len(shares)), weights=shares, k=count)
    return tuple(float(found.count(n)) for n in range(len(shares)))


@pytest.mark.parametrize("few", [(ENOUGH - 1, 500), (500, ENOUGH - 1)])
def test_with_too_few_requests_on_either_side_nothing_is_said(few: tuple[int, int]) -> None:
    before, since = ((float(n), 0.0) for n in few)

    assert move_of(sides(before, since)) is None


def test_what_has_moved_is_named_with_how_far_and_where() -> None:
    moves = {
        "income": move_of(sides((800, 200), (200, 300))),
        "age": move_of(sides((800, 200), (400, 100))),
    }
    found = {name: move for name, move in moves.items() if move is not None}

    assert moved(found) == ("income",)
    assert found["income"].distance > 0.5
    shifts = {s.label: (round(s.before, 3), round(s.after, 3)) for s in found["income"].shifts}
    assert shifts == {"bin 0": (0.8, 0.4), "bin 1": (0.2, 0.6)}
    assert (found["income"].before, found["income"].since) == (1000, 500)


def test_a_move_that_is_proved_and_small_is_not_named() -> None:
    move = move_of(sides((500_000, 500_000), (510_000, 490_000)))

    assert move is not None
    assert move.evidence > 1e6
    assert moved({"income": move}) == ()


def test_requests_that_hang_together_prove_less() -> None:
    both = sides((80, 80), (110, 50))
    alone, together = move_of(both), move_of(both, design_effect=10)

    assert alone is not None
    assert together is not None
    assert together.evidence < alone.evidence


def test_without_a_move_names_are_rare() -> None:
    rng, law = random.Random(7), (0.1, 0.2, 0.4, 0.2, 0.1)
    named = 0
    for _ in range(300):
        moves = {}
        for feature in "abcdefg":
            move = move_of(sides(drawn(rng, law, 150), drawn(rng, law, 120)))
            assert move is not None
            moves[feature] = move
        named += bool(moved(moves))
    assert named / 300 <= FALSE_NAMES / 2


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", [1, 2, 64, 65, 66, 200])
def test_any_number_of_bins_is_compared(count: int, *, ordered: bool) -> None:
    before = tuple(float(10 + n % 3) * 20 for n in range(count))
    since = tuple(reversed(before))

    move = move_of(sides(before, since, ordered=ordered))

    assert move is not None
    assert math.isfinite(move.distance)
    assert math.isfinite(move.evidence)
    assert move.since == round(sum(since))


def test_a_bin_that_was_empty_before_is_compared() -> None:
    move = move_of(sides((500, 0, 0), (100, 400, 0), ordered=False))

    assert move is not None
    assert moved({"kind": move}) == ("kind",)


def test_bins_may_be_called_alike() -> None:
    alike = Sides(("x", "x", "x"), None, (300, 200, 100), (100, 200, 300))

    assert move_of(alike) is not None
