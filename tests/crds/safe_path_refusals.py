"""Safe paths, and ladders, that must be refused: each is a good one with one thing wrong."""

from typing import Any, Final

from tests.crds.refusal import refusals

_FALLBACK: Final = "spec.fallback"
_SAFE: Final = f"{_FALLBACK}.safePath"
_NAME: Final = f"{_SAFE}.service.name"
_ONCE: Final = "the last one is Hold"
_SPEC: Final = {
    "model": {"version": "8"},
    "serving": {"services": [{"version": "8", "name": "loan-v8"}]},
}
_ROUTE: Final = {"routeRef": {"name": "edge", "adopt": "loan-old"}}


def _safe(name: str = "loan-manual-review", **more: Any) -> dict[str, Any]:
    return {"safePath": {"service": {"name": name}, **more}}


_MODELS: Final = refusals(
    "AIModelDeployment",
    (_FALLBACK, {**_safe(), "order": ["KnownGood", "SafePath"]}, f"{_FALLBACK}.order", _ONCE),
    (_FALLBACK, {**_safe(), "order": ["Hold", "SafePath"]}, f"{_FALLBACK}.order", _ONCE),
    (
        _FALLBACK,
        {**_safe(), "order": ["SafePath", "SafePath", "Hold"]},
        f"{_FALLBACK}.order",
        _ONCE,
    ),
    (_FALLBACK, {**_safe(), "order": []}, f"{_FALLBACK}.order", "at least 1 items"),
    (_FALLBACK, {**_safe(), "order": ["Panic", "Hold"]}, f"{_FALLBACK}.order[0]"),
    (_FALLBACK, {"order": ["SafePath", "Hold"]}, f"{_FALLBACK}.order", "say which Service"),
    (_FALLBACK, {"safePath": {}}, f"{_SAFE}.service", "Required"),
    (_FALLBACK, _safe(maxDuration="30s"), f"{_SAFE}.maxDuration", "between 1m and 168h"),
    (_FALLBACK, _safe(atEnd="Panic"), f"{_SAFE}.atEnd", '"Hold", "Return"'),
    (_FALLBACK, _safe("loan-approval-8-2c624232"), _NAME, "this model's versions"),
    (
        "spec",
        {**_SPEC, "traffic": _ROUTE, "fallback": _safe("loan-v8")},
        _NAME,
        "the Service of a version",
    ),
    (
        "spec",
        {**_SPEC, "traffic": _ROUTE, "fallback": _safe("loan-old")},
        _NAME,
        "answered before Knowngood did",
    ),
    ("spec", {**_SPEC, "fallback": _safe()}, _SAFE, "needs traffic"),
    ("spec.model.version", "safe-path", "spec.model.version", "no name for a version"),
)

_POLICIES: Final = refusals(
    "IncidentPolicy",
    (
        "spec.responses",
        [{"name": "fall-back", "actions": [{"safePath": {}}]}],
        "spec.responses[0]",
        "safePath is for the version that serves",
    ),
    (
        "spec.responses",
        [{"name": "both", "actions": [{"safePath": {}, "hold": {}}]}],
        "spec.responses[0].actions[0]",
        "exactly one of rollback, shiftToShadow, safePath, suspendFeed, hold",
    ),
)

SAFE_PATHS: Final = [*_MODELS, *_POLICIES]
