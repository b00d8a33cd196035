"""What an API server answers when it does not do what was asked, as errors of ours."""

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from knowngood.errors import ApiError, Gone, Refused, Unavailable

# What a server says of an object that can never be typed; it comes as a 500 although asking again is no use.
_UNTYPED: Final = "failed to create typed patch object"

CONFLICT: Final = 409
GONE: Final = 410
UNPROCESSABLE: Final = 422


class NotFound(Gone):
    """There is no such object, or no such kind."""


class Conflict(Unavailable):
    """The object was changed by somebody else, exists already, or has another uid."""


class Expired(Unavailable):
    """The resource version of a watch is too old: list again."""


async def refuse_errors(response: aiohttp.ClientResponse) -> None:
    """Raise what the server said, unless it did what was asked."""
    if response.status < 400:  # noqa: PLR2004 - HTTP
        return
    text = await response.text()
    try:
        status = json.loads(text)
    except json.JSONDecodeError:
        status = {"message": text[:500]}
    raise error_of(response.status, status if isinstance(status, dict) else {"message": text[:500]})


def error_of(code: int, status: Mapping[str, Any]) -> ApiError:
    """Say what an answer means for whoever asked."""
    message = str(status.get("message") or status)[:1000]
    if code == 404:  # noqa: PLR2004 - HTTP
        return NotFound(message)
    if code == CONFLICT:
        return Conflict(message)
    if code == GONE:
        return Expired(message)
    # 401 passes: a token is being rotated.
    if code in {400, 403, 405, UNPROCESSABLE} or _UNTYPED in message:
        return Refused(message)
    return Unavailable(f"HTTP {code}: {message}")
