"""Golden requests that must be refused: each is a good one with one thing wrong."""

from typing import Any, Final

from tests.crds.refusal import refusals

_SPEC: Final = "spec.fallback"
_ASKED: Final = "spec.fallback.smoke[0].request"
_RIGHT: Final = "spec.fallback.smoke[0].expect.fields[0]"
_OURS: Final = "set by Knowngood"
_PORTS: Final = [{"name": "http", "port": 80, "targetPort": 8080}]


def _smoke(**one: Any) -> dict[str, Any]:
    golden = {"name": "typical", "request": {"path": "/predict"}, **one}
    return {"metrics": "Excluded", "smoke": [golden]}


def _asks(**request: Any) -> dict[str, Any]:
    return _smoke(request={"path": "/predict", **request})


def _expects(**field: Any) -> dict[str, Any]:
    return _smoke(expect={"fields": [field]})


def _sends(name: str, value: str = "a") -> dict[str, Any]:
    return _asks(headers=[{"value": value, "name": name}])


GOLDEN: Final = refusals(
    "AIModelDeployment",
    (_SPEC, {"smoke": _smoke()["smoke"]}, f"{_SPEC}.metrics", "judged as if users had sent them"),
    (_SPEC, {**_smoke(), "smoke": 2 * _smoke()["smoke"]}, f"{_SPEC}.smoke[1]", "Duplicate"),
    (_SPEC, _smoke(name="Typical"), f"{_SPEC}.smoke[0].name"),
    (_SPEC, _asks(path="predict"), f"{_ASKED}.path"),
    (_SPEC, _asks(path="/a b"), f"{_ASKED}.path"),
    (_SPEC, _asks(path="/a#b"), f"{_ASKED}.path"),
    (_SPEC, _asks(method="PUT"), f"{_ASKED}.method", "Unsupported value"),
    (_SPEC, _asks(body="x" * 8193), f"{_ASKED}.body", "8192"),
    (_SPEC, _sends("hOst"), f"{_ASKED}.headers[0].name", _OURS),
    (_SPEC, _sends("X-Knowngood-TEST"), f"{_ASKED}.headers[0].name", _OURS),
    (_SPEC, _sends("a:b"), f"{_ASKED}.headers[0].name"),
    (_SPEC, _sends("tenant", "b\r\nc"), f"{_ASKED}.headers[0].value"),
    (_SPEC, _smoke(expect={"status": 199}), "spec.fallback.smoke[0].expect.status", "200"),
    (_SPEC, _expects(pointer="/a"), _RIGHT, "say either equals"),
    (_SPEC, _expects(pointer="/a", equals="1", minimum="1"), _RIGHT, "say either equals"),
    (_SPEC, _expects(pointer="a", equals="1"), f"{_RIGHT}.pointer"),
    (_SPEC, _expects(pointer="/~2", equals="1"), f"{_RIGHT}.pointer"),
    (_SPEC, _expects(pointer="/a", maximum="1e3"), f"{_RIGHT}.maximum"),
    (
        "spec",
        {
            "model": {"version": "8"},
            "serving": {"services": [{"version": "8", "name": "loan-v8"}]},
            "traffic": {
                "gatewayAPI": {"parentRefs": [{"name": "public"}], "rules": [{"name": "predict"}]}
            },
            "fallback": _smoke(),
        },
        f"{_SPEC}.smoke",
        "pods that Knowngood runs",
    ),
    (
        "spec",
        {
            "model": {"version": "8"},
            "serving": {"deployment": {"ports": _PORTS, "template": {}}},
            "fallback": _smoke(),
            "traffic": {"routeRef": {"name": "edge"}},
        },
        f"{_SPEC}.smoke",
        "need traffic.gatewayAPI",
    ),
)
