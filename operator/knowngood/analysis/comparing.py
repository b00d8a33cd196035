"""The verdict of a proportion test, and its sentence."""

import math

from knowngood.analysis.effects import EffectSums
from knowngood.analysis.proportion import Lack, ProportionRule, ProportionState, lacking
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, instant, missing, odds, percentage, share
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import Counts

_LARGEST_LOG = 700.0  # the exponential of more does not fit a float


def breached(
    state: ProportionState, rule: ProportionRule, signal: str, names: tuple[str, str], now: float
) -> Verdict | None:
    """The verdict of a test that was crossed once; it stays, also without data.

    Args:
        state: The evidence.
        rule: The test.
        signal: For people.
        names: The canary's version and the stable one.
        now: Unix seconds.
    """
    side = state.breached_by
    if side is None:
        return None
    change = "fall" if side.falls else "rise"
    began = "" if side.onset is None else f"; it began about {instant(side.onset)}"
    message = (
        f"{_compared(state, signal, names)}: a {change}{_beyond(rule)}, proved "
        f"at {percentage(rule.alpha)} false alarms per rollout ({_strength(state, rule)}){began}"
    )
    return _verdict(VerdictKind.BREACHED, Finding.DIFFERENCE_PROVED, message, (state, rule), now)


def not_breached(
    state: ProportionState, rule: ProportionRule, signal: str, names: tuple[str, str], now: float
) -> Verdict:
    """The verdict of a test that can be seen and is not breached; arguments as of `breached`."""
    both, compared = (state, rule), _compared(state, signal, names)
    have = ((names[0], state.sums.n_c), (names[1], state.sums.n_s))
    too_few = [missing(name, n, rule.min_samples) for name, n in have if n < rule.min_samples]
    if too_few:
        message = f"{compared}: too few to say: {' and '.join(too_few)}"
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, both, now)
    lack = lacking(state, rule, state.leading)
    if lack is Lack.EVENTS:
        message = f"{compared}: worse, but by fewer than {count(rule.min_events)} bad answers"
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_EVENTS, message, both, now)
    if lack is Lack.EFFECT:
        least = _points(rule.effect_at_least or 0.0)
        message = f"{compared}: worse beyond doubt, but by less than {least}"
        return _verdict(VerdictKind.HEALTHY, Finding.EFFECT_TOO_SMALL, message, both, now)
    message = f"{compared}: no harm{_beyond(rule)} is shown ({_strength(*both)})"
    return _verdict(VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, message, both, now)


def _verdict(
    kind: VerdictKind,
    finding: Finding,
    message: str,
    tested: tuple[ProportionState, ProportionRule],
    now: float,
) -> Verdict:
    return Verdict(kind, finding, message, now, _evidence(*tested))


def _evidence(state: ProportionState, rule: ProportionRule) -> Evidence:
    sums, side = state.sums, state.breached_by or state.leading
    return Evidence(
        statistic=_strength_of(side.highest),
        limit=rule.limit,
        samples=sums.n_c,
        events=sums.x,
        reference_samples=sums.n_s,
        reference_events=sums.y,
        estimate=sums.x / sums.n_c if sums.n_c else None,
        reference_estimate=sums.y / sums.n_s if sums.n_s else None,
        effect=state.window.difference,
        onset=side.onset,
        crossed_at=side.crossed_at,
        guarantee=(
            f"a version that is not worse{_beyond(rule)} is called breached in at most "
            f"{percentage(rule.alpha)} of rollouts, however often it is looked at, provided that the "
            "requests of both versions within a block are alike"
        ),
    )


def _compared(state: ProportionState, signal: str, names: tuple[str, str]) -> str:
    canary, stable = _shares(state.sums)
    return f"{signal} of version {names[0]} is {canary} against {stable} of version {names[1]}"


def _shares(sums: EffectSums) -> tuple[str, str]:
    return share(Counts(sums.x, sums.n_c)), share(Counts(sums.y, sums.n_s))


def _strength(state: ProportionState, rule: ProportionRule) -> str:
    side = state.breached_by or state.leading
    return f"evidence {odds(_strength_of(side.highest))}, {odds(rule.limit)} is needed"


def _strength_of(log: float) -> float:
    return math.exp(min(log, _LARGEST_LOG))


def _beyond(rule: ProportionRule) -> str:
    return f" by more than {_points(rule.tolerance)}" if rule.tolerance else ""


def _points(fraction: float) -> str:
    return f"{100 * fraction:.4g} points"
