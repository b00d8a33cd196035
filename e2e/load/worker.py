"""The process that sends: told what by one argument, it writes one line per answer.

It stops when its standard input ends, so it never outlives whoever started it. The requests that
are under way then still get their answers.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
from aiohttp import hdrs

from e2e.load.answer import Answer
from e2e.load.traffic import Traffic
from e2e.models import data
from e2e.models.clock import unix_seconds
from e2e.models.server import FAULT_HEADER, VERSION_HEADER

Report = Callable[[Answer], None]


class Clock:
    """Unix time that never runs backwards, also when the machine's clock is set."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._offset = unix_seconds() - self._loop.time()

    def now(self) -> float:
        """Return Unix seconds."""
        return self._loop.time() + self._offset


class Sender:
    """Sends the rows of one traffic."""

    def __init__(self, traffic: Traffic, bodies: Sequence[bytes], report: Report) -> None:
        self._traffic = traffic
        self._bodies = bodies
        self._report = report
        self._clock = Clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop, then wait for the answers that are still out."""
        connector = aiohttp.TCPConnector(limit=self._traffic.connections)
        timeout = aiohttp.ClientTimeout(total=self._traffic.timeout_s)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            headers={hdrs.HOST: self._traffic.host, hdrs.CONTENT_TYPE: "application/json"},
        ) as session:
            await self._send_all(session, stop)

    async def _send_all(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as out:
            for number in itertools.count():
                if await _rings(stop, until=began + number / self._traffic.rate):
                    return
                row = (self._traffic.first_row + number) % len(self._bodies)
                out.create_task(self._send(session, row))

    async def _send(self, session: aiohttp.ClientSession, row: int) -> None:
        sent_at = self._clock.now()
        fields: dict[str, Any]
        try:
            url = self._traffic.url + self._traffic.path
            async with session.post(url, data=self._bodies[row]) as response:
                fields = _read(response, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fields = {"error": type(error).__name__}
        self._report(Answer(row=row, sent_at=sent_at, answered_at=self._clock.now(), **fields))


def _read(response: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "status": response.status,
        "version": response.headers.get(VERSION_HEADER, ""),
        "injected": FAULT_HEADER in response.headers,
    }
    if response.status == 200:
        try:
            fields["approved"] = bool(json.loads(body)["approved"])
        except (ValueError, KeyError, TypeError):
            fields["error"] = "NoDecision"
    return fields


async def _rings(stop: asyncio.Event, until: float) -> bool:
    """Wait until a moment of the loop's time; tell whether we were told to stop before it."""
    try:
        async with asyncio.timeout_at(until):
            await stop.wait()
    except TimeoutError:
        return False
    return True


def _write(answer: Answer) -> None:
    sys.stdout.buffer.write(answer.encode())
    sys.stdout.buffer.flush()


async def run(traffic: Traffic) -> None:
    """Send until the standard input ends."""
    bodies = [json.dumps(row).encode() for row in data.traffic(data.fetch())]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), stop.set)
    await Sender(traffic, bodies, _write).run(stop)


if __name__ == "__main__":
    asyncio.run(run(Traffic.decode(sys.argv[1])))
