"""Bad comparisons with what is remembered, and which words the API server must use."""

from typing import Any, Final

from tests.crds.refusal import refusals

_WHERE: Final = "spec.triggers[0].test.proportion"
_BASELINE: Final = {"comparedTo": "Baseline", "direction": "Decrease", "tolerance": "5pp"}
_PAST: Final = {**_BASELINE, "comparedTo": "Past"}
_SHADOW: Final = {"comparedTo": "Shadow", "direction": "Decrease"}
_STABLE: Final = {"comparedTo": "Stable", "direction": "Decrease"}


def _trigger(roles: list[str], **test: Any) -> dict[str, Any]:
    return {"name": "remembered", "signal": {"name": "s"}, "roles": roles, "test": test}


MEMORY: Final = refusals(
    "IncidentPolicy",
    (
        "spec.triggers.0",
        _trigger(["Canary"], proportion=_BASELINE),
        "spec.triggers[0].roles",
        "roles must be [Stable]",
    ),
    (
        "spec.triggers.0",
        _trigger(["Canary"], proportion=_SHADOW),
        "spec.triggers[0].roles",
        "roles must be [Stable]",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], distribution={"comparedTo": "Shadow", "above": "0.25"}),
        "spec.triggers[0].test.distribution.comparedTo",
        "Stable or Baseline",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_SHADOW, "falseAlarms": {"perRollout": "1%"}}),
        f"{_WHERE}.falseAlarms",
        "onceIn for a version that serves",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion=_STABLE),
        "spec.triggers[0].roles",
        "roles must be [Stable]",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], distribution={"comparedTo": "Past", "above": "0.25"}),
        "spec.triggers[0].test.distribution.comparedTo",
        "Stable or Baseline",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_BASELINE, "tolerance": "0pp"}),
        f"{_WHERE}.tolerance",
        "above zero",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={"comparedTo": "Baseline", "direction": "Decrease"}),
        f"{_WHERE}.tolerance",
        "above zero",
    ),
    ("spec.triggers.0", _trigger(["Stable"], proportion=_PAST), f"{_WHERE}.offset", "Past"),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_BASELINE, "offset": "1h"}),
        f"{_WHERE}.offset",
        "Past",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_PAST, "offset": "1h", "seasonality": "HourOfDay"}),
        f"{_WHERE}.seasonality",
        "only a Baseline",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_BASELINE, "falseAlarms": {"perRollout": "1%"}}),
        f"{_WHERE}.falseAlarms",
        "onceIn for a version that serves",
    ),
    (
        "spec.triggers.0",
        _trigger(["Canary"], proportion={**_STABLE, "falseAlarms": {"onceIn": "10y"}}),
        f"{_WHERE}.falseAlarms",
        "perRollout for comparedTo: Stable",
    ),
    (
        "spec.triggers.0",
        _trigger(["Stable"], proportion={**_BASELINE, "nonInferior": {"margin": "5pp"}}),
        f"{_WHERE}.nonInferior",
        "only a canary",
    ),
)
