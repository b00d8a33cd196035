"""How all receivers are written to: one request, no redirect, and no word of what was sent in what is said of it."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

import aiohttp

from knowngood.errors import ReceiverAway, ReceiverRefused
from knowngood.sources.source import Tls
from knowngood.sources.trust import Trust

LARGEST_ANSWER: Final = 1 << 16
FAULTS_OF_MESSAGES: Final = frozenset({400, 413, 422})
"""Answers that say that what was sent is wrong, and not who sent it or when."""

_GOOD: Final = range(200, 300)


class Poster:
    """Posts to one receiver."""

    def __init__(self, deadline: float, tls: Tls) -> None:
        """Connect to nothing yet.

        Args:
            deadline: Seconds that one request may take.
            tls: Whom to believe, and what to show.
        """
        self._deadline = deadline
        self._trust = Trust(tls, ReceiverAway)

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        shown: str,
        faults: Collection[int] = FAULTS_OF_MESSAGES,
        wanted: int = 0,
    ) -> bytes:
        """Send a body; a redirect is not followed, for what is secret is meant for one host.

        Args:
            url: Where to.
            body: What.
            headers: Beside those that are always there.
            shown: What to call the receiver: its URL may be a secret.
            faults: Answers that say that the message is wrong.
            wanted: Bytes of the answer that are of use; what is beyond is left.

        Returns:
            As much of the answer.

        Raises:
            ReceiverAway: It did not answer, or with anything else.
            ReceiverRefused: One of `faults`.
        """
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=self._deadline)
                ) as session,
                session.post(
                    url,
                    data=body,
                    headers={"Content-Type": "application/json", **headers},
                    ssl=self._trust.context(),
                    allow_redirects=False,
                ) as response,
            ):
                if not wanted:
                    await response.content.read(LARGEST_ANSWER)
                answer = await _read(response.content, wanted)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ReceiverAway(f"{shown} does not answer: {_words(error)}") from error
        except ValueError:  # no URL; its text would repeat it
            raise ReceiverAway(f"{shown} has no address that could be written to") from None
        if response.status not in _GOOD:
            words = f"{shown} answers HTTP {response.status}"
            raise ReceiverRefused(words) if response.status in faults else ReceiverAway(words)
        return answer


def body_of(value: Any) -> bytes:
    """Write JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


async def _read(content: aiohttp.StreamReader, most: int) -> bytes:
    """Read until it ends, or as much as is wanted."""
    found = bytearray()
    while len(found) < most and (part := await content.read(most - len(found))):
        found += part
    return bytes(found)


def _words(error: BaseException) -> str:
    """Say what went wrong in one word: a text may hold what was sent."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "strerror", None) or type(cause).__name__
