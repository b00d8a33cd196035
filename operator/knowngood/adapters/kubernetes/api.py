"""Requests to the API server, with its errors translated at this border.

Objects are plain dictionaries: the typed models of the client cost seconds of start-up and refuse what a newer
server sends.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from kubernetes.aio import client

from knowngood.adapters.kubernetes.answers import NotFound, error_of, refuse_errors
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.control.ports import Fence
from knowngood.errors import Unavailable

Object = dict[str, Any]

FIELD_MANAGER: Final = "knowngood"
READ_TIMEOUT: Final = 30.0
# A write that is still in flight when the Lease is lost must have ended before another process can take it.
WRITE_TIMEOUT: Final = 2.0
PAGE: Final = 500
# The server ends a watch after about this long; a stream that is silent for longer than the second number is dead.
WATCH_SECONDS: Final = 300
WATCH_SILENCE: Final = 70.0

APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
JSON: Final = "application/json"
METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

MANAGED: Final = {"fieldManager": FIELD_MANAGER}


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | list[Object] | None = None
    content_type: str = JSON
    accept: str = JSON


class Api:
    """One connection pool for the whole program.

    Attributes:
        reads: Requests that read, for the metrics.
        writes: Requests that write.
    """

    def __init__(self, api_client: client.ApiClient, fence: Fence | None = None) -> None:
        self._client = api_client
        self._fence = fence
        self.reads = 0
        self.writes = 0

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Object:
        """Read one object or one page.

        Raises:
            NotFound: It does not exist.
            ApiError: The server refused or did not answer.
        """
        self.reads += 1
        return await self._read(_Request("GET", path, query or {}), READ_TIMEOUT)

    async def exists(self, path: str) -> bool:
        """Say whether an object is there; the server sends nothing of it but its metadata.

        Raises:
            ApiError: The server refused or did not answer.
        """
        try:
            await self.metadata(path)
        except NotFound:
            return False
        return True

    async def metadata(self, path: str, named: str = "") -> Object:
        """Read the metadata of one object, and nothing else of it.

        Args:
            path: Of the object, or of its collection: to list it may be allowed where to get it is not.
            named: The object's name, where `path` is a collection's.

        Raises:
            NotFound: It does not exist.
            ApiError: The server refused or did not answer.
        """
        self.reads += 1
        query = {"fieldSelector": f"metadata.name={named}"} if named else {}
        accept = METADATA_LIST if named else METADATA
        found = await self._read(_Request("GET", path, query, accept=accept), READ_TIMEOUT)
        items: list[Object] = (found.get("items") or []) if named else [found]
        if not items:
            raise NotFound(f"{path} has no {named}")
        metadata: Object = items[0]["metadata"]
        return metadata

    async def list(
        self, path: str, query: Mapping[str, str] | None = None
    ) -> tuple[list[Object], str]:
        """Read all objects, in pages of one consistent snapshot.

        Returns:
            The objects and the resource version to watch from.
        """
        items: list[Object] = []
        more = ""
        while True:
            page = await self.get(
                path, {**(query or {}), "limit": str(PAGE), **({"continue": more} if more else {})}
            )
            items += page.get("items") or []
            more = page["metadata"].get("continue") or ""
            if not more:
                return items, page["metadata"]["resourceVersion"]

    async def watch(
        self, path: str, version: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[tuple[str, Object]]:
        """Follow changes after a resource version, until the server ends the stream.

        Raises:
            Expired: The version is too old.
            ApiError: The server refused or the connection broke.
        """
        self.reads += 1
        asked = {
            **(query or {}),
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        limit = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=WATCH_SILENCE)
        try:
            async with await self._send(_Request("GET", path, asked), limit) as response:
                await refuse_errors(response)
                async for line in response.content:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise error_of(int(event["object"].get("code", 0)), event["object"])
                    yield event["type"], event["object"]
        except (aiohttp.ClientError, TimeoutError, ConnectionError, json.JSONDecodeError) as error:
            raise Unavailable(f"watch of {path}: {_words(error)}") from error

    async def apply(self, path: str, body: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Server-side apply, taking over fields that others own.

        Returns:
            The object as it is now.

        Raises:
            Refused: The server will never take this object.
            Conflict: The object has another uid, or does not exist although a uid was given.
        """
        query = {
            "fieldManager": FIELD_MANAGER,
            "force": "true",
            **({"dryRun": "All"} if dry_run else {}),
        }
        return await self._write(_Request("PATCH", path, query, body, APPLY))

    async def create(self, path: str, body: Mapping[str, Any]) -> Object:
        """Create an object.

        Raises:
            Conflict: One of that name exists.
        """
        return await self._write(_Request("POST", path, MANAGED, body))

    async def replace(self, path: str, body: Mapping[str, Any]) -> Object:
        """Replace an object whose resourceVersion is in `body`."""
        return await self._write(_Request("PUT", path, MANAGED, body))

    async def merge(self, path: str, body: Mapping[str, Any]) -> Object:
        """Merge-patch an object; a `metadata.resourceVersion` in the body makes it conditional."""
        return await self._write(_Request("PATCH", path, MANAGED, body, MERGE))

    async def set_part(self, path: str, meta: ObjectMeta, part: str, value: object) -> Object:
        """Replace one part of exactly this object, as it was seen; it is Refused when it is another one or has changed.

        Server-side apply does not compare the uid when it writes to a subresource.
        """
        seen = {"/metadata/uid": meta.uid, "/metadata/resourceVersion": meta.resource_version}
        tests: list[Object] = [{"op": "test", "path": k, "value": v} for k, v in seen.items()]
        return await self.patch(path, [*tests, {"op": "add", "path": part, "value": value}])

    async def patch(self, path: str, operations: Sequence[Object]) -> Object:
        """JSON-patch an object; Refused when one of the operations' tests fails."""
        return await self._write(_Request("PATCH", path, MANAGED, [*operations], JSON_PATCH))

    async def delete(self, path: str, uid: str = "") -> None:
        """Delete an object in the background; one that is gone already is fine."""
        exactly = {"preconditions": {"uid": uid}} if uid else {}
        options: Object = {"propagationPolicy": "Background", **exactly}
        try:
            await self._write(_Request("DELETE", path, {}, options))
        except NotFound:
            return

    async def _write(self, request: _Request) -> Object:
        if self._fence is not None:
            self._fence.term()
        self.writes += 1
        return await self._read(request, WRITE_TIMEOUT)

    async def _read(self, request: _Request, seconds: float) -> Object:
        try:
            limit = aiohttp.ClientTimeout(total=seconds)
            async with await self._send(request, limit) as response:
                await refuse_errors(response)
                answer: Object = json.loads(await response.read())
                return answer
        except (aiohttp.ClientError, TimeoutError, ConnectionError, json.JSONDecodeError) as error:
            raise Unavailable(f"{request.method} {request.path}: {_words(error)}") from error

    async def _send(
        self, request: _Request, limit: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        verb, url, headers, sent, _ = await self._client.param_serialize(
            request.method,
            request.path,
            query_params=list(request.query.items()),
            header_params={"Accept": request.accept, "Content-Type": request.content_type},
            body=request.body,
            auth_settings=["BearerToken"],
        )
        answer = await self._client.call_api(verb, url, headers, sent, None, limit)
        response: aiohttp.ClientResponse = answer.response
        return response


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
