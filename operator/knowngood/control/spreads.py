"""Ask a trigger that compares distributions."""

from knowngood.analysis.spreading import SpreadState, judge_distribution, plan_distribution
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.control.arms import Arms
from knowngood.control.policies import Bound
from knowngood.signals.ledgers import AnyLedger, VectorLedger


def spread(
    state: SpreadState | None, bound: Bound, ledger: AnyLedger | None, arms: Arms, now: float
) -> tuple[SpreadState | None, Verdict]:
    """Judge how the canary's requests spread, by what is settled in the ledger.

    Args:
        state: What the last call returned.
        bound: The trigger.
        ledger: Of its signal; None when that counts nothing.
        arms: Who is compared.
        now: Unix seconds.

    Raises:
        ValueError: The test can not be made over the bins that there are.
    """
    planned = plan_distribution(bound.trigger, bound.alpha, arms.horizon)
    if not isinstance(ledger, VectorLedger):
        text = f"trigger {planned.name}: a distribution needs a histogram or categories"
        return None, Verdict(VerdictKind.OBSERVER_ERROR, "SignalNotFound", text, now)
    if arms.compared is None:
        text = (
            f"{planned.signal} of version {arms.canary.version}: no other version to compare with"
        )
        return None, Verdict(VerdictKind.INCONCLUSIVE, Finding.NOTHING_TO_COMPARE, text, now)
    return judge_distribution(
        state,
        planned,
        ledger,
        arms.canary.version,
        arms.compared.version,
        now,
        expected_targets=arms.expected,
    )
