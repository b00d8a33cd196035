"""The steps of a rollout, one at a time, and the promotion at their end."""

from dataclasses import replace

from knowngood.api.v1alpha1 import (
    DrainingVersion,
    OnInconclusive,
    Pause,
    Phase,
    RolloutStatus,
    Standing,
    WaitingFor,
)
from knowngood.decisions.ending import (
    Missing,
    choice,
    in_words,
    is_overdue,
    last_moment,
    missing,
    missing_at_the_gate,
    seen_again,
)
from knowngood.decisions.exposing import blind, not_named_yet, not_yet
from knowngood.decisions.holding import hold_back, kept_at_promotion
from knowngood.decisions.mirroring import set_mirror
from knowngood.decisions.plan import Blocked, Notice, Plan, edge_key, enter_step
from knowngood.decisions.proofs import passed
from knowngood.decisions.proving import FORCED
from knowngood.decisions.situation import Situation
from knowngood.decisions.splitting import not_split
from knowngood.decisions.standby import replaced
from knowngood.decisions.watching import ask_a_person, left_by


def step(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Take the present step as far as what was observed allows."""
    if rollout.step >= len(s.steps):
        return _gate(s, plan, rollout)
    current = s.steps[rollout.step]
    if current.set_mirror is not None:
        return set_mirror(s, replace(plan, phase=Phase.PROGRESSING), rollout, current.set_mirror)
    if current.set_weight is None and current.pause is None:
        return _unsupported(replace(plan, phase=Phase.PAUSED), rollout)
    if current.set_weight is not None:
        return _set_weight(s, replace(plan, phase=Phase.PROGRESSING), rollout, current.set_weight)
    return _pause(s, replace(plan, phase=Phase.PAUSED), rollout, current.pause or Pause())


def _unsupported(plan: Plan, rollout: RolloutStatus) -> Plan:
    """A newer schema knows a kind of step that this operator does not: guessing what it means would be worse."""
    text = (
        f"spec.rollout.steps[{rollout.step}]: this version of Knowngood does not know this kind of step: upgrade the "
        "operator, edit the step, or abort"
    )
    blocked = Blocked("UnsupportedField", text)
    notice = Notice(
        blocked.reason, text, edge_key(rollout, f"unsupported/{rollout.step}"), warning=True
    )
    return replace(plan, blocked=blocked).tell(notice)


def promote(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Give the canary all of the pods, then all of the traffic; then it is the stable version."""
    if s.replicas == 0:
        # Scaled to nothing on purpose: nothing will come, and no deadline runs.
        return plan.waiting(WaitingFor.NONE)
    if s.ready_of(rollout.version) < s.replicas:
        return plan.waiting(WaitingFor.PODS)
    # A person may have promoted it before its first share, or gone past the wait of a way back.
    waits = not_named_yet(s, plan, rollout, since=rollout.started_at)
    if waits is not None:
        return waits
    kept = kept_at_promotion(s, plan, rollout)
    full = replace(
        _first_share(s, plan, rollout),
        weights={**plan.shares, plan.stable: kept, rollout.version: 100 - kept},
        why="Promote",
    )
    if not s.does(full.shares, {}):
        return full.waiting(WaitingFor.ROUTE)
    promoted = replace(
        full, phase=Phase.PROBATION, stable=rollout.version, canary="", rollout=None, watch=()
    )
    if kept:
        promoted = hold_back(s, promoted, full.rollout or rollout, plan.stable)
        text = f"version {rollout.version} is promoted; version {plan.stable} keeps {kept} % of the requests for now"
    else:
        promoted, text = _leave(s, promoted, plan.stable)
    if not rollout.returns:
        reason = FORCED if rollout.overruled else "Promoted"
        promoted = promoted.stand(rollout.version, Standing.PROBATION, reason, rollout.passed)
    return promoted.tell(Notice("Promoted", text, edge_key(rollout, "promoted")))


def _leave(s: Situation, promoted: Plan, old: str) -> tuple[Plan, str]:
    """Let the version from before go, and say what becomes of it."""
    drains = DrainingVersion(version=old, since=s.now)
    left = replaced(s, replace(promoted, draining=(*promoted.draining, drains)), old)
    becomes = "stands by" if left.shadow == old else "is retired"
    return left, f"version {left.stable} answers all requests; version {old} {becomes}"


def start_promoting(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """The last gate is passed."""
    entered = enter_step(passed(s, rollout), len(s.steps), s.now).model_copy(
        update={"waiting_for": WaitingFor.PODS}
    )
    return replace(plan, phase=Phase.PROMOTING, rollout=entered)


def advance(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Go to the next step; its work begins with the next observation."""
    return replace(plan, rollout=enter_step(passed(s, rollout), rollout.step + 1, s.now))


def _set_weight(s: Situation, plan: Plan, rollout: RolloutStatus, weight: int) -> Plan:
    waits = not_yet(s, plan, rollout, more=weight > plan.shares.get(rollout.version, 0))
    if waits is not None:
        return waits
    shares = {**plan.shares, plan.stable: 100 - weight, rollout.version: weight}
    # What answers users needs no copies of their requests.
    rollout = rollout.model_copy(update={"mirror": 0})
    plan = replace(_first_share(s, plan, rollout), weights=shares, why="Step")
    if not s.does(shares, plan.copies, plan.tested):
        return plan.waiting(WaitingFor.ROUTE)
    text = f"version {rollout.version} gets {weight} % of the requests"
    return advance(s, plan, plan.rollout or rollout).tell(
        Notice("WeightSet", text, edge_key(rollout, f"weight-{weight}"))
    )


def _first_share(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Evidence starts with the first request that the canary may get, so the instant belongs into this write."""
    if rollout.evidence_since is not None:
        return replace(plan, rollout=rollout)
    given = replace(plan, rollout=rollout.model_copy(update={"evidence_since": s.now}))
    # A version that comes back has proved itself before, also where a person does not let it wait for its pods.
    return given if rollout.returns else given.stand(rollout.version, Standing.TRIAL, "FirstWeight")


def _pause(s: Situation, plan: Plan, rollout: RolloutStatus, pause: Pause) -> Plan:
    rollout = seen_again(s, rollout, pause)
    plan = replace(plan, rollout=rollout)
    if blind(s):
        return plan.waiting(WaitingFor.DATA)
    if pause.duration is None and pause.min_samples is None:
        return plan.waiting(WaitingFor.PERSON)
    if left_by(s, plan):
        return ask_a_person(s, plan)
    found = missing(s, rollout, pause)
    if found is None:
        return advance(s, plan, rollout)
    if found.what is not WaitingFor.TIME and is_overdue(s, rollout, pause):
        return _overdue(s, plan.waiting(found.what, found.lacks), pause, found)
    waits = plan.waiting(found.what, found.lacks)
    ends = (found.until, last_moment(rollout, pause))
    for at in (at for at in ends if at is not None and at > s.now):
        waits = waits.wake(at)
    return waits


def _overdue(s: Situation, plan: Plan, pause: Pause, found: Missing) -> Plan:
    """A pause is as long as it may be, and the evidence is not enough. Where it aborts, that is `too_long`'s."""
    rollout, chosen = plan.rollout, choice(pause)
    if rollout is None or chosen is OnInconclusive.ABORT:
        return plan
    words = in_words(s, rollout, pause)
    about = f"the pause of version {rollout.version} has lasted as long as it may ({pause.max_duration}): {words}"
    key = edge_key(rollout, f"overdue/{rollout.step}")
    if chosen is OnInconclusive.HOLD or found.what is WaitingFor.VERDICT:
        text = f"{about}. It waits on, until that is there or a person decides (promote, abort)"
        held = plan.waiting(WaitingFor.PERSON, found.lacks or (words,))
        return held.tell(Notice("PauseOverdue", text, key, warning=True))
    told = plan.tell(
        Notice("WentOnUnproved", f"{about}. It goes on, as the spec says", key, warning=True)
    )
    if rollout.step + 1 >= len(s.steps):
        return start_promoting(s, told, rollout)
    return advance(s, told, rollout)


def _gate(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Promote only when every trigger that is waited for has seen enough and found nothing."""
    held = replace(plan, phase=Phase.PAUSED)
    if blind(s):
        return held.waiting(WaitingFor.DATA)
    if left_by(s, plan):
        return ask_a_person(s, held)
    wrong = not_split(s, held)
    if wrong is not None:
        return wrong
    found = missing_at_the_gate(s)
    if found is not None:
        return held.waiting(found.what, found.lacks)
    return start_promoting(s, plan, rollout)
