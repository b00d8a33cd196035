"""`POST /hooks/<kind>/<receiver>`: who was paged says that they have an incident, and can say nothing else.

Whoever reaches it and has no secret gets refusals: what comes is bounded in size and time, and read only when it is
signed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from prometheus_client import Counter

from knowngood.control.acknowledging import Acknowledger
from knowngood.errors import ApiError, NotLeader
from knowngood.handlers.relaying import RELAYED, relay
from knowngood.receivers.hooks import Hook, Said, Unreadable, Unsigned
from knowngood.sources.source import SourceProblem

logger = logging.getLogger(__name__)

LARGEST: Final = 1 << 16
"""Bytes of a body. PagerDuty promises to deliver up to 55 KiB."""

READ_WITHIN: Final = 5.0
WRITTEN_WITHIN: Final = 2.5
"""Seconds; Slack waits for three, PagerDuty for five."""

LOGGED_EVERY: Final = timedelta(minutes=1)
PATH: Final = "/hooks/{kind}/{receiver}"


class _NotTaken(Exception):
    """The answer is no.

    Attributes:
        status: Of HTTP. Below 500 nobody tries again.
        outcome: One word for the metrics.
    """

    def __init__(self, status: int, outcome: str, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.outcome = outcome


class Hooks:
    """Answers what receivers tell."""

    def __init__(
        self,
        hooks: Mapping[tuple[str, str], Hook],
        acknowledger: Acknowledger,
        now: Callable[[], datetime],
        *,
        counts: Counter,
        leader: Callable[[], str],
        port: int,
    ) -> None:
        """Connect.

        Args:
            hooks: By the first word of the path, and the receiver's name.
            acknowledger: Writes it down.
            now: The time of day.
            counts: By receiver and outcome.
            leader: The address of the process that may write; empty where none is known.
            port: Where all processes listen.
        """
        self.known = bool(hooks)
        self.port = port
        self._hooks = hooks
        self._acknowledger = acknowledger
        self._now = now
        self._counts = counts
        self._leader = leader
        self._logged: dict[tuple[str, str], datetime] = {}

    def application(self) -> web.Application:
        """Serve them."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([web.post(PATH, self._answer)])
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["receiver"]
        hook = self._hooks.get((request.match_info["kind"], name))
        shown = name if hook is not None else ""  # what anybody may write is no label
        try:
            outcome = await self._take(hook, request)
            status, words = 200, outcome
        except _NotTaken as error:
            status, outcome, words = error.status, error.outcome, str(error)
            self._say(shown, error)
        self._counts.labels(shown, outcome).inc()
        answer = web.Response(status=status, text=f"{words}\n")
        answer.force_close()  # a connection that waits for more would keep another one out
        return answer

    async def _take(self, hook: Hook | None, request: web.Request) -> str:
        if hook is None:
            raise _NotTaken(404, "refused", "there is no such receiver")
        body = await _body(request)
        said = self._read(hook, request, body)
        if said is None:
            return "ignored"
        try:
            async with asyncio.timeout(WRITTEN_WITHIN):
                return str(await self._acknowledger.hear(said))
        except NotLeader:
            return await self._pass_on(request, body)
        except (ApiError, TimeoutError) as error:
            why = f"it could not be written ({type(error).__name__}); try again"
            raise _NotTaken(503, "failed", why) from error

    def _read(self, hook: Hook, request: web.Request, body: bytes) -> Said | None:
        try:
            return hook.read(request.headers, body, self._now())
        except Unsigned as error:
            raise _NotTaken(401, "refused", str(error)) from error
        except Unreadable as error:
            raise _NotTaken(400, "refused", str(error)) from error
        except SourceProblem as error:
            logger.warning("%s", error)
            raise _NotTaken(503, "failed", "the secret can not be read; try again") from error

    async def _pass_on(self, request: web.Request, body: bytes) -> str:
        """Hand it to the process that may write; only what was signed, and once."""
        leader = self._leader()
        status = None
        if leader and RELAYED not in request.headers:
            status = await relay(leader, self.port, request, body)
        if status is None or status >= web.HTTPInternalServerError.status_code:
            raise _NotTaken(503, "failed", "no leader has taken it; try again")
        if status != web.HTTPOk.status_code:
            raise _NotTaken(status, "refused", "the leader refuses it")
        return "relayed"

    def _say(self, name: str, error: _NotTaken) -> None:
        """Log it, though nobody can fill the log by that."""
        which, now = (name, error.outcome), self._now()
        before = self._logged.get(which)
        if before is None or now - before >= LOGGED_EVERY:
            self._logged[which] = now
            logger.warning("a hook of receiver %s is not taken: %s", name or "?", error)


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise _NotTaken(413, "refused", f"at most {LARGEST} bytes")
    try:
        async with asyncio.timeout(READ_WITHIN):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise _NotTaken(413, "refused", f"at most {LARGEST} bytes") from error
    except TimeoutError as error:
        raise _NotTaken(408, "refused", "it comes too slowly") from error
