"""The node's connection to the API server."""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp

Json = dict[str, Any]

_LOG = logging.getLogger(__name__)
_PATCH = "application/strategic-merge-patch+json"


class ApiError(Exception):
    """The API server refused, or could not be reached.

    Attributes:
        status: The HTTP status; 0 if there was no answer.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"{status}: {message}" if status else message)


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything there is, at one moment."""

    items: list[Json]


@dataclass(frozen=True, slots=True)
class Change:
    """One object that was added, modified or deleted."""

    deleted: bool
    item: Json


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API server is and who we are to it; paths of PEM files."""

    server: str
    authority: Path
    certificate: Path
    key: Path

    def tls(self) -> ssl.SSLContext:
        """Return a client's TLS settings."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(str(self.certificate), str(self.key))
        return context


class Api:
    """Calls and watches; use it as an async context manager."""

    def __init__(self, access: Access) -> None:
        self._server = access.server
        self._tls = access.tls()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls, limit=100),
            timeout=aiohttp.ClientTimeout(total=15),
            read_bufsize=2**22,  # the longest object in a watch, in bytes
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str) -> Json:
        """Read one object or list."""
        return await self._call("GET", path)

    async def create(self, path: str, body: Json) -> Json:
        """Create an object, or call a subresource that answers with one."""
        return await self._call("POST", path, body)

    async def patch(self, path: str, body: Json) -> Json:
        """Merge into an object, lists by their keys."""
        return await self._call("PATCH", path, body, _PATCH)

    async def delete(self, path: str, body: Json) -> Json:
        """Delete an object."""
        return await self._call("DELETE", path, body)

    async def watch(self, path: str) -> AsyncIterator[Listing | Change]:
        """Yield all objects, then each change, for ever; a new `Listing` follows every gap."""
        while True:
            try:
                listed = await self.get(path)
                yield Listing(listed["items"])
                async for change in self._changes(path, listed["metadata"]["resourceVersion"]):
                    yield change
            except (ApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
                _LOG.warning("watch of %s interrupted: %s", path, error)
            await asyncio.sleep(0.2)

    async def _changes(self, path: str, version: str) -> AsyncIterator[Change]:
        query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "300"}
        patience = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=310)
        url = f"{self._server}{path}?{urlencode(query)}"
        async with self._session.get(url, timeout=patience) as reply:
            async for line in reply.content:
                event = json.loads(line)
                if event["type"] == "ERROR":  # mostly: the version is too old to watch from
                    return
                yield Change(deleted=event["type"] == "DELETED", item=event["object"])

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Json:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type}
        try:
            async with self._session.request(
                method, self._server + path, data=data, headers=headers
            ) as reply:
                text = await reply.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiError(0, f"{method} {path}: {error!r}") from error
        if reply.status >= 400:
            raise ApiError(reply.status, f"{method} {path}: {text[:500]}")
        answer: Json = json.loads(text)
        return answer
