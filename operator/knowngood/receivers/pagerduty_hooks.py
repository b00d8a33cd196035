"""Webhooks of PagerDuty, version 3.

What they look like is on the pages "Overview", "Verifying Signatures" and "Behavior" under "Webhooks" of PagerDuty's
developer documentation.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from knowngood.api.v1alpha1.notification_status import PagedBy
from knowngood.receivers.hooks import Said, Unreadable, Unsigned, is_signed, name_of
from knowngood.sources.credentials import line_of

SIGNATURE: Final = "X-PagerDuty-Signature"
TAKEN: Final = "incident.acknowledged"
PERSON: Final = "user_reference"
"""The type of an agent that is a person. That a program has acknowledged must not let everybody sleep."""


class _Agent(BaseModel):
    type: str | None = None
    summary: str | None = None


class _Data(BaseModel):
    incident_key: str | None = None


class _Event(BaseModel):
    event_type: str
    agent: _Agent | None = None
    data: _Data | None = None


class _Body(BaseModel):
    event: _Event


class PagerDutyHook:
    """Reads the webhooks of one subscription."""

    def __init__(self, receiver: str, secret_file: Path) -> None:
        self._receiver = receiver
        self._secret_file = secret_file

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Said | None:
        """Read a webhook: it may hold a signature for each of several secrets, and none says when it was made.

        An old one that is sent again changes nothing: an incident is taken once. That it is resolved there says nothing
        here: how an incident ended is said by somebody whose name and right are proved.
        """
        del now
        secret = line_of(self._secret_file, "pagerDuty.webhookSecretFile")
        if not is_signed(secret, body, "v1=", headers.get(SIGNATURE, "").split(",")):
            raise Unsigned("no signature is that of the secret")
        try:
            event = _Body.model_validate_json(body).event
        except ValidationError:
            raise Unreadable("it is no event") from None
        agent = event.agent
        if event.event_type != TAKEN or agent is None or agent.type != PERSON:
            return None
        uid = event.data.incident_key if event.data else None
        return Said.to(uid or "", name_of(agent.summary), PagedBy.PAGER_DUTY, self._receiver)
