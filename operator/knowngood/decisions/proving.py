"""How a version that was promoted earns to be called known good: by what was seen of it while it answered everybody."""

from datetime import timedelta
from typing import Final

from knowngood.analysis.verdicts import Finding
from knowngood.api.v1alpha1 import (
    IncidentPhase,
    Phase,
    Probation,
    Standing,
    VerdictKind,
    seconds,
)
from knowngood.decisions.earning import (
    Lacking,
    Outcome,
    ProbationView,
    Watching,
    probation_outcome,
)
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.serving import Covered, ServingView
from knowngood.decisions.situation import Situation
from knowngood.decisions.standings import stands
from knowngood.decisions.trigger_views import TriggerView

PROVED: Final = "Proved"
BREACHED: Final = "Breached"
FORCED: Final = "Forced"
"""Reason of a probation that began past a verdict: only a person can end it."""


def prove(s: Situation, plan: Plan) -> Plan:
    """Call a version known good that has earned it, or suspect where a trigger is breached; else go on waiting."""
    if stands(s, plan, plan.stable) is not Standing.PROBATION or s.standing_of(plan.stable) is None:
        return plan
    view = _view(s, plan)
    if view is None:
        return plan
    outcome, lacks = probation_outcome(view)
    since = _since(s, plan.stable)
    key = f"probation/{plan.stable}/{since}"
    if outcome is Outcome.EARNED:
        seen = timedelta(seconds=view.duration)
        text = (
            f"version {plan.stable} is known good: it was seen for {seen} and more while it answered everybody, and "
            "nothing was found"
        )
        good = plan.stand(plan.stable, Standing.KNOWN_GOOD, PROVED)
        return good.tell(Notice("KnownGood", text, f"{key}/good"))
    if outcome is Outcome.REFUSED:
        text = f"version {plan.stable} does not become known good: {words(lacks)}; attest it, or set another version"
        bad = plan.stand(plan.stable, Standing.SUSPECT, BREACHED)
        return bad.tell(Notice("ProbationFailed", text, f"{key}/failed", warning=True))
    if outcome is Outcome.ASK:
        text = f"version {plan.stable} has been in probation for long: {words(lacks)}; attest it if it is good"
        return plan.tell(Notice("ProbationUndecided", text, f"{key}/ask", warning=True))
    return plan


def lacking(s: Situation, version: str) -> str:
    """Say what a version in probation lacks, in words that seldom change; empty where nobody knows."""
    status = s.model.status
    if status is None or status.versions is None or status.versions.stable != version:
        return ""
    view = _view(s, Plan(phase=status.phase or Phase.PENDING, stable=version))
    return "" if view is None else words(probation_outcome(view)[1])


def words(lacks: tuple[Lacking, ...]) -> str:
    """All that is lacking, for people."""
    return "; ".join(lack.text for lack in lacks)


def _view(s: Situation, plan: Plan) -> ProbationView | None:
    serving, record = s.serving, s.versions.get(plan.stable)
    status = record.status if record else None
    if serving is None or serving.version != plan.stable or status is None:
        return None
    if status.promoted_at is None:
        return None
    asked = (s.model.spec.rollout.probation if s.model.spec.rollout else None) or Probation()
    counted = [c for c in serving.covered if c.counts]
    overridden = bool(status.transitions) and status.transitions[-1].reason == FORCED
    return ProbationView(
        version=plan.stable,
        elapsed=(s.now - status.promoted_at).total_seconds(),
        observed=min((c.seen for c in counted), default=0.0),
        duration=seconds(asked.duration),
        decisions=max((c.requests for c in counted), default=0),
        min_decisions=asked.min_decisions,
        triggers=tuple(_watching(c, serving) for c in serving.covered),
        incident_open=_incident_open(s, plan.stable),
        overridden=overridden or plan.override is not None,
        no_worse=_no_worse(serving),
    )


def _no_worse(serving: ServingView) -> bool | None:
    """Whether it was shown to be no worse than the version beside it; None where nobody asks, or there is none."""
    asking = [t for t in serving.triggers if t.acts and t.asks] if serving.beside else []
    return not any(t.unproved for t in asking) if asking else None


def _watching(covered: Covered, serving: ServingView) -> Watching:
    which = covered.policy_kind, covered.policy, covered.trigger
    views = [t for t in serving.triggers if (t.policy_kind, t.policy, t.trigger) == which]
    verdict = _verdict(views[0]) if covered.judged and views else VerdictKind.HEALTHY
    return Watching(
        name=covered.trigger,
        samples=covered.requests,
        min_samples=covered.needed,
        verdict=verdict,
        counts=covered.counts,
    )


def _verdict(view: TriggerView) -> VerdictKind:
    """What a trigger says; one that has nothing to compare with says nothing against a version."""
    if view.verdict.reason == Finding.NOTHING_TO_COMPARE:
        return VerdictKind.HEALTHY
    return view.verdict.kind


def _incident_open(s: Situation, version: str) -> bool:
    """Whether an incident about this very version is open."""
    status = s.incident.status if s.incident else None
    if status is None or status.phase is IncidentPhase.CLOSED:
        return False
    return status.subject is not None and status.subject.version == version


def _since(s: Situation, version: str) -> str:
    record = s.versions.get(version)
    status = record.status if record else None
    return status.promoted_at.isoformat() if status and status.promoted_at else ""
