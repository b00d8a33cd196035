"""Ask a trigger that compares distributions."""

from knowngood.analysis.spreading import SpreadState, judge_distribution, plan_distribution
from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.control.remembering import Asked
from knowngood.signals.ledgers import VectorLedger


def spread(state: SpreadState | None, asked: Asked) -> tuple[SpreadState | None, Verdict]:
    """Judge how the canary's requests spread, by what is settled in the ledger.

    Args:
        state: What the last call returned.
        asked: The trigger, and what it is asked about.

    Raises:
        ValueError: The test can not be made over the bins that there are.
    """
    arms, ledger = asked.arms, asked.ledger
    planned = plan_distribution(asked.bound.trigger, asked.bound.alpha, arms.horizon)
    if not isinstance(ledger, VectorLedger):
        text = f"trigger {planned.name}: a distribution needs a histogram or categories"
        return None, Verdict(VerdictKind.OBSERVER_ERROR, "SignalNotFound", text, asked.now)
    if arms.compared is None:
        return None, asked.inconclusive("no other version to compare with")
    return judge_distribution(
        state,
        planned,
        ledger,
        arms.canary.version,
        arms.compared.version,
        asked.now,
        expected_targets=asked.expected,
    )
