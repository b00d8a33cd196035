"""What has been seen of one rollout, and what every trigger makes of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Baseline,
    IdentityBy,
    PolicyMode,
    Trigger,
    VerdictKind,
)
from knowngood.control.arms import Arms
from knowngood.control.asking import Known, ask, ask_segments
from knowngood.control.identities import Identifier
from knowngood.control.measuring import measured
from knowngood.control.policies import Bound, approval_of, feeds_of, serving_action_of
from knowngood.control.reading import Answers
from knowngood.control.reads import read_of
from knowngood.control.remembering import Asked
from knowngood.control.splitting import Splitting
from knowngood.control.values import judge_values, values
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from knowngood.decisions.witnessing import Witness
from knowngood.signals.ledgers import AnyLedger
from knowngood.signals.planning import Need, Spec, ValueSpec
from knowngood.signals.segments import SegmentedLedger, begin

Identity = tuple[str, str, str, str]
Question = tuple[Trigger, float, float | None, Spec | None]
"""A trigger, its share of the budget, how many requests count as one, and how its signal is read."""


@dataclass(slots=True)
class Evidence:
    """Counts, tests and verdicts of one rollout: a cache of what the raw samples say.

    Attributes:
        told: Triggers of policies that only observe whose breach was told.
        needs: What was asked for in this look, by signal.
        specs: How each signal is read.
        about: What each trigger asked when it was last looked at.
        baselines: What is remembered, by signal.
        dropped: How many series of each signal were left out when it was read last, by the reason.
        splitting: Whether the requests are split as asked.
    """

    arms: Arms
    ledgers: dict[str, AnyLedger | SegmentedLedger] = field(default_factory=dict)
    states: dict[Identity, Known] = field(default_factory=dict)
    verdicts: dict[Identity, Verdict] = field(default_factory=dict)
    told: set[Identity] = field(default_factory=set)
    needs: dict[str, Need] = field(default_factory=dict)
    specs: dict[str, Spec] = field(default_factory=dict)
    about: dict[Identity, Question] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    splitting: Splitting = field(default_factory=Splitting)

    def keep(self, specs: Mapping[str, Spec]) -> None:
        """Keep the counts of signals that are still asked for in the same way; begin all others anew."""
        same = {name for name, spec in specs.items() if self.specs.get(name) == spec}
        kept = {name: ledger for name, ledger in self.ledgers.items() if name in same}
        for name, spec in specs.items():
            if name not in kept and not isinstance(spec, ValueSpec):
                kept[name] = begin(spec, self.arms.since)
        self.ledgers, self.specs, self.needs = kept, dict(specs), {}
        self.dropped = {name: dropped for name, dropped in self.dropped.items() if name in kept}
        self.splitting.keep(kept)

    def attend(self, bounds: Iterable[Bound]) -> None:
        """Forget what was found for triggers that are gone, or that ask something else now."""
        about = {b.identity: _question(b, self.specs) for b in bounds}
        for identity, question in self.about.items():
            if about.get(identity) != question:
                self.states.pop(identity, None)
                self.verdicts.pop(identity, None)
        self.about = about


def _question(bound: Bound, specs: Mapping[str, Spec]) -> Question:
    name = bound.trigger.signal.name
    return bound.trigger, bound.alpha, bound.design_effect, specs.get(name)


def test(
    evidence: Evidence, bound: Bound, answers: Answers | None, by: IdentityBy, now: float
) -> None:
    """Ask one trigger, and keep its verdict.

    Args:
        evidence: Of the rollout; its ledgers are up to date.
        bound: The trigger.
        answers: What its signal said in this round; None when the signal cannot be read at all.
        by: How the signal's series tell their version.
        now: Unix seconds.
    """
    if answers is None:
        text = f"signal {bound.trigger.signal.name} cannot be read: there is no such template, or it is not valid"
        evidence.verdicts[bound.identity] = Verdict(
            VerdictKind.OBSERVER_ERROR, "SignalNotFound", text, now
        )
    elif answers.error:
        evidence.verdicts[bound.identity] = _unread(evidence, bound, answers.error, now)
    elif answers.at < answers.asked:
        _judge(evidence, bound, answers, by, answers.at)
        evidence.verdicts[bound.identity] = _replaying(evidence, bound, answers.at)
    else:
        # At the instant of the answer: what a slow source says is not older than it was when it was asked.
        evidence.verdicts[bound.identity] = _judge(evidence, bound, answers, by, answers.at)


def _replaying(evidence: Evidence, bound: Bound, until: float) -> Verdict:
    """What was long ago is no verdict on now: a limit that was crossed then need not be crossed any more."""
    text = (
        f"what {bound.trigger.signal.name} of version {evidence.arms.canary.version} showed since the evidence began "
        "is read again, piece by piece: this process has just begun to judge"
    )
    return Verdict(VerdictKind.INCONCLUSIVE, Finding.REPLAYING, text, until)


def fail(evidence: Evidence, bound: Bound, now: float) -> None:
    """Keep that a trigger could not be judged because of a bug; what was proved before stays proved."""
    text = "the judge failed on what it read; the operator's log says where"
    evidence.verdicts[bound.identity] = _unread(evidence, bound, text, now)


def view(
    bound: Bound,
    evidence: Evidence | None,
    arms: Arms,
    specs: Mapping[str, Spec],
) -> TriggerView:
    """Show a trigger to the decision; one that has not looked yet says so and holds the promotion.

    An answer to another question is none: a policy or template that was edited since the last look has not looked yet.
    """
    verdict = None
    if evidence is not None and evidence.about.get(bound.identity) == _question(bound, specs):
        verdict = evidence.verdicts.get(bound.identity)
    if verdict is None:
        text = f"version {arms.canary.version} was not looked at yet"
        verdict = Verdict(VerdictKind.INCONCLUSIVE, Finding.NOT_LOOKED, text, arms.since)
    reference = verdict.reference
    ledger = evidence.ledgers.get(bound.trigger.signal.name) if evidence is not None else None
    return TriggerView(
        policy=bound.policy.metadata.name,
        policy_kind=bound.policy.kind,
        policy_generation=bound.policy.metadata.generation,
        trigger=bound.trigger.name,
        mode=PolicyMode.ACT if bound.acts else PolicyMode.OBSERVE,
        action=bound.action,
        severity=bound.trigger.severity,
        verdict=verdict,
        gates=bound.critical and not isinstance(specs.get(bound.trigger.signal.name), ValueSpec),
        stable_breached=reference is not None and reference.kind is VerdictKind.BREACHED,
        critical=bound.critical,
        asks=bound.asks,
        mismatch=evidence.splitting.of(bound.trigger) if evidence is not None else "",
        measured=measured(bound, ledger, arms),
        sided=bound.bad_change is not None,
        serving_action=serving_action_of(bound.policy.spec, bound.trigger),
        approval=approval_of(bound.policy.spec, ActionKind.SHIFT),
        safe_path_approval=approval_of(bound.policy.spec, ActionKind.SAFE_PATH),
        suspends=feeds_of(bound.policy.spec, bound.trigger),
        read=read_of(bound.trigger, specs, arms.since, verdict.at),
    )


def witness_of(ledger: AnyLedger, arms: Arms, model: AIModelDeployment) -> Witness:
    """What a version that was taken back was counted to answer since its share was seen to be 0, and before."""
    column = ledger.column(arms.canary.version)
    # Of the second in which it began, what came after it is not told apart from what came before.
    cells = range(column.index_of(math.floor(arms.step_since)), len(column.seconds))
    risen = [i for i in cells if column.cell(i).total > 0]
    answered = tuple(datetime.fromtimestamp(column.seconds[i] + 1, UTC) for i in risen)
    quiet = len(column.seconds) - (risen[-1] + 1 if risen else cells.start)
    begun = _harm_began(model)
    given = None
    if begun is not None:
        given = column.between(math.floor(begun), ledger.settled_until).total
    return Witness(datetime.fromtimestamp(ledger.settled_until, UTC), answered, quiet, given)


def _harm_began(model: AIModelDeployment) -> float | None:
    """When the answers began that may have been wrong, unix seconds; None where others are counted too.

    Of a version that served, what is counted begins with the shift; and nobody gets the answers to copies.
    """
    rollout = model.status.rollout if model.status else None
    steps = (model.spec.rollout.steps if model.spec.rollout else None) or ()
    if rollout is None or rollout.failure is None or rollout.returning is not None:
        return None
    if any(step.set_mirror is not None for step in steps):
        return None
    return (rollout.failure.onset or rollout.failure.detected_at).timestamp()


def _unread(evidence: Evidence, bound: Bound, error: str, now: float) -> Verdict:
    """A signal could not be read; what was proved before stays proved."""
    before = evidence.verdicts.get(bound.identity)
    if before is not None and before.kind is VerdictKind.BREACHED:
        return before
    return Verdict(VerdictKind.OBSERVER_ERROR, "ObserverError", error, now)


def _judge(
    evidence: Evidence, bound: Bound, answers: Answers, by: IdentityBy, now: float
) -> Verdict:
    arms, name = evidence.arms, bound.trigger.signal.name
    ledger = evidence.ledgers.get(name)
    words = ledger.problem() if ledger is not None else ""
    if words:
        return _unread(evidence, bound, f"signal {name}: {words}", now)
    if bound.design_effect is None:
        text = f"version {arms.canary.version} was not looked at yet: how many requests count as one is being measured"
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.NOT_LOOKED, text, now)
    known = evidence.states.get(bound.identity)
    expected = Identifier(arms, by).expected(answers)
    try:
        if isinstance(ledger, SegmentedLedger):
            asked = Asked(bound, None, arms, evidence.baselines, now, expected)
            known, verdict = ask_segments(known, asked, ledger, evidence.splitting)
            if verdict.kind is VerdictKind.OBSERVER_ERROR:
                verdict = _unread(evidence, bound, verdict.message, now)
        else:
            asked = Asked(bound, ledger, arms, evidence.baselines, now, expected)
            known, verdict = _of_all(known, asked, evidence, answers, by)
    except ValueError as error:
        return Verdict(VerdictKind.OBSERVER_ERROR, "SignalNotFound", str(error), now)
    evidence.states[bound.identity] = known
    return verdict


def _of_all(
    known: Known, asked: Asked, evidence: Evidence, answers: Answers, by: IdentityBy
) -> tuple[Known, Verdict]:
    """Ask a trigger about all requests together."""
    state = None if isinstance(known, Mapping) else known
    state, verdict = ask(state, asked, evidence.splitting)
    if verdict is not None:
        return state, verdict
    arms = asked.arms
    found = {arm.version: values(arms, arm, answers, by) for arm in (arms.canary, arms.stable)}
    return judge_values(state, asked.bound, arms, found, asked.now)
