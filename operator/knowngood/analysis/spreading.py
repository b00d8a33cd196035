"""Judge by how requests spread over bins, as the shell sees it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowngood.analysis.cutting import Cutter, Span
from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.distribution.comparing import breached, not_breached
from knowngood.analysis.distribution.evidence import DistributionState, begin, fold
from knowngood.analysis.distribution.rule import DistributionRule, Stable
from knowngood.analysis.distribution.wagers import KNOWN_ENOUGH
from knowngood.analysis.looking import pods_missing, unseen
from knowngood.analysis.vector_blocks import VectorCutter, cut_vectors
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.analysis.wording import missing
from knowngood.api.v1alpha1.scalars import seconds
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.api.v1alpha1.triggers import Trigger
from knowngood.signals.ledgers import VectorLedger
from knowngood.signals.partition import Partition
from knowngood.signals.vectors import VectorColumn


@dataclass(frozen=True, slots=True)
class DistributionTrigger:
    """A test of a distribution, before its bins are known.

    Attributes:
        name: Of the trigger.
        signal: Name of the signal, for people.
        statistic: How the effect is measured.
        above: The debiased effect that an alarm needs besides the proof.
        window: Seconds over which the effect is estimated.
        min_samples: Requests of each version in the window before the effect is believed.
        alpha: The probability of a false alarm in a whole rollout.
        horizon: The planned length of the rollout, in seconds.
        design_effect: How many requests count as one.
    """

    name: str
    signal: str
    statistic: Statistic
    above: float
    window: float
    min_samples: int
    alpha: float
    horizon: float
    design_effect: float = 1.0

    def rule(self, partition: Partition) -> DistributionRule:
        """The test over some bins.

        Raises:
            ValueError: It can not be made over them; the message names the field.
        """
        return DistributionRule(
            Bins(partition.labels, partition.edges),
            Stable(self.alpha, self.horizon),
            self.statistic,
            self.above,
            self.window,
            self.min_samples,
            self.design_effect,
        )


def plan_distribution(trigger: Trigger, alpha: float, horizon_s: float) -> DistributionTrigger:
    """Read a trigger whose test is a distribution; arguments as of `plan_trigger`.

    Raises:
        ValueError: Its test is another one.
    """
    test = trigger.test.distribution
    if test is None:
        raise ValueError(f"trigger {trigger.name}: its test is no distribution")
    return DistributionTrigger(
        trigger.name,
        trigger.signal.name,
        test.statistic,
        float(test.above),
        seconds(test.window),
        test.min_samples,
        alpha,
        horizon_s,
        float(test.design_effect),
    )


@dataclass(frozen=True, slots=True)
class SpreadState:
    """What a test of one pair of versions knows; can be rebuilt from the ledger.

    Attributes:
        partition: The bins, chosen before anything was bet on them.
    """

    subject: tuple[str, str, float, DistributionTrigger]
    partition: Partition
    rule: DistributionRule
    cutter: VectorCutter
    evidence: DistributionState


def judge_distribution(  # noqa: PLR0917  - who is judged, by what, against whom and when: all are asked
    state: SpreadState | None,
    trigger: DistributionTrigger,
    ledger: VectorLedger,
    canary: str,
    stable: str,
    now: float,
    *,
    expected_targets: Mapping[str, int],
    excluded: Sequence[Span] = (),
) -> tuple[SpreadState | None, Verdict]:
    """Judge the canary by what is settled in the ledger; arguments as of `judge_ratio`.

    Returns:
        What to pass the next time, None while the bins are not known; and the verdict.

    Raises:
        ValueError: The test can not be made over the bins that there are.
    """
    names, signal = (canary, stable), trigger.signal
    subject = (canary, stable, ledger.since, trigger)
    if state is None or state.subject != subject:
        state = _begun(subject, ledger)
    if state is None:
        return None, (
            unseen(ledger, signal, names, now)
            or pods_missing(ledger, signal, names, expected_targets, now)
            or _unknown(ledger.column(stable), signal, stable, now)
        )
    columns = ledger.column(canary), ledger.column(stable)
    cutter, blocks = cut_vectors(
        state.cutter, *columns, state.partition, ledger.settled_until, excluded=excluded
    )
    evidence = state.evidence
    for block in blocks:
        evidence = fold(evidence, state.rule, block)
    verdict = (
        breached(evidence, state.rule, signal, names, now)
        or unseen(ledger, signal, names, now)
        or pods_missing(ledger, signal, names, expected_targets, now)
        or not_breached(evidence, state.rule, signal, names, now)
    )
    return replace(state, cutter=cutter, evidence=evidence), verdict


def _begun(
    subject: tuple[str, str, float, DistributionTrigger], ledger: VectorLedger
) -> SpreadState | None:
    """The state before the first block; None while the bins can not be chosen.

    They are chosen by what was there when as many stable requests had come as a bet needs: later
    would be by what is bet on, and an earlier bet there is none.
    """
    known = _known_at(ledger.column(subject[1]))
    partition = None if known is None else ledger.partition(known)
    if partition is None:
        return None
    rule = subject[3].rule(partition)
    cutter: VectorCutter = Cutter(math.floor(ledger.since))
    return SpreadState(subject, partition, rule, cutter, begin(rule, ledger.since))


def _known_at(stable: VectorColumn) -> float | None:
    """The end of the second in which enough stable requests had come."""
    total = 0
    for index, second in enumerate(stable.seconds):
        total += stable.cell(index).total
        if total >= KNOWN_ENOUGH:
            return second + 1.0
    return None


def _unknown(stable: VectorColumn, signal: str, version: str, now: float) -> Verdict:
    few = missing(version, stable.between(-math.inf, math.inf).total, KNOWN_ENOUGH)
    message = f"{signal}: its bins are not known yet: {few}"
    return Verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, now)
