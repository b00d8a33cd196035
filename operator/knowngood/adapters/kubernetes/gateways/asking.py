"""Requests that go through a gateway to this process."""

import asyncio
from collections.abc import Callable
from typing import Final

import aiohttp

from knowngood.adapters.kubernetes.gateways.manifests import HEADER, PREFIX, Trial
from knowngood.adapters.kubernetes.gateways.receiver import ANSWERED_BY
from knowngood.adapters.kubernetes.gateways.target import Target

EVERY_S: Final = 0.1


class Asking:
    """Sends a probe's requests, and says what is wrong with the answers."""

    def __init__(self, session: aiohttp.ClientSession, target: Target, nonce: str) -> None:
        self._session = session
        self._target = target
        self._nonce = nonce
        self._named = False

    async def until_named(self, seconds: float) -> str:
        """Ask until an answer carries the header of its backend; what went wrong, empty when nothing did."""
        return await self.until(Trial.HEADER, lambda: self._named, seconds)

    async def until(self, trial: Trial, seen: Callable[[], bool], seconds: float) -> str:
        """Ask until it is answered by us and `seen`; what went wrong, empty when nothing did."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            words = await self.ask(trial)
            if not words and seen():
                return ""
            if asyncio.get_running_loop().time() > end:
                return words or f"what was asked for ({trial}) was not seen"
            await asyncio.sleep(EVERY_S)

    async def ask(self, trial: Trial) -> str:
        """Ask once; what is wrong with the answer, empty when it is ours."""
        url = f"{self._target.url}{PREFIX}/{self._nonce}/{trial}"
        try:
            # Whose certificate it is does not matter: nothing but a random word is sent.
            async with self._session.get(
                url,
                headers={"Host": self._target.host},
                ssl=False,
                server_hostname=self._target.host,
                allow_redirects=False,
            ) as answer:
                self._named = answer.headers.get(HEADER) == self._nonce
                ours = answer.headers.get(ANSWERED_BY) == self._nonce
                return "" if ours else f"it answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return str(error) or type(error).__name__
