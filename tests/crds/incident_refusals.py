"""Incidents that must be refused: each is a good one with one thing wrong."""

from typing import Any, Final

from tests.crds.manifests import ABSENT
from tests.crds.refusal import refusals

_LONG: Final = "x" * 1025
_DECLARED: Final = {"by": "alice", "summary": "it refuses everybody"}


def _decided(**word: Any) -> dict[str, Any]:
    return {"outcome": "Retrain", "by": "alice", "rationale": "an old label", **word}


INCIDENTS: Final = refusals(
    "Incident",
    ("spec.modelRef", ABSENT, "spec.modelRef", "Required"),
    ("spec.origin", "Alert", "spec.origin", '"Manual"'),
    ("spec.policyRef.kind", "Policy", "spec.policyRef.kind"),
    ("spec.severity", "Sev1", "spec.severity"),
    ("spec.acknowledgement.by", "", "spec.acknowledgement.by"),
    ("spec.acknowledgement.note", _LONG, "spec.acknowledgement.note", "1024"),
    ("spec.close.resolution", "Done", "spec.close.resolution", '"FalsePositive"'),
    ("spec.close.resolution", "AutoClosed", "spec.close.resolution", '"FalsePositive"'),
    ("spec.close.by", ABSENT, "spec.close.by", "Required"),
    ("spec.decision", _decided(outcome="Ignore"), "spec.decision.outcome", '"AcceptRisk"'),
    ("spec.decision", _decided(rationale=""), "spec.decision.rationale"),
    ("spec.decision", _decided(rationale=_LONG), "spec.decision.rationale", "1024"),
    ("spec.decision", {"outcome": "None", "by": "a"}, "spec.decision.rationale", "Required"),
    ("spec.declared", _DECLARED, "spec.declared", "needs origin Manual and no policyRef"),
    ("spec.declared", {"by": "alice"}, "spec.declared.summary", "Required"),
    ("spec.declared", {**_DECLARED, "version": "v1+b"}, "spec.declared.version"),
)
