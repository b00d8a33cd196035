from dataclasses import replace
from typing import Any

import pytest

from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.analysis.remembered.judging import (
    BaselineJudged,
    PastJudged,
    Watched,
    judge_baseline,
    judge_past,
)
from knowngood.analysis.remembered.past import PastRule
from knowngood.analysis.remembered.saying import rarely
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import CellColumn, Counts
from tests.analysis.remembered.made import MONDAY, YEAR, falling, flat

HOUR = 3600
BLIND = Verdict(VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE, "nothing", 0.0)
PAST = PastRule(
    direction=Direction.DECREASE, tolerance=0.05, offset=HOUR, once_in_minutes=50 * YEAR
)


def answering(*parts: tuple[int, int], start: int = MONDAY) -> CellColumn:
    """Ten requests a second; each part is (seconds, events of ten)."""
    made, second = CellColumn(), start
    for seconds, events in parts:
        for _ in range(seconds):
            made.append(second, events, 10)
            second += 1
    return made


def watched(column: CellColumn, until: int | None = None) -> Watched:
    settled = column.seconds[-1] + 1 if until is None else until
    return Watched("approval-rate", "7", column, settled, float(MONDAY))


def judged(
    column: CellColumn,
    baseline: BaselineCounts | None = None,
    blind: Verdict | None = None,
    **rule: Any,
) -> Verdict:
    seen = watched(column)
    _, verdict = judge_baseline(
        None, falling(**rule), baseline or flat(), seen, float(seen.settled_until), blind=blind
    )
    return verdict


def test_a_fall_is_said_in_one_sentence_with_its_numbers() -> None:
    verdict = judged(answering((HOUR, 7), (HOUR, 5)))

    assert (verdict.kind, verdict.reason) == (VerdictKind.BREACHED, Finding.CHANGE_PROVED)
    assert verdict.message.startswith(
        "approval-rate of version 7 is 0.5 (250 of 500) where its baseline has 0.7: a fall "
        "by more than 5 points, proved: by chance it comes once in "
    )
    assert verdict.message.endswith("50 years are asked for; it began about 1970-01-05T01:00:00Z")
    evidence = verdict.evidence
    assert evidence
    assert (evidence.samples, evidence.events) == (500, 250)
    assert (evidence.reference_samples, evidence.reference_events) == (50_000, 35_000)
    assert evidence.effect == pytest.approx(-0.2)
    assert evidence.statistic >= evidence.limit == pytest.approx(50 * YEAR)
    assert "not whose fault it is" in evidence.guarantee


VERDICTS = [
    pytest.param({}, ((HOUR, 7),), Finding.NO_CHANGE_SHOWN, VerdictKind.HEALTHY, id="as ever"),
    pytest.param(
        {}, ((40, 7),), Finding.TOO_FEW_SAMPLES, VerdictKind.INCONCLUSIVE, id="too few samples"
    ),
    pytest.param(
        {"effect_over": 3600.0}, ((HOUR, 7), (300, 4)), Finding.CHANGE_NOT_YET_LARGE,
        VerdictKind.INCONCLUSIVE, id="the hour as a whole is not yet low",
    ),
    pytest.param(
        {"min_events": 10**6}, ((HOUR, 5),), Finding.TOO_FEW_EVENTS, VerdictKind.INCONCLUSIVE,
        id="too few bad answers",
    ),
    pytest.param(
        {"tolerance": 0.7}, ((HOUR, 0),), Finding.TOLERANCE_TOO_LARGE, VerdictKind.INCONCLUSIVE,
        id="nothing would be harm",
    ),
    pytest.param(
        {"min_samples": 60_000}, ((HOUR, 5),), Finding.BASELINE_TOO_SMALL,
        VerdictKind.INCONCLUSIVE, id="thin baseline",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "parts", "reason", "kind"), VERDICTS)
def test_what_is_not_proved_is_called_by_its_name(
    rule: dict[str, Any], parts: tuple[tuple[int, int], ...], reason: Finding, kind: VerdictKind
) -> None:
    verdict = judged(answering(*parts), **rule)

    assert (verdict.reason, verdict.kind) == (reason, kind)


