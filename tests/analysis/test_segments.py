"""The worst segment speaks for all; nothing is told of small ones, and rare ones hold nobody up."""

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest

from knowngood.analysis.distribution.evidence import DistributionState, begin, fold
from knowngood.analysis.distribution.rule import DistributionRule, Stable
from knowngood.analysis.segments import Division, Part, combined, names, waited_for
from knowngood.analysis.verdicts import Evidence, Finding, Proof, Verdict
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import flow
from tests.analysis.distribution.test_guarantee import FIVE, LAW, steady

DIVISION = Division("drift", "feature", 100)
NOW = 5000.0
HEALTHY, BREACHED = VerdictKind.HEALTHY, VerdictKind.BREACHED
INCONCLUSIVE, NO_DATA = VerdictKind.INCONCLUSIVE, VerdictKind.NO_DATA
ERROR = VerdictKind.OBSERVER_ERROR


def numbers(
    samples: int = 500, statistic: float = 2.0, crossed_at: float | None = None
) -> Evidence:
    counts = (samples, 0, samples, 0)
    return Evidence(statistic, 700.0, *counts, None, None, 0.1, None, crossed_at, "a promise")


def part(segment: str, kind: VerdictKind = HEALTHY, **more: Any) -> Part:
    samples = more.get("samples", 500)
    verdict = Verdict(
        kind,
        more.get("reason", Finding.NO_DIFFERENCE_SHOWN),
        f"numbers of {segment}",
        NOW - 1,
        more.get("evidence", numbers(samples, crossed_at=more.get("crossed_at"))),
        proof=more.get("proof"),
        reference=more.get("stable"),
    )
    beside, is_compared = more.get("beside", samples), more.get("is_compared", True)
    return Part(segment, verdict, samples, beside, is_compared, more.get("e_value"))


def said(*parts: Part) -> Verdict:
    return combined(parts, DIVISION, NOW)


@pytest.mark.parametrize(
    ("kinds", "worst"),
    [
        ((HEALTHY, HEALTHY), HEALTHY),
        ((HEALTHY, BREACHED), BREACHED),
        ((NO_DATA, BREACHED), BREACHED),
        ((ERROR, BREACHED), BREACHED),
        ((INCONCLUSIVE, BREACHED), BREACHED),
        ((HEALTHY, INCONCLUSIVE), INCONCLUSIVE),
        ((HEALTHY, NO_DATA), INCONCLUSIVE),
        ((NO_DATA, NO_DATA), NO_DATA),
        ((HEALTHY, ERROR), ERROR),
        ((NO_DATA, ERROR), ERROR),
    ],
)
def test_the_verdict_is_that_of_the_worst_segment(
    kinds: tuple[VerdictKind, ...], worst: VerdictKind
) -> None:
    parts = [part(f"f{number}", kind) for number, kind in enumerate(kinds)]

    assert said(*parts).kind is worst
    assert said(*reversed(parts)).kind is worst


def test_a_breach_names_its_segments_and_tells_of_the_first_one() -> None:
    found = said(
        part("age", BREACHED, crossed_at=4000.0, e_value=800.0),
        part("income", BREACHED, crossed_at=3000.0, e_value=900.0),
        part("debt", e_value=40.0),
        part("sex", e_value=0.5),
    )

    assert found.message == (
        "2 of 4 segments by feature breached (age, income); named as changed: income, age, debt (at most 10 % of such "
        "names are wrong in the mean); numbers of income"
    )
    assert found.named == ("income", "age", "debt")
    assert found.evidence is not None
    assert found.evidence.crossed_at == 3000.0
    assert [(one.segment, one.kind) for one in found.segments] == [
        ("age", BREACHED), ("income", BREACHED), ("debt", HEALTHY), ("sex", HEALTHY),
    ]  # fmt: skip


def test_a_name_is_never_a_verdict() -> None:
    found = said(part("age", e_value=69.0), part("income", e_value=1e9))

    assert found.kind is HEALTHY
    assert not found.named


def test_no_more_segments_are_named_than_asked_for() -> None:
    parts = [part(f"f{number}", BREACHED, e_value=1e6 - number) for number in range(7)]

    assert names(parts, replace(DIVISION, most_named=3)) == ("f0", "f1", "f2")


@pytest.mark.parametrize("sides", [(99, 5000), (5000, 99)])
def test_nothing_is_told_of_a_segment_below_the_minimum_cell(sides: tuple[int, int]) -> None:
    samples, beside = sides
    small = part("tiny", BREACHED, samples=samples, beside=beside, e_value=1e9)
    parts = [part("large", samples=90_000, beside=90_000, e_value=0.1), small]

    found = said(*parts)

    assert found.kind is HEALTHY
    assert "tiny" not in found.message
    assert "1 have fewer than 100 requests on a side and are not told of" in found.message
    assert [one.segment for one in found.segments] == ["large"]
    assert not names(parts, DIVISION)


def test_a_limit_is_told_of_although_the_other_version_has_few_requests() -> None:
    over = part("new", BREACHED, samples=500, beside=3, is_compared=False)

    assert said(part("old", is_compared=False), over).kind is BREACHED


