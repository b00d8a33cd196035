"""The `Receiver` port on PagerDuty's Events API v2: what calls people triggers, and the incident's end resolves.

PagerDuty calls whom it calls. What calls nobody here is not sent: a trigger would open anew what somebody has resolved
there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from knowngood.adapters.notify.posting import Poster, body_of
from knowngood.api.v1alpha1 import Severity
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.errors import ReceiverAway
from knowngood.exporting.texts import clean, instant
from knowngood.messages.dispatches import Dispatch
from knowngood.receivers.arms import PagerDuty
from knowngood.receivers.hooks import call_of
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem

PATH: Final = "/v2/enqueue"
SUMMARY: Final = 1024
_SEVERITIES: Final[Mapping[Severity | None, str]] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    None: "error",
}
_FOLLOWING: Final[Mapping[str, str]] = {
    OccasionKind.ACKNOWLEDGED.value: "acknowledge",
    OccasionKind.CLOSED.value: "resolve",
}


class PagerDutyReceiver:
    """Sends to one service of PagerDuty."""

    reminded_every: float | None = None

    def __init__(self, config: PagerDuty) -> None:
        self._config = config
        self._poster = Poster(config.deadline, config.tls)

    async def deliver(self, dispatch: Dispatch) -> None:
        """Send an event; nothing where PagerDuty has no word for it."""
        events = list(events_of(dispatch))
        if not events:
            return
        try:
            key = line_of(self._config.routing_key_file, "pagerDuty.routingKeyFile")
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        url = self._config.url
        for event in events:
            body = body_of({"routing_key": key, **event})
            await self._poster.post(f"{url}{PATH}", body, {}, shown=url, faults={400})

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """It forgets nothing."""


def events_of(dispatch: Dispatch) -> Iterator[dict[str, Any]]:
    """Write the events that tell it, but for the key that says whose they are.

    An incident that was opened again calls by a name of its own, and ends the call before: somebody may have
    acknowledged that one, and PagerDuty calls nobody for it any more.
    """
    if dispatch.called is not None and dispatch.called < dispatch.reopened:
        before = call_of(dispatch.thread, dispatch.called)
        yield {"event_action": "resolve", "dedup_key": before}
    action = "trigger" if dispatch.pages else _FOLLOWING.get(dispatch.why)
    if action is not None:
        yield event_of(dispatch, action)


def event_of(dispatch: Dispatch, action: str) -> dict[str, Any]:
    """Write an event, but for the key that says whose it is."""
    event: dict[str, Any] = {
        "event_action": action,
        "dedup_key": call_of(dispatch.thread, dispatch.reopened),
    }
    if action != "trigger":
        return event
    message = dispatch.message
    details = {line.head: line.text for line in message.lines}
    about = {"record": message.record, "incident": dispatch.incident, "parent": dispatch.parent}
    payload = {
        "summary": clean(message.title, SUMMARY),
        "source": "/".join(filter(None, (dispatch.namespace, dispatch.model))) or "knowngood",
        "severity": _SEVERITIES[dispatch.severity],
        "timestamp": instant(dispatch.at),
        "component": dispatch.model,
        "group": dispatch.namespace,
        "class": dispatch.why,
        "custom_details": details | {name: value for name, value in about.items() if value},
    }
    shown = {name: value for name, value in payload.items() if value}
    return {**event, "client": "Knowngood", "payload": shown}
