"""How a model server learns what the feature store was delivered last."""

import asyncio
import sys
from collections.abc import Callable
from typing import Final

import aiohttp

from e2e.models.feed import BadFeedError, Delivery, Feed

EVERY_S: Final = 1.0
_TIMEOUT_S: Final = 5.0


async def follow(url: str, feed: Feed, clock: Callable[[], float]) -> None:
    """Ask a store every second, for ever; what was read last holds while it says nothing that makes sense.

    Args:
        url: Of the store's latest delivery.
        feed: Told when the delivery is another one.
        clock: Says the time in Unix seconds.
    """
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    said = ""
    # trust_env: where nothing routes the addresses of Services, a proxy leads to them.
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        while True:
            trouble = ""
            try:
                delivery = await _latest(session, url, clock())
            except (aiohttp.ClientError, TimeoutError, OSError, BadFeedError, ValueError) as error:
                trouble = f"the feature store at {url}: {type(error).__name__}: {error}"
            else:
                if delivery.tenure is not feed.tenure:
                    feed.order(delivery)
            if trouble and trouble != said:
                sys.stderr.write(f"{trouble}\n")
            said = trouble
            await asyncio.sleep(EVERY_S)


async def _latest(session: aiohttp.ClientSession, url: str, now: float) -> Delivery:
    async with session.get(url) as response:
        response.raise_for_status()
        found = await response.json()
    if not isinstance(found, dict):
        raise BadFeedError("a delivery is a JSON object")
    return Delivery.parse({"driver_tenure": found.get("driver_tenure")}, now)
