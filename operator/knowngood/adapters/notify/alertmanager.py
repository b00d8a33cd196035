"""The `Receiver` port on Alertmanager's API v2: an alert for each open incident, which is sent again and again.

An alert ends by itself when it is not sent any more. Its end is written ahead, further than an update of the
operator takes, and is the instant of the closing once the incident is closed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from knowngood.adapters.notify.posting import Poster, body_of
from knowngood.api.v1alpha1 import Severity
from knowngood.errors import ReceiverAway
from knowngood.exporting.texts import instant
from knowngood.messages.dispatches import TEST, Dispatch
from knowngood.receivers.arms import Alertmanager
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem

EVERY: Final = 60.0
AT_ONCE: Final = 100
"""Alerts of one request: with their texts less than the megabyte that a proxy takes by default."""

LASTS: Final = timedelta(minutes=10)
LASTS_AS_A_TEST: Final = timedelta(minutes=1)
PATH: Final = "/api/v2/alerts"
NAME: Final = "KnowngoodIncident"
NAME_OF_A_TEST: Final = "KnowngoodTest"


class AlertmanagerReceiver:
    """Sends to one Alertmanager."""

    reminded_every: float | None = EVERY

    def __init__(self, config: Alertmanager, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._poster = Poster(config.deadline, config.tls)

    async def deliver(self, dispatch: Dispatch) -> None:
        """Send the alert of an incident, and end the one that it had while it was less severe."""
        now = self._now()
        alerts = [alert_of(dispatch, now, dispatch.severity)]
        if dispatch.was is not None and dispatch.was is not dispatch.severity:
            alerts.append({**alert_of(dispatch, now, dispatch.was), "endsAt": instant(now)})
        await self._post(alerts)

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """Send the alerts of all open incidents again."""
        now = self._now()
        alerts = [alert_of(dispatch, now, dispatch.severity) for dispatch in dispatches]
        for first in range(0, len(alerts), AT_ONCE):
            await self._post(alerts[first : first + AT_ONCE])

    async def _post(self, alerts: Sequence[Any]) -> None:
        config = self._config
        headers = {}
        if config.bearer_token_file is not None:
            try:
                token = line_of(config.bearer_token_file, "alertmanager.bearerTokenFile")
            except SourceProblem as problem:
                raise ReceiverAway(str(problem)) from problem
            headers["Authorization"] = f"Bearer {token}"
        await self._poster.post(f"{config.url}{PATH}", body_of(alerts), headers, shown=config.url)


def alert_of(dispatch: Dispatch, now: datetime, severity: Severity | None) -> dict[str, Any]:
    """Write an alert. Its labels are what it is known by, so they hold nothing that changes but the severity."""
    test, message = dispatch.why == TEST, dispatch.message
    labels = {
        "alertname": NAME_OF_A_TEST if test else NAME,
        "namespace": dispatch.namespace,
        "model": dispatch.model,
        "incident": dispatch.incident,
        "severity": severity.value.lower() if severity else "",
    }
    annotations = {
        "summary": message.title,
        "description": message.text,
        **{line.head.lower().replace(" ", "_"): line.text for line in message.lines},
        "record": message.record,
        "parent": dispatch.parent,
    }
    lasts = LASTS_AS_A_TEST if test else LASTS
    ends = min(dispatch.closed, now) if dispatch.closed else now + lasts
    return {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": instant(min(dispatch.opened, ends)),
        "endsAt": instant(ends),
    }