def test_numbers_of_a_short_span_are_not_shown_either() -> None:
    found = said(part("age", evidence=numbers(samples=12)), part("income"))

    assert [one.evidence is None for one in found.segments] == [True, False]
    assert "age" not in found.message


def test_a_rare_segment_that_is_not_judged_holds_nobody_up() -> None:
    rare = part("islands", INCONCLUSIVE, samples=120, reason=Finding.TOO_FEW_SAMPLES)

    assert said(part("north", samples=5000), rare).kind is HEALTHY


def test_a_rare_segment_that_is_breached_takes_the_version_back() -> None:
    assert (
        said(part("north", samples=5000), part("islands", BREACHED, samples=120)).kind is BREACHED
    )


def test_a_segment_that_is_not_rare_is_waited_for() -> None:
    small = part("south", samples=80, beside=80)

    found = said(part("north", samples=700), small)

    assert (found.kind, found.reason) == (INCONCLUSIVE, Finding.TOO_FEW_SAMPLES)
    assert "south" not in found.message
    assert "1 of them waited for" in found.message


def test_a_segment_that_the_judged_version_does_not_show_at_all_is_waited_for() -> None:
    """A feature that is not counted any more must not pass for a small group."""
    gone = part("income", INCONCLUSIVE, samples=0, beside=9000)

    assert said(part("age", samples=1000, beside=9000), gone).kind is INCONCLUSIVE


def test_segments_that_are_all_small_are_not_healthy() -> None:
    found = said(*(part(name, samples=50) for name in "abc"))

    assert (found.kind, found.reason) == (INCONCLUSIVE, Finding.TOO_FEW_SAMPLES)
    assert found.evidence is None
    assert not found.segments


def test_nobody_was_asked_yet_so_everybody_is_waited_for() -> None:
    assert waited_for((0, 0), (0, 0)) == (True, True)
    assert waited_for((0, 100, 9), (None, None, None)) == (False, True, False)


def test_a_segment_that_nothing_is_remembered_of_says_nothing_against_the_others() -> None:
    nothing = part("new", INCONCLUSIVE, reason=Finding.NOTHING_TO_COMPARE, evidence=None)
    nothing = replace(nothing, beside=None)

    assert said(part("old"), nothing).kind is HEALTHY
    assert said(nothing, nothing).reason == Finding.NOTHING_TO_COMPARE


def test_a_breach_of_both_versions_hides_no_breach_of_one() -> None:
    everywhere = Verdict(BREACHED, Finding.LIMIT_CROSSED, "stable too", NOW)
    shared = part("shared", BREACHED, crossed_at=1.0, stable=everywhere)
    own = part("own", BREACHED, crossed_at=2.0, stable=replace(everywhere, kind=HEALTHY))

    found = said(shared, own)

    assert found.reference is not None
    assert found.reference.kind is HEALTHY
    assert said(shared).reference is everywhere


def proof(shown_at: float | None, statistic: float) -> Proof:
    return Proof(0.05, 0.95, statistic, 20.0, shown_at, None, None, "a promise")


def test_the_proof_of_all_is_that_of_the_segment_which_lacks_most() -> None:
    shown, unshown = proof(1.0, 90.0), proof(None, 3.0)

    assert said(part("a", proof=shown), part("b", proof=shown)).proof == shown
    assert said(part("a", proof=shown), part("b", proof=unshown)).proof == unshown
    assert said(part("a", proof=shown), part("b")).proof is None


@pytest.mark.parametrize("changed", [3, 0])
def test_not_more_than_a_tenth_of_the_names_are_wrong_although_breached_features_stand_still(
    changed: int,
) -> None:
    """Seven features whose chance is independent. Names are read when the first one breaches, or after an hour."""
    rule = DistributionRule(FIVE, Stable(0.05 / 7, 3600.0), Statistic.PSI, 0.0, 3600.0, 1, 1)
    other = LAW + np.array([0.1, 0.05, 0.0, 0.0, -0.15])
    draw, wrong, found, runs = np.random.default_rng(41), list[float](), 0, 60
    for _ in range(runs):
        flows = [
            flow(draw, (10.0, 90.0), (lambda _: (other, LAW)) if n < changed else steady, 60)
            for n in range(7)
        ]
        states = [begin(rule, 0.0)] * 7
        for blocks in zip(*flows, strict=True):
            states = [fold(s, rule, b) for s, b in zip(states, blocks, strict=True)]
            if any(state.breached_at is not None for state in states):
                break
        parts = [_as_part(number, state) for number, state in enumerate(states)]
        named = names(parts, replace(DIVISION, min_samples=1))
        false = sum(int(name) >= changed for name in named)
        wrong.append(false / max(1, len(named)))
        found += len(named) - false

    assert float(np.mean(wrong)) <= 0.10 + 3 * 0.30 / sqrt(runs)
    assert found > runs or not changed


def _as_part(number: int, state: DistributionState) -> Part:
    return part(str(number), samples=state.n_c, beside=state.n_s, e_value=state.e_value)
