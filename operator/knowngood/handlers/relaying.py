"""A replica that may not write hands what was signed to the one that may."""

import ipaddress
from typing import Final

import aiohttp
from aiohttp import web

from knowngood.receivers import pagerduty_hooks, slack_hooks

RELAYED: Final = "Knowngood-Relayed"
"""Header of what another replica has handed over: it is not handed on."""

WITHIN: Final = 3.0
_KEPT: Final = (
    "Content-Type",
    pagerduty_hooks.SIGNATURE,
    slack_hooks.SIGNATURE,
    slack_hooks.TIME,
)


async def relay(address: str, port: int, request: web.Request, body: bytes) -> int | None:
    """Send a request once more, as it came; returns the status of the answer, or None where there is none.

    Args:
        address: An IP address. Anything else is nobody's.
        port: Where the other one listens.
        request: What came.
        body: Its body.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    host = f"[{parsed}]" if isinstance(parsed, ipaddress.IPv6Address) else str(parsed)
    headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
    limit = aiohttp.ClientTimeout(total=WITHIN)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(
                f"http://{host}:{port}{request.rel_url.raw_path}",
                data=body,
                headers={**headers, RELAYED: "1"},
                allow_redirects=False,
            ) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
