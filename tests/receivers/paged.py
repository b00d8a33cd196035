"""What PagerDuty and Slack send when somebody has taken an incident, in the shape of their documentation."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

SECRET: Final = "s3cr3t-of-nobody"  # noqa: S105  - of nobody
ALICE: Final = "Alice Liddell"
PERSON: Final = {"id": "PLH1HKV", "summary": ALICE, "type": "user_reference"}
PROGRAM: Final = {
    "id": "PXMQRWJ",
    "summary": "Events API V2",
    "type": "inbound_integration_reference",
}


def a_file(folder: Path, secret: str = SECRET) -> Path:
    file = folder / "secret"
    file.write_text(f"{secret}\n")
    return file


def mac(secret: str, data: bytes) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def event(
    uid: str,
    *,
    kind: str = "incident.acknowledged",
    agent: dict[str, Any] | None = PERSON,
) -> bytes:
    """A webhook of PagerDuty: its page "Overview"."""
    data = {"id": "PGR0VU2", "type": "incident", "status": "acknowledged", "incident_key": uid}
    body = {"id": "5ac64822", "event_type": kind, "resource_type": "incident"}
    return json.dumps({"event": {**body, "agent": agent, "client": None, "data": data}}).encode()


def by_pagerduty(body: bytes, *secrets: str) -> dict[str, str]:
    signatures = [f"v1={mac(secret, body)}" for secret in secrets or (SECRET,)]
    return {"X-PagerDuty-Signature": ",".join(signatures)}


def press(uid: str, *, action: str = "knowngood-acknowledge", kind: str = "block_actions") -> bytes:
    """What the button in a message of Slack sends: its page "block_actions payload"."""
    user = {"id": "U0", "username": "alice", "name": "alice", "team_id": "T0"}
    actions = [{"type": "button", "action_id": action, "block_id": "b", "value": uid}]
    payload = {"type": kind, "user": user, "actions": actions, "token": "old"}
    return urlencode({"payload": json.dumps(payload)}).encode()


def by_slack(body: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at))
    signed = b"v0:" + stamp.encode() + b":" + body
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mac(secret, signed)}",
    }