def test_an_hour_without_a_baseline_is_named() -> None:
    strata = [Counts(700, 1000)] * 168
    strata[1] = Counts(3, 4)
    weekly = BaselineCounts(Seasonality.HOUR_OF_WEEK, tuple(strata), 0.0, 604_800.0)

    verdict = judged(answering((HOUR + 600, 7)), weekly, seasonality=Seasonality.HOUR_OF_WEEK)

    assert verdict.message == (
        "approval-rate of version 7: its baseline has 4 of 500 requests for Mondays at 01:00 UTC, "
        "and nothing is borrowed from other hours"
    )


def test_a_breach_outranks_blindness_and_blindness_everything_else() -> None:
    assert judged(answering((HOUR, 5)), blind=BLIND).kind is VerdictKind.BREACHED
    assert judged(answering((HOUR, 7)), blind=BLIND) is BLIND


def test_a_coarse_baseline_does_not_tell_hours() -> None:
    with pytest.raises(ValueError, match="does not tell HourOfDay"):
        judged(answering((60, 7)), seasonality=Seasonality.HOUR_OF_DAY)


def test_old_answers_do_not_make_anybody_healthy() -> None:
    column = answering((HOUR, 7))
    seen = watched(column, MONDAY + 5 * HOUR)

    _, verdict = judge_baseline(None, falling(), flat(), seen, MONDAY + 5.0 * HOUR)

    assert verdict.reason == Finding.TOO_FEW_SAMPLES


@pytest.mark.parametrize("breaks", [True, False])
@pytest.mark.parametrize("looks", [(0, 17, 1803, 3600), (5000, 1, 5001)])
def test_verdicts_do_not_depend_on_when_one_looks(looks: tuple[int, ...], *, breaks: bool) -> None:
    column = answering((HOUR, 7), (1800, 5 if breaks else 7))
    first: BaselineJudged | None = None
    second: PastJudged | None = None
    for until in looks:
        seen = watched(column, MONDAY + until)
        first, _ = judge_baseline(first, falling(), flat(), seen, float(MONDAY + until))
        second, _ = judge_past(second, PAST, seen, float(MONDAY + until))
    seen, now = watched(column), float(MONDAY + 5400)

    whole = judge_baseline(None, falling(), flat(), seen, now)

    assert judge_baseline(first, falling(), flat(), seen, now) == whole
    assert judge_past(second, PAST, seen, now) == judge_past(None, PAST, seen, now)
    assert (whole[1].kind is VerdictKind.BREACHED) is breaks


def test_another_version_baseline_test_or_epoch_begins_anew() -> None:
    column = answering((HOUR, 5))
    seen, now = watched(column), float(MONDAY + HOUR)
    state, verdict = judge_baseline(None, falling(), flat(), seen, now)
    assert verdict.kind is VerdictKind.BREACHED

    later = replace(seen, since=now)
    for again in (
        judge_baseline(state, falling(), flat(25_000), seen, now),
        judge_baseline(state, falling(), flat(), later, now),
        judge_baseline(state, falling(tolerance=0.3), flat(), seen, now),
    ):
        assert again[1].kind is not VerdictKind.BREACHED


def test_a_fall_against_the_own_past_is_said_with_both_counts() -> None:
    column = answering((HOUR, 7), (1200, 4))
    seen = watched(column)

    _, verdict = judge_past(None, PAST, seen, float(seen.settled_until))

    assert verdict.kind is VerdictKind.BREACHED
    assert "where its own past of 60 min before has 0.7" in verdict.message
    assert verdict.evidence
    assert verdict.evidence.reference_samples == verdict.evidence.samples


def test_without_a_past_there_is_no_comparison() -> None:
    _, verdict = judge_past(None, PAST, watched(answering((1800, 4))), MONDAY + 1800.0)

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES)


def test_a_past_that_was_an_incident_is_not_compared_with() -> None:
    column = answering((1800, 10), (1800, 7), (HOUR, 7))
    now = float(MONDAY + 2 * HOUR)
    spoilt = replace(watched(column), excluded=((MONDAY, MONDAY + 1800.0),))

    assert judge_past(None, PAST, watched(column), now)[1].kind is VerdictKind.BREACHED
    assert judge_past(None, PAST, spoilt, now)[1].kind is VerdictKind.HEALTHY


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "0.5 min"), (90, "90 min"), (600, "10 h"), (9 * 1440, "9 days"), (300 * 1440, "300 days"),
     (50 * YEAR, "50 years"), (12_345 * YEAR, "12 345 years"), (1e300, "over a million years")],
)  # fmt: skip
def test_how_rarely_is_said_in_a_fitting_unit(minutes: float, words: str) -> None:
    assert rarely(minutes) == words
