"""What triggers have said of a version: what was shown, what is missing, and on what it went on."""

from collections.abc import Sequence

from knowngood.api.v1alpha1 import PassedTrigger, RolloutStatus
from knowngood.cli.views.about import About
from knowngood.cli.views.lines import Line
from knowngood.cli.views.phrases import moment


def said(about: About) -> tuple[Line, ...]:
    """Tell it, from the rollout that runs or from the record of the promotion."""
    status = about.model.status
    rollout = status.rollout if status else None
    if rollout is not None and rollout.version == about.version:
        return (*_proofs(rollout), *_lacks(rollout), *_passed(rollout.passed))
    record = about.record.status if about.record else None
    return _passed(record.promoted_on) if record else ()


def _proofs(rollout: RolloutStatus) -> tuple[Line, ...]:
    found = []
    for proof in rollout.proofs:
        found.append(Line(proof.message, head=f"  {moment(proof.shown_at)}  shown: "))
        if proof.evidence is not None and proof.evidence.guarantee:
            found.append(Line(proof.evidence.guarantee, head="    promise: "))
    return tuple(found)


def _lacks(rollout: RolloutStatus) -> tuple[Line, ...]:
    return tuple(Line(lack, head="  missing: ") for lack in rollout.lacks)


def _passed(passed: Sequence[PassedTrigger]) -> tuple[Line, ...]:
    return tuple(
        Line(
            f"{p.trigger} of policy {p.policy}: {p.verdict}: {p.message}",
            head=f"  {moment(p.at)}  went on: ",
        )
        for p in passed
    )
