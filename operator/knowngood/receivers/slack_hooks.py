"""What Slack sends when somebody presses the button in a message.

What it looks like is on the pages "Verifying requests from Slack", "Handling user interaction in your Slack apps" and
"block_actions payload" of Slack's developer documentation.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import parse_qs

from pydantic import BaseModel, Field, ValidationError

from knowngood.api.v1alpha1.notification_status import PagedBy
from knowngood.receivers.hooks import Said, Unreadable, Unsigned, is_signed, name_of
from knowngood.sources.credentials import line_of

SIGNATURE: Final = "X-Slack-Signature"
TIME: Final = "X-Slack-Request-Timestamp"
OLDEST: Final = 300.0
"""Seconds; what is older, or of later, may be sent again by somebody who has overheard it."""

ACTION: Final = "knowngood-acknowledge"
"""The `action_id` of the button."""

PRESSED: Final = "block_actions"


class _User(BaseModel):
    name: str | None = None
    username: str | None = None


class _Action(BaseModel):
    action_id: str = ""
    value: str | None = None


class _Payload(BaseModel):
    type: str
    user: _User | None = None
    actions: Annotated[tuple[_Action, ...], Field(max_length=100)] = ()


class SlackHook:
    """Reads what the app behind one channel sends."""

    def __init__(self, receiver: str, secret_file: Path) -> None:
        self._receiver = receiver
        self._secret_file = secret_file

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Said | None:
        """Read what a button has sent; None for everything else that somebody did in the app."""
        secret = line_of(self._secret_file, "slack.signingSecretFile")
        stamp = headers.get(TIME, "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < len("10000000000000")):
            raise Unsigned("it does not say when it was signed")
        signed = b"v0:" + stamp.encode() + b":" + body
        if not is_signed(secret, signed, "v0=", [headers.get(SIGNATURE, "")]):
            raise Unsigned("the signature is not that of the secret")
        if abs(now.timestamp() - int(stamp)) > OLDEST:
            raise Unsigned("it was not signed just now")
        try:
            fields = parse_qs(body.decode(), max_num_fields=10)
            payload = _Payload.model_validate_json(fields["payload"][0])
        except (KeyError, ValueError, ValidationError):
            raise Unreadable("it is no interaction") from None
        pressed = next((a for a in payload.actions if a.action_id == ACTION), None)
        if payload.type != PRESSED or pressed is None:
            return None
        user = payload.user or _User()
        name = name_of(user.name or user.username)
        return Said.to(pressed.value or "", name, PagedBy.SLACK, self._receiver)
