"""The API server's own record of who was let change what: proof that does not come from who is judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

_POD: Final = "authentication.kubernetes.io/pod-name"
_WRITES: Final = ("create", "update", "patch", "delete", "deletecollection")
_POLICY: Final = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [
        # Questions that are asked by POST.
        {
            "level": "None",
            "resources": [{"group": "authentication.k8s.io"}, {"group": "authorization.k8s.io"}],
        },
        {"level": "Metadata", "verbs": list(_WRITES)},
        {"level": "None"},
    ],
}


@dataclass(frozen=True, slots=True)
class Write:
    """A request to change something, as it was answered.

    Attributes:
        at: When it came in, unix seconds of the API server.
        user: Who sent it.
        pod: Which pod's token it carried; empty when it was none.
        verb: `create`, `update`, `patch`, `delete` or `deletecollection`.
        resource: In the plural, with the subresource: `aimodeldeployments/status`.
        namespace: Of the object; empty without one.
        name: Of the object; empty for what was to be named by the server, and for collections.
        code: HTTP status of the answer.
    """

    at: float
    user: str
    pod: str
    verb: str
    resource: str
    namespace: str
    name: str
    code: int

    @property
    def accepted(self) -> bool:
        """Whether the API server did it."""
        return 200 <= self.code < 300


def options(run_dir: Path) -> Sequence[str]:
    """Return the API server's options for an audit log in the run directory."""
    policy = run_dir / "audit-policy.json"
    policy.write_text(json.dumps(_POLICY, indent=2))
    # It answers after it has written the line down, so who has seen an answer finds it in the log.
    return [
        f"--audit-policy-file={policy}",
        f"--audit-log-path={_log(run_dir)}",
        "--audit-log-mode=blocking-strict",
    ]


def writes(run_dir: Path) -> list[Write]:
    """Return what the API server was asked to change, in the order in which it came in."""
    lines = _log(run_dir).read_text().split("\n")[:-1]  # the last one may not be whole yet
    return sorted((_write(json.loads(line)) for line in lines), key=lambda write: write.at)


def _log(run_dir: Path) -> Path:
    return run_dir / "audit.log"


def _write(event: Any) -> Write:
    user, what = event["user"], event.get("objectRef") or {}
    parts = (what.get("resource", ""), what.get("subresource", ""))
    return Write(
        at=datetime.fromisoformat(event["requestReceivedTimestamp"]).timestamp(),
        user=user["username"],
        pod=next(iter((user.get("extra") or {}).get(_POD, ())), ""),
        verb=event["verb"],
        resource="/".join(part for part in parts if part),
        namespace=what.get("namespace", ""),
        name=what.get("name", ""),
        code=int((event.get("responseStatus") or {}).get("code", 0)),
    )
