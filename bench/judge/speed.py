"""How long a block and a test take: a second of counts, cut and folded as in a tick."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np

from bench.judge import ours, scenario
from bench.judge.streams import Plan, draw
from knowngood.analysis import noninferiority, proportion
from knowngood.analysis.blocks import Block, Cutter, cut
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.signals.cells import CellColumn

_SECONDS: Final = 600
_ROUNDS: Final = 7  # the quickest counts: others' work on the machine only ever adds

Fold = Callable[[Any, Block], Any]


def microseconds() -> Mapping[str, float]:
    """Per test the median microseconds of a block, `cut` included."""
    plan = Plan("steady", 200, scenario.TENTH, 0.7, _SECONDS)
    rule = ours.rule(plan)
    tests = {
        "proportion": rule,
        "proportion, tolerance 2 points": replace(rule, tolerance=0.02),
    }
    found = {name: _quickest(plan, *_proportion(tested)) for name, tested in tests.items()}
    found["non-inferior, margin 5 points"] = _quickest(plan, *_non_inferior())
    return found


def _proportion(rule: proportion.ProportionRule) -> tuple[Any, Fold]:
    return proportion.begin(rule, 0.0), lambda state, block: proportion.fold(state, rule, block)


def _non_inferior() -> tuple[Any, Fold]:
    rule = NonInferiorRule(Direction.DECREASE, 0.05, scenario.NON_INFERIOR)
    return noninferiority.begin(rule), lambda state, block: noninferiority.fold(state, rule, block)


def _quickest(plan: Plan, state: object, fold: Fold) -> float:
    stream = draw(plan, np.random.default_rng(1))
    canary, stable = CellColumn(), CellColumn()
    ours.settle(stream, 0, len(stream.x), canary, stable)
    was_on = gc.isenabled()
    gc.disable()
    try:
        return min(_round(canary, stable, state, fold) for _ in range(_ROUNDS))
    finally:
        if was_on:
            gc.enable()


def _round(canary: CellColumn, stable: CellColumn, state: object, fold: Fold) -> float:
    cutter, took = Cutter(0), []
    for second in range(1, _SECONDS + 1):
        began = perf_counter()
        cutter, blocks = cut(cutter, canary, stable, second)
        for block in blocks:
            state = fold(state, block)
        if blocks:
            took.append((perf_counter() - began) / len(blocks))
    return 1e6 * median(took)
