"""What the command undo does: it reverses the last thing that Knowngood did to the traffic, and says so beforehand.

A share that was raised goes back to the one before, and waits there. A version that was taken back is tried again from
its first step. A promotion is taken back. A route that was put back is no such thing: weights that are set by hand are
kept while rollouts are frozen (overriding.py).
"""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    FailureReason,
    Phase,
    RolloutStatus,
    Undo,
    UndoneAction,
)
from knowngood.decisions.commands import Command, Verb
from knowngood.decisions.leaving_safe_path import leave
from knowngood.decisions.pausing import paused
from knowngood.decisions.people import COMMAND_BY_ANNOTATION, UNVERIFIED, recorded
from knowngood.decisions.phases import GOING_BACK, GONE_BACK, RESTING, ROLLING, SERVING
from knowngood.decisions.plan import Plan, enter_step
from knowngood.decisions.resting import is_rejected
from knowngood.decisions.safe_path import taken_of
from knowngood.decisions.safety import MESSAGE_LENGTH, why_not_back
from knowngood.decisions.situation import Situation
from knowngood.decisions.starting import start_rollout
from knowngood.decisions.taking_back import (
    before_promotion,
    is_waiting,
    stay,
    take_back,
    who_goes_on,
)
from knowngood.decisions.ways_back import NEVER_GOOD, never_good

_ALL: Final = 100


def undo_of(s: Situation, before: Plan, plan: Plan) -> Undo | None:
    """Say what undo would do after a decision; None where there is nothing to undo.

    Args:
        s: What was decided on.
        before: What was planned before; a promotion is an edge between the two.
        plan: What is planned now.
    """
    return _of_safe_path(plan) or _of_version(s, before, plan)


def _of_safe_path(plan: Plan) -> Undo | None:
    taken = taken_of(plan)
    if taken is None or plan.phase not in RESTING:
        return None
    what = (
        f"all requests go from the safe path ({taken.service}) to version {plan.stable} again, which was found to be "
        "bad"
    )
    return _undo(UndoneAction.SAFE_PATH, plan.stable, what, plan.undo.to if plan.undo else "")


def _of_version(s: Situation, before: Plan, plan: Plan) -> Undo | None:
    rollout = plan.rollout
    if plan.phase in ROLLING and rollout is not None:
        return _of_share(s, plan, rollout)
    if is_waiting(plan) and rollout is not None:
        what = f"{who_goes_on(plan)} goes on answering: version {rollout.returning} is not brought back"
        return _undo(UndoneAction.RETURN, plan.stable, what, rollout.returning or "")
    if plan.phase in GONE_BACK and rollout is not None:
        return _of_rollback(s, plan, rollout)
    if plan.phase not in SERVING:
        return None
    if before.phase is Phase.PROMOTING:
        promoted = _undo(UndoneAction.PROMOTION, plan.stable, "a promotion", before.stable)
        plan = replace(plan, undo=promoted)
    to = before_promotion(s, plan)
    if not to:
        return None
    doubt = f", {NEVER_GOOD}," if never_good(s, to) else ""
    what = (
        f"version {to}{doubt} is brought up and gets all requests again; version {plan.stable} is suspect then, and "
        "is not rolled out again by itself"
    )
    return _undo(UndoneAction.PROMOTION, plan.stable, what, to)


