from collections.abc import Callable

import numpy as np
import pytest

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from knowngood.analysis.distribution.comparing import breached, not_breached
from knowngood.analysis.distribution.evidence import DistributionState, begin, fold
from knowngood.analysis.distribution.naming import e_bh
from knowngood.analysis.distribution.noting import last_note
from knowngood.analysis.distribution.rule import Baseline, DistributionRule, Stable
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS, flow, from_the_top

STABLE = Stable(0.01, 3600.0)
FROZEN = Baseline(tuple((50_000 * CONFIDENCE).round().astype(int).tolist()), 10 * 365 * 86400.0)


def rule(
    against: Stable | Baseline = STABLE, above: float = 0.25, least: int = 300
) -> DistributionRule:
    return DistributionRule(TENTHS, against, Statistic.PSI, above, 3600.0, least)


def after(tested: DistributionRule, part: float, minutes: int) -> DistributionState:
    draw, worse = np.random.default_rng(1), from_the_top(CONFIDENCE, part)
    state = begin(tested, 0.0)
    for block in flow(draw, (30.0, 90.0), lambda _: (worse, CONFIDENCE), minutes):
        state = fold(state, tested, block)
    return state


def verdict(tested: DistributionRule, part: float, minutes: int = 60) -> Verdict:
    state = after(tested, part, minutes)
    names = ("8", "7" if isinstance(tested.compared_to, Stable) else None)
    return breached(state, tested, "confidence", names, 3600.0) or not_breached(
        state, tested, "confidence", names, 3600.0
    )


def test_a_breach_says_what_has_moved_and_how_sure_it_is() -> None:
    seen = verdict(rule(), 0.25)

    assert (seen.kind, seen.reason) == (VerdictKind.BREACHED, Finding.DIFFERENCE_PROVED)
    assert seen.message.startswith("confidence of version 8 differs from version 7 by PSI 0.")
    for part in (
        " beyond chance in the last 60 min, 0.25 is allowed (0.8-0.9: ",
        ": another distribution, proved at 1 % false alarms per rollout (evidence over a million",
        "; it began about 1970-01-01T00:",
    ):
        assert part in seen.message
    assert seen.evidence
    assert seen.evidence.limit == pytest.approx(100)
    moved = {shift.label: shift for shift in seen.evidence.moved}
    assert moved["0.9-1.0"].before == pytest.approx(0.40, abs=0.03)
    assert moved["0.9-1.0"].after == pytest.approx(0.15, abs=0.03)
    assert "however often it is looked at" in seen.evidence.guarantee


def test_a_breach_of_a_baseline_is_stated_in_time() -> None:
    seen = verdict(rule(FROZEN), 0.25)

    assert seen.kind is VerdictKind.BREACHED
    assert "differs from its baseline by" in seen.message
    assert "proved at one false alarm in 10 years" in seen.message
    assert "once in 10 years is needed" in seen.message
    assert seen.evidence
    assert "at least 10 years" in seen.evidence.guarantee
    assert seen.evidence.reference_samples == 50_000


