from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.blocks import MAX_AGE, Block, Cutter, Span, block_of, cut
from knowngood.signals.cells import CellColumn

Cells = dict[int, tuple[int, int]]
"""Second to (events, requests)."""


def column(cells: Cells) -> CellColumn:
    made = CellColumn()
    for second in sorted(cells):
        made.append(second, *cells[second])
    return made


def blocks_of(
    canary: Cells, stable: Cells, until: int, excluded: tuple[Span, ...] = ()
) -> tuple[Block, ...]:
    return cut(Cutter(0), column(canary), column(stable), until, excluded)[1]


def test_with_both_answering_every_second_is_a_block() -> None:
    canary, stable = dict.fromkeys(range(5), (1, 2)), dict.fromkeys(range(5), (10, 20))

    assert blocks_of(canary, stable, 5) == tuple(Block(1, 2, 10, 20, k, k + 1) for k in range(5))


def test_a_canary_request_waits_for_nine_stable_ones() -> None:
    canary, stable = {3: (0, 1)}, dict.fromkeys(range(20), (1, 1))

    assert blocks_of(canary, stable, 20) == (Block(0, 1, 9, 9, 0, 9),)


def test_where_stable_answers_less_often_fewer_are_waited_for() -> None:
    """After a block of three canary requests for each stable one, one stable request is enough."""
    first = {0: (0, 27)}, {0: (0, 9)}
    canary, stable = first[0] | {10: (0, 1)}, first[1] | {11: (0, 1)}

    assert blocks_of(canary, stable, 20)[1] == Block(0, 1, 0, 1, 10, 12)


def test_a_block_is_closed_after_five_minutes_with_what_it_has() -> None:
    canary, stable = {MAX_AGE: (1, 1)}, {0: (1, 1), 10: (0, 1)}

    assert blocks_of(canary, stable, MAX_AGE - 1) == ()
    assert blocks_of(canary, stable, MAX_AGE + 1) == (Block(0, 0, 1, 2, 0, MAX_AGE),)


def test_cells_of_a_change_of_weights_are_left_out_and_no_block_reaches_across() -> None:
    canary, stable = {11: (0, 1), 12: (1, 1)}, dict.fromkeys(range(20), (0, 1))

    cut_blocks = blocks_of(canary, stable, 20, ((4.5, 8.0),))

    assert cut_blocks == (Block(0, 0, 0, 4, 0, 4), Block(1, 2, 0, 9, 8, 17))


def test_seconds_without_answers_make_no_block() -> None:
    idle = dict.fromkeys(range(1000), (0, 0))

    assert blocks_of(idle, idle, 1000) == ()


def random_cells(draw: Random, rate: float) -> Cells:
    cells = {}
    for second in range(1500):
        if draw.random() < rate:
            total = draw.randrange(4)
            cells[second] = (draw.randrange(total + 1), total)
    return cells


rates = st.sampled_from([0.002, 0.02, 0.3, 1.0])
spans = st.lists(st.tuples(st.floats(0, 1500), st.floats(0, 20)), max_size=3)


@settings(deadline=None)
@given(st.integers(0, 10**6), rates, rates, spans, st.lists(st.integers(0, 1500), max_size=8))
def test_blocks_do_not_depend_on_when_they_are_cut(
    seed: int, canary_rate: float, stable_rate: float,
    drawn: list[tuple[float, float]], looks: list[int],
) -> None:  # fmt: skip
    draw = Random(seed)
    canary, stable = (
        column(random_cells(draw, canary_rate)),
        column(random_cells(draw, stable_rate)),
    )
    excluded = [(start, start + length) for start, length in drawn]

    cutter, in_parts = Cutter(0), list[Block]()
    for until in [*sorted(looks), 1500]:
        cutter, more = cut(cutter, canary, stable, until, excluded)
        in_parts += more

    assert tuple(in_parts) == cut(Cutter(0), canary, stable, 1500, excluded)[1]


@settings(deadline=None)
@given(st.integers(0, 10**6), rates, rates)
def test_every_answer_is_in_exactly_one_block(
    seed: int, canary_rate: float, stable_rate: float
) -> None:
    draw = Random(seed)
    canary, stable = random_cells(draw, canary_rate), random_cells(draw, stable_rate)

    cutter, blocks = cut(Cutter(0), column(canary), column(stable), 1500)

    kept = [*blocks, *([block_of(cutter.open)] if cutter.open else [])]
    assert sum(b.n_c for b in kept) == sum(total for _, total in canary.values())
    assert sum(b.x for b in kept) == sum(events for events, _ in canary.values())
    assert sum(b.n_s for b in kept) == sum(total for _, total in stable.values())
    assert sum(b.y for b in kept) == sum(events for events, _ in stable.values())
    assert all(b.end <= later.start for b, later in pairwise(kept))
    assert all(b.end - b.start <= MAX_AGE for b in kept)


@settings(deadline=None)
@given(st.integers(0, 10**6), rates, rates)
def test_outcomes_never_move_the_edge_of_a_block(
    seed: int, canary_rate: float, stable_rate: float
) -> None:
    draw = Random(seed)
    canary, stable = random_cells(draw, canary_rate), random_cells(draw, stable_rate)

    def edges(turned: int) -> list[tuple[int, int, int, int]]:
        def turn(cells: Cells) -> Cells:
            return {k: (total if turned else 0, total) for k, (_, total) in cells.items()}

        return [(b.start, b.end, b.n_c, b.n_s) for b in blocks_of(turn(canary), turn(stable), 1500)]

    assert edges(0) == edges(1)


def test_a_canary_of_one_request_in_fifty_seconds_is_paired_nonetheless() -> None:
    """One-second blocks would waste most canary requests: they meet no stable one."""
    draw = Random(4)
    canary = {k: (0, 1) for k in range(5000) if draw.random() < 0.02}
    stable = {k: (0, 1) for k in range(5000) if draw.random() < 0.18}

    blocks = blocks_of(canary, stable, 5000)

    paired = sum(b.n_c for b in blocks if b.n_s >= b.n_c)
    assert paired == pytest.approx(len(canary), rel=0.05)
