"""The `FeedObjects` port in memory."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from knowngood.adapters.memory.server import Line
from knowngood.control.feed_ports import FeedAt, FeedSeen
from knowngood.errors import ApiError, Changed, Gone

Name = tuple[str, str, str]
"""Namespace, plural and name."""


@dataclass
class MemoryFeeds:
    """Objects of others, as somebody says.

    Attributes:
        objects: What there is.
        refused: What the API server says to every write; None where it takes them.
        unread: What it says to every read.
        reads: How often one was asked for.
        writes: What was written, in order: name and value.
        meanwhile: Called before each write takes effect, as somebody else who writes in between.
    """

    objects: dict[Name, FeedSeen] = field(default_factory=dict)
    refused: ApiError | None = None
    unread: ApiError | None = None
    reads: int = 0
    writes: list[tuple[str, str | None]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    _versions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(100))

    def put(
        self, namespace: str, resource: str, name: str, value: str | None, **more: object
    ) -> None:
        """Write an object, as its owner does; one that is there keeps its uid."""
        known = self.objects.get((namespace, resource, name))
        uid = known.uid if known else f"feed-{next(self._versions)}"
        before = known or FeedSeen(uid, "", None)
        seen = replace(before, value=value, version=str(next(self._versions)), **more)  # type: ignore[arg-type]  # a test's own words
        self.objects[namespace, resource, name] = seen

    def take(self, at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> None:
        """Take a write, as an API server does."""
        self.meanwhile()
        if self.refused is not None:
            raise self.refused
        now = self.objects.get(_name(at))
        if now is None:
            raise Gone(f"{at.resource} {at.name} is not there")
        if (now.uid, now.version) != (seen.uid, seen.version):
            raise Changed(f"{at.resource} {at.name} has changed", {})
        self.writes.append((at.name, value))
        version = str(next(self._versions))
        # A server keeps an empty map of annotations out.
        self.objects[_name(at)] = replace(
            now, value=value, by=by, version=version, annotated=bool(by) or now.annotated
        )


class MemoryFeedObjects:
    """The port, as one process has it."""

    def __init__(self, feeds: MemoryFeeds, line: Line) -> None:
        self._feeds, self._line = feeds, line

    async def read(self, at: FeedAt) -> FeedSeen | None:
        """Read an object."""
        self._feeds.reads += 1
        if self._feeds.unread is not None:
            raise self._feeds.unread
        return self._feeds.objects.get(_name(at))

    async def write(self, at: FeedAt, seen: FeedSeen, value: str | None, by: str) -> None:
        """Write it, if it is as it was seen."""
        verb = "resume" if not by else "suspend"
        self._line.check()
        self._feeds.take(at, seen, value, by)
        self._line.done(f"{verb} {at.resource} {at.name}")


def _name(at: FeedAt) -> Name:
    return at.namespace, at.resource, at.name
