"""The verdict of a proportion test, and its sentence."""

import math
from dataclasses import replace

from knowngood.analysis.clearing import told
from knowngood.analysis.effects import EffectSums
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.power import smallest_about
from knowngood.analysis.promises import promise_of
from knowngood.analysis.proportion import Lack, ProportionRule, ProportionState, lacking
from knowngood.analysis.verdicts import Evidence, Finding, Proof, Verdict
from knowngood.analysis.wording import count, instant, missing, odds, percentage, points, share
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import Counts

_CHANGES = {Direction.DECREASE: "fall", Direction.INCREASE: "rise", Direction.EITHER: "change"}
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
    state: ProportionState,
    rule: ProportionRule,
    signal: str,
    names: tuple[str, str],
    now: float,
    *,
    proof: Proof | None = None,
) -> Verdict:
    """The verdict of a test that can be seen and is not breached.

    Args:
        state: The evidence.
        rule: The test.
        signal: For people.
        names: The canary's version and the stable one.
        now: Unix seconds.
        proof: What is shown of `rule.non_inferior`; without it nothing is.
    """
    both, compared = (state, rule), _compared(state, signal, names)
    too_few = _too_few(state, rule, names)
    if too_few:
        message = f"{compared}: too few to say: {too_few}"
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, both, now)
    lack = lacking(state, rule, state.leading)
    if lack is Lack.EVENTS:
        message = f"{compared}: worse, but by fewer than {count(rule.min_events)} bad answers"
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_EVENTS, message, both, now)
    if lack is Lack.EFFECT:
        least = points(rule.effect_at_least or 0.0)
        message, finding = (
            f"{compared}: worse beyond doubt, but by less than {least}",
            Finding.EFFECT_TOO_SMALL,
        )
    else:
        message = f"{compared}: no harm{_beyond(rule)} is shown ({_strength(*both)})"
        finding = Finding.NO_DIFFERENCE_SHOWN
    if rule.non_inferior is None and lack is Lack.PROOF:
        message += f"; {_sight(state, rule)}"
    verdict = _verdict(VerdictKind.HEALTHY, finding, message, both, now)
    return verdict if rule.non_inferior is None else _asked(verdict, rule.non_inferior, proof)


def _too_few(state: ProportionState, rule: ProportionRule, names: tuple[str, str]) -> str:
    """What is missing, of requests that are independent; empty where nothing is."""
    deff, wanted = rule.design_effect, rule.min_samples
    have = ((names[0], state.sums.n_c), (names[1], state.sums.n_s))
    lacking_ = [missing(name, int(n / deff), wanted) for name, n in have if n < wanted * deff]
    counted = f", where {deff:.3g} count as one" if lacking_ and deff > 1 else ""
    return " and ".join(lacking_) + counted


def _asked(verdict: Verdict, rule: NonInferiorRule, proof: Proof | None) -> Verdict:
    """Healthy only once it was shown not to be worse by the margin; `verdict` is what is said of harm."""
    message = verdict.message if proof is None else f"{verdict.message}; {told(proof, rule)}"
    if proof is None or proof.shown_at is None:
        kind, reason = VerdictKind.INCONCLUSIVE, Finding.NOT_PROVED
        return replace(verdict, kind=kind, reason=reason, message=message)
    return replace(verdict, reason=Finding.NON_INFERIOR, message=message)


def _sight(state: ProportionState, rule: ProportionRule) -> str:
    """How large a harm would have been found: that none was is no more than this."""
    sums = state.sums
    smallest = smallest_about(rule, sums.y / max(1, sums.n_s), sums.n_c, sums.n_s)
    change = _CHANGES[rule.direction]
    if smallest is None:
        return f"so few requests would have shown no {change} at all"
    return f"a {change} of {points(float(f'{smallest:.2g}'))} would have been shown in 4 of 5 cases"


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
        guarantee=promise_of(rule),
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
    return f" by more than {points(rule.tolerance)}" if rule.tolerance else ""
