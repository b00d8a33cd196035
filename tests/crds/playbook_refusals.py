"""What a template says to the playbook, and feeds, that must be refused: each is good with one thing wrong."""

from typing import Final

from tests.crds.manifests import ABSENT
from tests.crds.refusal import refusals

_STEP: Final = "spec.playbook.step"
_READS: Final = "PipelineIntegrity reads a ratio of events and total"
_FEED: Final = "spec.feeds[0].cronJobRef"
_JOB: Final = {"cronJobRef": {"name": "x"}}
_OTHER: Final = {"apiVersion": "argoproj.io/v1alpha1", "kind": "CronWorkflow", "name": "x"}

PLAYBOOK: Final = [
    *refusals(
        "ClusterSignalTemplate",
        (_STEP, ABSENT, _STEP, "Required"),
        (_STEP, "Somewhere", _STEP, "Unsupported value"),
        (_STEP, "FeatureDistributions", _STEP, _READS),
        (_STEP, "UpstreamFreshness", _STEP, _READS),
        ("spec.ratio", {"histogram": "x_bucket", "above": "0.5"}, _STEP, _READS),
        ("spec.playbook.by", "a-b", "spec.playbook.by"),
    ),
    *refusals(
        "AIModelDeployment",
        ("spec.feeds", [{}], "spec.feeds[0]", "exactly one of cronJobRef, ref must be set"),
        (
            "spec.feeds",
            [{**_JOB, "ref": _OTHER}],
            "spec.feeds[0]",
            "exactly one of cronJobRef, ref",
        ),
        ("spec.feeds", [{"ref": {"kind": "Pod", "name": "x"}}], "spec.feeds[0].ref.apiVersion"),
        ("spec.feeds", [{"ref": _OTHER}, _JOB], "spec.feeds", "two feeds have one name"),
        ("spec.feeds", [_JOB, _JOB], "spec.feeds", "two feeds have one name"),
        ("spec.feeds", [{"cronJobRef": {"name": "../x"}}], f"{_FEED}.name"),
        (
            "spec.feeds",
            [{"cronJobRef": {"name": f"n{n}"}} for n in range(9)],
            "spec.feeds",
            "at most 8",
        ),
    ),
]
