"""The `Receiver` port on an HTTP server of somebody's own: JSON, signed, plain or as a CloudEvent 1.0."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from knowngood.adapters.notify.posting import Poster, body_of
from knowngood.errors import ReceiverAway
from knowngood.exporting.texts import instant
from knowngood.messages.dispatches import Dispatch
from knowngood.receivers.arms import Webhook, WebhookFormat
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem

TIMESTAMP: Final = "Knowngood-Timestamp"
SIGNATURE: Final = "Knowngood-Signature"
KEY: Final = "Idempotency-Key"
_CLOUD_EVENT: Final = "application/cloudevents+json; charset=utf-8"


class WebhookReceiver:
    """Sends to one server."""

    reminded_every: float | None = None

    def __init__(self, config: Webhook, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._poster = Poster(config.deadline, config.tls)

    async def deliver(self, dispatch: Dispatch) -> None:
        """Post the message, signed with the secret as it is now."""
        config = self._config
        try:
            secret = line_of(config.secret_file, "webhook.secretFile")
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        event = config.format is WebhookFormat.CLOUD_EVENTS
        body = body_of(cloud_event_of(dispatch) if event else data_of(dispatch))
        at = str(int(self._now().timestamp()))
        headers = {TIMESTAMP: at, SIGNATURE: signature(secret, at, body), KEY: dispatch.key}
        if event:
            headers["Content-Type"] = _CLOUD_EVENT
        await self._poster.post(config.url, body, headers, shown=config.url)

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """It forgets nothing."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body and the second in which it is sent, so that nobody can send it again later."""
    found = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={found.hexdigest()}"


def data_of(dispatch: Dispatch) -> dict[str, Any]:
    """Write a message as JSON; what is not known is left out."""
    message = dispatch.message
    found: dict[str, Any] = {
        "key": dispatch.key,
        "occasion": dispatch.why,
        "page": dispatch.pages,
        "time": instant(dispatch.at),
        "severity": dispatch.severity.value if dispatch.severity else None,
        "namespace": dispatch.namespace,
        "incident": dispatch.incident,
        "incidentUid": dispatch.thread if dispatch.incident else None,
        "model": dispatch.model,
        "modelVersion": dispatch.version,
        "parent": dispatch.parent,
        "opened": instant(dispatch.opened),
        "closed": instant(dispatch.closed) if dispatch.closed else None,
        "title": message.title,
        "lines": [{"head": line.head, "text": line.text} for line in message.lines],
        "record": message.record,
    }
    return {name: value for name, value in found.items() if value is not None and value != ""}


def cloud_event_of(dispatch: Dispatch) -> dict[str, Any]:
    """Write the same as a CloudEvent in the structured mode."""
    place = (
        f"/namespaces/{dispatch.namespace}/incidents/{dispatch.incident}"
        if dispatch.incident
        else ""
    )
    subject = {"subject": dispatch.model} if dispatch.model else {}
    return {
        "specversion": "1.0",
        "id": dispatch.key,
        "source": f"/apis/knowngood.dev/v1alpha1{place}",
        "type": f"dev.knowngood.incident.{dispatch.why.lower()}",
        **subject,
        "time": instant(dispatch.at),
        "datacontenttype": "application/json",
        "data": data_of(dispatch),
    }
