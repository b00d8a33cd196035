"""Golden requests by HTTP/1.1, in the clear, to the address of a pod."""

import asyncio
from typing import Final

import aiohttp
from aiohttp import hdrs

from knowngood.api.v1alpha1 import TRIAL_HEADER, GoldenRequest
from knowngood.control.pod_ports import Address
from knowngood.decisions.golden_answers import Answer

DEADLINE_S: Final = 5.0
LARGEST: Final = 1 << 16
"""Bytes of an answer that are read."""

AGENT: Final = "knowngood (golden request)"


class HttpAsker:
    """The `Asker` port. A connection is made for each request: pods come and go."""

    def __init__(self, deadline: float = DEADLINE_S) -> None:
        """Connect to nobody yet.

        Args:
            deadline: Seconds that an answer may take, from the first byte to the last.
        """
        self._deadline = deadline

    async def ask(self, address: Address, golden: GoldenRequest) -> Answer:
        """Send one to a pod; returns what came, or why nothing did."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._send(address, golden)
        except TimeoutError:
            return Answer(0, error=f"there was no answer within {self._deadline:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(0, error=f"there was no answer ({type(error).__name__})")

    async def _send(self, address: Address, golden: GoldenRequest) -> Answer:
        asked = golden.request
        host = f"[{address.host}]" if ":" in address.host else address.host
        body = None if asked.body is None else asked.body.encode()
        method = asked.method or ("GET" if body is None else "POST")
        connector = aiohttp.TCPConnector(force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector, auto_decompress=True) as session,
            session.request(
                method,
                f"http://{host}:{address.port}{asked.path}",
                data=body,
                headers=_headers(golden),
                allow_redirects=False,
            ) as answer,
        ):
            return Answer(answer.status, await _body(answer))


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Read the answer, or as much of it as is looked at."""
    found = bytearray()
    async for piece in answer.content.iter_chunked(LARGEST):
        found += piece
        if len(found) > LARGEST:
            break
    return bytes(found[:LARGEST])


def _headers(golden: GoldenRequest) -> dict[str, str]:
    """What the user names, over what is usual; the mark is ours."""
    usual: dict[str, str] = {hdrs.USER_AGENT: AGENT}
    if golden.request.body is not None:
        usual[hdrs.CONTENT_TYPE] = "application/json"
    theirs = {h.name: h.value for h in golden.request.headers}
    named = {name.lower() for name in theirs}
    kept = {name: value for name, value in usual.items() if name.lower() not in named}
    return {**kept, **theirs, TRIAL_HEADER: "true"}
