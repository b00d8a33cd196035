"""What a promotion asks for besides that no harm was found: that the canary was shown not to be worse by a margin."""

import math
from dataclasses import dataclass

from knowngood.analysis import difference, noninferiority
from knowngood.analysis.blocks import Block
from knowngood.analysis.difference import DifferenceState
from knowngood.analysis.noninferiority import NonInferiorRule, NonInferiorState
from knowngood.analysis.verdicts import Proof
from knowngood.analysis.wording import instant, odds, percentage, points
from knowngood.api.v1alpha1.comparisons import Direction

_LARGEST_LOG = 700.0  # the exponential of more does not fit a float
_WORSE = {Direction.DECREASE: "lower", Direction.INCREASE: "higher", Direction.EITHER: "different"}


@dataclass(frozen=True, slots=True)
class Clearing:
    """The evidence that decides, and the limits that are told beside it."""

    evidence: NonInferiorState
    difference: DifferenceState


def begin(rule: NonInferiorRule) -> Clearing:
    """Before the first block."""
    limits = difference.begin(rule.margin, rule.confidence, rule.design_effect)
    return Clearing(noninferiority.begin(rule), limits)


def fold(clearing: Clearing, rule: NonInferiorRule, block: Block) -> Clearing:
    """After one more block; blocks come in order of time."""
    evidence = noninferiority.fold(clearing.evidence, rule, block)
    return Clearing(evidence, clearing.difference.after(block))


def proof_of(clearing: Clearing, rule: NonInferiorRule) -> Proof:
    """The numbers.

    A limit that the proof itself excludes is not told as possible: the test that decides sees an equal canary sooner.
    """
    weakest, limits = clearing.evidence.weakest, clearing.difference.limits
    lowest, highest = limits.lowest, limits.highest
    for claim in clearing.evidence.claims:
        if claim.shown_at is None:
            continue
        if claim.falls:
            lowest = -rule.margin if lowest is None else max(lowest, -rule.margin)
        else:
            highest = rule.margin if highest is None else min(highest, rule.margin)
    return Proof(
        margin=rule.margin,
        confidence=rule.confidence,
        statistic=math.exp(min(weakest.highest, _LARGEST_LOG)),
        limit=rule.limit,
        shown_at=clearing.evidence.shown_at,
        lowest=lowest,
        highest=highest,
        guarantee=(
            f"a version that is {_WORSE[rule.direction]} by {points(rule.margin)} or more all the time is called "
            f"Healthy in at most {percentage(1 - rule.confidence)} of rollouts, however often it is looked at"
        ),
    )


def told(proof: Proof, rule: NonInferiorRule) -> str:
    """What is shown, or not yet, in words."""
    what = f"{_WORSE[rule.direction]} by less than {points(rule.margin)}"
    strength = f"evidence {odds(proof.statistic)}, {odds(proof.limit)} is needed"
    if proof.shown_at is None:
        return f"not shown yet to be {what} ({strength}){_between(proof)}"
    at = f"at {percentage(rule.confidence)} confidence since {instant(proof.shown_at)}"
    return f"shown to be {what} {at} ({strength}){_between(proof)}"


def _between(proof: Proof) -> str:
    """The limits of the difference; nothing where neither is known."""
    low, high = proof.lowest, proof.highest
    if low is None and high is None:
        return ""
    sure = f" at {percentage(proof.confidence)} confidence"
    if low is None or high is None:
        known = f"below {_signed(high)}" if high is not None else f"above {_signed(low or 0.0)}"
        return f"; the difference is {known}{sure}"
    return f"; the difference is between {_signed(low)} and {_signed(high)}{sure}"


def _signed(fraction: float) -> str:
    return f"{'+' if fraction > 0 else ''}{points(fraction)}"