CASES = [
    pytest.param(rule(), 0.0, VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, "no other", id="alike"),
    pytest.param(
        rule(above=1.0), 0.2, VerdictKind.HEALTHY, Finding.EFFECT_TOO_SMALL, "not by more than 1", id="small"
    ),
    pytest.param(
        rule(least=5000), 0.25, VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES,
        "beyond doubt, but too few to say how much: version 8 has ", id="proved by too few",
    ),
    pytest.param(
        rule(least=5000), 0.0, VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, "too few to say: version 8",
        id="too few",
    ),
    pytest.param(
        rule(Stable(1e-280, 3600.0)), 0.25, VerdictKind.INCONCLUSIVE, Finding.DIFFERENCE_NOT_PROVED,
        "but not proved", id="large, not proved",
    ),
    pytest.param(
        rule(Baseline((9, 9, 9, 9, 9, 9, 9, 9, 9, 9), 1e9)), 0.0, VerdictKind.INCONCLUSIVE,
        Finding.TOO_FEW_SAMPLES, "the baseline has 90 of 300 requests", id="small baseline",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tested", "part", "kind", "finding", "text"), CASES)
def test_without_a_breach_the_verdict_says_why(
    tested: DistributionRule, part: float, kind: VerdictKind, finding: Finding, text: str
) -> None:
    seen = verdict(tested, part)

    assert (seen.kind, seen.reason) == (kind, finding)
    assert text in seen.message


def test_before_the_first_block_nothing_is_said() -> None:
    tested = rule()
    state = begin(tested, 0.0)

    assert breached(state, tested, "confidence", ("8", "7"), 0.0) is None
    seen = not_breached(state, tested, "confidence", ("8", "7"), 0.0)
    assert seen.kind is VerdictKind.INCONCLUSIVE
    assert last_note(state, tested) is None


def test_a_whole_window_is_noted_when_it_differs() -> None:
    moved, alike = (after(rule(above=9.0), part, 65) for part in (0.05, 0.0))

    note = last_note(moved, rule())
    assert note
    assert (note.start, note.end) == (0.0, 3600.0)
    assert note.is_due
    quiet = last_note(alike, rule())
    assert quiet
    assert not quiet.is_due


def test_windows_are_noted_without_a_cause_as_often_as_promised() -> None:
    """1000 windows at 5 %; three standard errors of the count are 21."""
    tested = DistributionRule(TENTHS, STABLE, Statistic.PSI, 9.0, 60.0, 1, note_once_in=1200.0)
    draw, due = np.random.default_rng(2), 0
    for _ in range(1000):
        state = begin(tested, 0.0)
        for second in (0, 30, 60):
            x, y = draw.multinomial(150, CONFIDENCE), draw.multinomial(600, CONFIDENCE)
            block = VectorBlock(tuple(x.tolist()), tuple(y.tolist()), second, second + 1)
            state = fold(state, tested, block)
        note = last_note(state, tested)
        assert note
        due += note.is_due

    assert due == pytest.approx(50, abs=21)


def test_features_are_named_by_the_e_bh_procedure() -> None:
    values = {"a": 200.0, "b": 41.0, "c": 39.0, "d": 9.0, "e": 0.1, "f": 12.0, "g": 1.0, "h": 0.0}

    assert e_bh(values) == ("a", "b", "c")
    assert e_bh(values, most=2) == ("a", "b")
    assert e_bh(values, fdr=0.01) == ()
    assert e_bh({}) == ()
    assert e_bh({"a": 79.0}) == ("a",)


NONSENSE: list[tuple[Callable[[], object], str]] = [
    (lambda: Bins(("a",)), "labels"),
    (lambda: Bins(("a", "a")), "labels"),
    (lambda: Bins(("a", "b"), (1.0, 2.0)), "edges"),
    (lambda: Bins(("a", "b", "c"), (2.0, 1.0)), "edges"),
    (lambda: Bins(("a", "b", "c"), (1.0, float("inf"))), "edges"),
    (lambda: rule(Baseline((1, 2), 1e9)), "baseline"),
    (lambda: rule(Baseline((0,) * 10, 1e9)), "baseline"),
    (lambda: rule(Stable(1.5, 1.0)), "falseAlarms"),
    (lambda: DistributionRule(TENTHS, STABLE, Statistic.PSI, 0.2, 0.0), "window"),
    (lambda: DistributionRule(TENTHS, STABLE, Statistic.PSI, 0.2, 1e8), "window"),
    (lambda: DistributionRule(TENTHS, STABLE, Statistic.PSI, 0.2, 60.0, 1, 0.5), "designEffect"),
    (lambda: DistributionRule(Bins(("a", "b")), STABLE, Statistic.MAX_GAP, 0.2, 60.0), "statistic"),
]


def test_what_makes_no_sense_is_refused_by_the_name_of_its_field() -> None:
    for broken, field in NONSENSE:
        with pytest.raises(ValueError, match=f"^{field}:"):
            broken()
