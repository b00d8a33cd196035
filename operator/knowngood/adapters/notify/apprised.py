"""The `Receiver` port on the library apprise, which writes to over a hundred kinds of services by one URL.

It is an extra, so it is loaded when there is something to tell. It is synchronous, and works in a thread.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Final

from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.errors import ReceiverAway
from knowngood.exporting.texts import clean
from knowngood.messages.dispatches import Dispatch
from knowngood.receivers.arms import Apprise
from knowngood.receivers.receiver import NO_APPRISE
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem

FIELD: Final = "apprise.urlFile"
LONGEST_REASON: Final = 300
SHORTEST_SECRET: Final = 4
_PARTS: Final = re.compile(r"[/:?&=@,#]+")


class AppriseReceiver:
    """Sends to one URL of apprise."""

    reminded_every: float | None = None

    def __init__(self, config: Apprise) -> None:
        self._config = config

    async def deliver(self, dispatch: Dispatch) -> None:
        """Send the message as plain text."""
        try:
            url = line_of(self._config.url_file, FIELD)
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        try:
            wrong = await asyncio.to_thread(_send, url, dispatch, self._config.deadline)
        except Exception as error:  # noqa: BLE001  - any of its many plugins may raise anything
            # The text of it may hold the URL.
            raise ReceiverAway(f"apprise fails with {type(error).__name__}") from None
        if wrong is not None:
            raise ReceiverAway(wrong)

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """It forgets nothing."""


def _send(url: str, dispatch: Dispatch, deadline: float) -> str | None:
    """Send it, in a thread; returns what went wrong, and nothing of the URL with it."""
    _silence()
    try:
        import apprise  # noqa: PLC0415  - an extra: nobody else waits for it to be loaded
    except ImportError:
        return NO_APPRISE
    service = apprise.Apprise.instantiate(url)
    if service is None:
        return f"{FIELD}: the file holds no URL that apprise can use"
    # Its own times are for one try each; a URL may ask for shorter ones.
    service.socket_connect_timeout = min(service.socket_connect_timeout, deadline)
    service.socket_read_timeout = min(service.socket_read_timeout, deadline)
    if service.overflow_mode == apprise.OverflowMode.UPSTREAM:
        service.overflow_mode = apprise.OverflowMode.SPLIT  # else a long message is refused there
    told = apprise.Apprise()
    told.add(service)
    message = dispatch.message
    result = told.notify(
        title=message.title,
        body=message.text.removeprefix(f"{message.title}\n"),
        notify_type=_kind(dispatch),
        body_format=apprise.NotifyFormat.TEXT,
        timeout=deadline,
    )
    if result:
        return None
    reasons = "; ".join(entry.message for entry in result.logs())
    return f"apprise has not sent it: {without(url, reasons) or 'it does not say why'}"


def without(url: str, text: str) -> str:
    """Leave out of a text all that stands in a URL: only apprise knows what of it is secret."""
    parts = {part for part in _PARTS.split(url) if len(part) >= SHORTEST_SECRET}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "…")
    return clean(text, LONGEST_REASON)


def _silence() -> None:
    """Keep its own words out of the log: they may hold parts of a URL. What it says of a message is told by us."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _kind(dispatch: Dispatch) -> str:
    """One of its four words, by which services choose a colour or a sound."""
    if dispatch.why == OccasionKind.CLOSED.value:
        return "success"
    return "failure" if dispatch.pages else "info"