def undo(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Reverse the last thing that was done; say in words why not."""
    found = undo_of(s, plan, plan)
    if found is None:
        return _nothing(s, plan)
    if found.version != command.version:
        return f"what was done last was about version {found.version}: give {found.command}"
    if found.action is UndoneAction.SAFE_PATH:
        return give_back(s, plan, command)
    if found.action is UndoneAction.RETURN:
        return stay(s, plan, "a person asked for it (undo)")
    return _back(s, plan, found)


def _back(s: Situation, plan: Plan, found: Undo) -> Plan | str:
    """Reverse a rollback, a step or a promotion."""
    rollout = plan.rollout
    if found.action is UndoneAction.ROLLBACK:
        return s.frozen or (s.problem.message if s.problem else start_rollout(s, plan, "Undo"))
    if rollout is not None:
        return _share_back(s, plan, rollout)
    return take_back(s, plan, FailureReason.UNDONE, "a person takes the promotion back (undo)")


def give_back(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Give the requests back from the safe path to the version that serves; say in words why not."""
    if s.ready_of(plan.stable) == 0:
        return f"version {plan.stable} has no ready endpoint, so nobody would be answered"
    claimed = s.model.metadata.annotations.get(COMMAND_BY_ANNOTATION, "")
    by = recorded(claimed, proved=s.people_proved)
    who = "a person" if by == UNVERIFIED else by
    back = leave(s, plan, f"{who} gave the requests back ({command.verb})")
    # A breach of what is remembered is latched: nobody would ever see that it is over, or that it comes back.
    return replace(back, judged_since=s.now)


def will_do(s: Situation, before: Plan) -> str:
    """Say what an undo that is carried out does."""
    found = undo_of(s, before, before)
    return found.what if found else ""


def _undo(action: UndoneAction, version: str, what: str, to: str = "") -> Undo:
    return Undo(action=action, version=version, to=to, what=what, command=f"{Verb.UNDO} {version}")


def _of_share(s: Situation, plan: Plan, rollout: RolloutStatus) -> Undo | None:
    share = plan.shares.get(rollout.version, 0)
    promoting = plan.phase is Phase.PROMOTING
    if s.model.spec.traffic is None or (share == 0 and not promoting):
        return None
    weight, _ = _lower(s, plan, rollout)
    what = f"version {rollout.version} gets {weight} % of the requests again, and waits for the command resume"
    action = UndoneAction.PROMOTION if promoting else UndoneAction.STEP
    return _undo(action, rollout.version, what)


def _of_rollback(s: Situation, plan: Plan, rollout: RolloutStatus) -> Undo | None:
    failure = rollout.failure
    if failure is None or failure.reason is FailureReason.SUPERSEDED:
        return None
    if rollout.version != s.desired or not is_rejected(s, plan):
        return None
    what = (
        f"version {rollout.version} is tried again from its first step, and its evidence starts anew"
        f"{_shares_again(s, plan, rollout.version)}; it was taken back because {failure.message}"
    )
    return _undo(UndoneAction.ROLLBACK, rollout.version, what[:MESSAGE_LENGTH])


def _shares_again(s: Situation, plan: Plan, version: str) -> str:
    """Say which share of the users a version gets first, that is tried again."""
    weight = next((step.set_weight for step in s.steps if step.set_weight), 100)
    if s.model.spec.traffic is None:
        return ""
    rest = f", and version {plan.stable} keeps {100 - weight} %" if weight < _ALL else ""
    return f": {weight} % of the users get version {version} with its first share{rest}"


def _lower(s: Situation, plan: Plan, rollout: RolloutStatus) -> tuple[int, int]:
    """The share before the present one, and the step that comes after it."""
    share = plan.shares.get(rollout.version, 0)
    done = [(i, step.set_weight) for i, step in enumerate(s.steps[: rollout.step + 1])]
    if plan.phase is Phase.PROMOTING:
        # The promotion may have moved nothing yet, or come without a share.
        left = [weight for _, weight in done if weight is not None and weight <= share]
        return max(left, default=0), len(s.steps) if left else 0
    lower = [(weight, i + 1) for i, weight in done if weight is not None and weight < share]
    return max(lower, default=(0, 0))


def _share_back(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | str:
    blocked = why_not_back(s, plan, None)
    if blocked is not None:
        return blocked.message
    weight, step = _lower(s, plan, rollout)
    shares = {**plan.shares, plan.stable: 100 - weight, rollout.version: weight}
    back = replace(plan, weights=shares, why="Undo", blocked=None)
    return paused(back, enter_step(rollout, step, s.now))


def _nothing(s: Situation, plan: Plan) -> str:
    if plan.phase in GOING_BACK:
        return "a version is being taken back: give undo when that is over"
    if s.model.spec.traffic is None:
        return "the traffic is not Knowngood's to shift: there is nothing to undo"
    return (
        "there is nothing to undo: no share was given, or the version from before is not recorded any more, or the "
        "spec asks for another version by now"
    )
