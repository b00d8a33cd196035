from knowngood.analysis.judging import Finding, ValueState, ValueTrigger, Verdict, judge_value
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1.shared import VerdictKind

RULE = ThresholdRule(
    is_ceiling=True, limit=3.0, window=10, hold=10, min_samples=50, confidence=None
)
VALUE = ValueTrigger("lag", "queue-lag", RULE)


def value_verdicts(*values: tuple[float, float | None]) -> list[Verdict]:
    state: ValueState | None = None
    verdicts = []
    for now, value in values:
        state, verdict = judge_value(state, VALUE, ("8", value), ("7", 9.0), now)
        verdicts.append(verdict)
    return verdicts


def test_a_number_without_a_sample_size_is_never_healthy() -> None:
    (verdict,) = value_verdicts((0, 1.0))

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, Finding.NO_SAMPLE_SIZE)


def test_a_number_beyond_its_limit_for_long_enough_is_a_breach() -> None:
    kinds = [v.kind for v in value_verdicts((0, 4.0), (5, 4.0), (10, 4.0), (11, 3.0))]

    assert kinds == [
        VerdictKind.INCONCLUSIVE,
        VerdictKind.INCONCLUSIVE,
        VerdictKind.BREACHED,
        VerdictKind.INCONCLUSIVE,
    ]


def test_no_number_is_no_data_and_stops_the_clock() -> None:
    kinds = [v.kind for v in value_verdicts((0, 4.0), (8, 4.0), (9, None), (10, 4.0), (12, 4.0))]

    assert kinds[2] is VerdictKind.NO_DATA
    assert kinds[3] is VerdictKind.INCONCLUSIVE
    assert kinds[4] is VerdictKind.BREACHED


def test_evaluations_that_never_took_place_prove_nothing() -> None:
    assert value_verdicts((0, 4.0), (600, 4.0))[-1].kind is VerdictKind.INCONCLUSIVE


def test_one_look_of_a_clock_that_was_an_hour_ahead_makes_nothing_deaf() -> None:
    later = [(float(at), 4.0) for at in range(2, 13)]

    assert value_verdicts((0, 1.0), (3601, 1.0), *later)[-1].kind is VerdictKind.BREACHED


def test_a_clock_that_is_set_back_keeps_no_breach_of_numbers_that_are_well() -> None:
    breached, well = value_verdicts((1000, 4.0), (1012, 4.0), (500, 1.0))[1:]

    assert breached.kind is VerdictKind.BREACHED
    assert well.kind is VerdictKind.INCONCLUSIVE


def test_the_stable_number_is_held_to_the_same_limit() -> None:
    verdict = value_verdicts((0, 4.0), (12, 4.0))[-1]

    assert verdict.reference is not None
    assert verdict.reference.kind is VerdictKind.BREACHED
