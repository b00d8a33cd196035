"""Objects that feed models, on the API server: one field and one annotation of each are written, by a JSON patch."""

import json
from collections.abc import Iterator
from typing import Any, Final

from knowngood.adapters.kubernetes.answers import Conflict, NotFound
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.control.feed_ports import FeedAt, FeedSeen
from knowngood.decisions.feeds import SUSPENDED_BY
from knowngood.decisions.suspendable import as_json, steps
from knowngood.errors import Changed, Refused

_ANNOTATIONS: Final = "/metadata/annotations"
_ANNOTATION: Final = f"{_ANNOTATIONS}/{SUSPENDED_BY.replace('/', '~1')}"
_MOST_RUNS: Final = 16


class KubernetesFeedObjects:
    """The `FeedObjects` port."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def read(self, at: FeedAt) -> FeedSeen | None:
        """Read an object; None where there is none, or no such kind."""
        try:
            return _seen(await self._api.get(_path(at)), at)
        except NotFound:
            return None

    async def write(self, at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> None:
        """Write the field and the annotation in one patch, if the object is as it was seen."""
        try:
            await self._api.patch(_path(at), [*_tests(at, seen), *_changes(at, seen, value, by)])
        except (Refused, Conflict) as error:
            # A test that fails is refused in the same way as what is wrong with a write.
            now = await self.read(at)
            if now is not None and (now.uid, now.version) != (seen.uid, seen.version):
                raise Changed(f"{at.resource} {at.name} has changed", {}) from error
            if isinstance(error, Conflict):
                raise Refused(str(error)) from error
            raise


def _path(at: FeedAt) -> str:
    return f"/apis/{at.api_version}/namespaces/{at.namespace}/{at.resource}/{at.name}"


def _tests(at: FeedAt, seen: FeedSeen) -> Iterator[Object]:
    wanted = {"/metadata/uid": seen.uid, "/metadata/resourceVersion": seen.version}
    for path, value in wanted.items():
        yield {"op": "test", "path": path, "value": value}
    if seen.value is not None:
        yield {"op": "test", "path": at.path, "value": _value(seen.value)}


def _changes(at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> Iterator[Object]:
    if value is not None:
        yield {"op": "add", "path": at.path, "value": _value(value)}
    elif seen.value is not None:
        yield {"op": "remove", "path": at.path}
    if by and not seen.annotated:
        yield {"op": "add", "path": _ANNOTATIONS, "value": {}}
    if by:
        yield {"op": "add", "path": _ANNOTATION, "value": by}
    elif seen.by:
        yield {"op": "remove", "path": _ANNOTATION}


def _value(text: str) -> Any:
    return json.loads(text)


def _seen(body: Object, at: FeedAt) -> FeedSeen:
    meta = body["metadata"]
    annotations = meta.get("annotations") or {}
    status = body.get("status")
    active = status.get("active") if isinstance(status, dict) else None
    return FeedSeen(
        uid=meta["uid"],
        version=meta["resourceVersion"],
        value=_found(body, at.path),
        by=str(annotations.get(SUSPENDED_BY, "")),
        annotated=bool(annotations),
        running=tuple(_names(active))[:_MOST_RUNS],
    )


def _names(active: object) -> Iterator[str]:
    """Names of the runs that an object lists, as a CronJob does; what is shaped otherwise names none."""
    for one in active if isinstance(active, list) else ():
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name and name.isprintable():
            yield name


def _found(body: Object, path: str) -> str | None:
    """The field, as JSON; None where it, or something above it, is not there."""
    value: Any = body
    for name in steps(path):
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return None if value is None else as_json(value)
