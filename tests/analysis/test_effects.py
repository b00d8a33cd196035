from math import fsum
from random import Random

import pytest

from knowngood.analysis.blocks import Block
from knowngood.analysis.effects import EffectWindow


def window(over: float | None, *blocks: Block) -> EffectWindow:
    made = EffectWindow(over)
    for block in blocks:
        made = made.plus(block)
    return made


def mantel_haenszel(blocks: list[Block]) -> float:
    parts = [(b.x, b.n_c, b.y, b.n_s, b.n_c + b.n_s) for b in blocks]
    top = fsum((x * n_s - y * n_c) / n for x, n_c, y, n_s, n in parts)
    return top / fsum(n_c * n_s / n for _, n_c, _, n_s, n in parts)


def random_blocks(seed: int, count: int) -> list[Block]:
    draw = Random(seed)
    blocks = []
    for k in range(count):
        n_c, n_s = draw.randrange(1, 20), draw.randrange(1, 60)
        blocks.append(Block(draw.randrange(n_c + 1), n_c, draw.randrange(n_s + 1), n_s, k, k + 1))
    return blocks


def test_a_change_of_weights_does_not_pass_for_a_difference() -> None:
    """At night 5 % weight and .55 for both, at noon 50 % and .70: pooled, it looks like +8.4 points."""
    night = Block(x=275, n_c=500, y=5225, n_s=9500, start=0, end=60)
    noon = Block(x=3500, n_c=5000, y=3500, n_s=5000, start=60, end=120)
    pooled = 3775 / 5500 - 8725 / 14500

    assert pooled == pytest.approx(0.0846, abs=1e-3)
    assert window(None, night, noon).difference == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("over", [None, 1e6])
def test_the_difference_is_weighted_by_blocks(over: float | None) -> None:
    blocks = random_blocks(1, 50)

    assert window(over, *blocks).difference == pytest.approx(mantel_haenszel(blocks))


def test_old_blocks_leave_the_window_within_a_thirtysecond_part_of_it() -> None:
    blocks = random_blocks(2, 500)

    seen = window(64.0, *blocks).difference

    candidates = [mantel_haenszel(blocks[-length:]) for length in range(64, 67)]
    assert any(seen == pytest.approx(candidate) for candidate in candidates)


def test_without_a_pair_there_is_no_difference() -> None:
    assert window(60.0).difference is None
    assert window(60.0, Block(1, 5, 0, 0, 0, 1)).difference is None
