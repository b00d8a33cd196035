"""Commands by which a version gets another chance: it is tried again, or gets the requests back."""

from knowngood.api.v1alpha1 import Phase, Standing
from knowngood.decisions.commands import Command
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Plan
from knowngood.decisions.resting import is_rejected
from knowngood.decisions.returning import may_return
from knowngood.decisions.safe_path import taken_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.starting import start_return, start_rollout
from knowngood.decisions.undoing import give_back


def retry(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Try a version again that was rejected, or is suspect; say in words why not."""
    # A candidate that is desired at rest is a retry whose beginning was written down before the process ended.
    tried = {Standing.REJECTED, Standing.CANDIDATE}
    known = s.standing_of(command.version) in tried
    if s.desired != command.version and plan.phase in RESTING and known:
        return f"spec.model.version is {s.desired}; set it to {command.version} first"
    if plan.phase not in RESTING:
        return "a version is being rolled out: retry when that is over, or abort it first"
    if s.desired != command.version or not (known or is_rejected(s, plan)):
        return f"version {command.version} is not rejected, so there is nothing to retry"
    if s.problem is not None:
        return s.problem.message
    return start_return(s, plan) if may_return(s) else start_rollout(s, plan, "Retry")


def restore(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Let a version answer users again: from the safe path at once; where another one does, step by step."""
    if taken_of(plan) is not None and command.version == plan.stable:
        return give_back(s, plan, command)
    if plan.phase is not Phase.CONTAINED:
        if taken_of(plan) is not None:
            return f"version {command.version} is not the one that served: restore {plan.stable}"
        return (
            "no version was contained, and the safe path is not taken: there is nothing to restore"
        )
    return s.frozen or retry(s, plan, command)
