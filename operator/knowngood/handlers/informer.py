"""Kopf's operator, set up so that it only watches: no finalizers, no annotations, no writes."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import kopf

from knowngood.control.store import KINDS

GROUP: Final = "knowngood.dev"
VERSION: Final = "v1alpha1"

Changed = Callable[[str, str | None, Mapping[str, Any]], None]
"""Called with the kind, the event's type (None for a listed object) and the object."""


class EndlessBackoff:
    """Pauses between tries, for ever: an API server that is away for a minute must not end the operator."""

    _STEPS: Final = (0.2, 0.5, 1.0)
    _LAST: Final = 2.0

    def __iter__(self) -> Iterator[float]:
        """Yield seconds."""
        yield from self._STEPS
        while True:
            yield self._LAST


def registry(changed: Changed, login: Callable[[], kopf.ConnectionInfo]) -> kopf.OperatorRegistry:
    """Register one event handler for each of our kinds."""
    found = kopf.OperatorRegistry()

    @kopf.on.login(registry=found)
    async def connect(**_: Any) -> kopf.ConnectionInfo:
        return login()

    for kind in KINDS:
        _watch(found, kind, changed)
    return found


def _watch(found: kopf.OperatorRegistry, kind: str, changed: Changed) -> None:
    @kopf.on.event(GROUP, VERSION, kind, registry=found, id=kind)
    async def take(event: kopf.RawEvent, **_: Any) -> None:
        changed(kind, event["type"], event["object"])


def settings() -> kopf.OperatorSettings:
    """Tune Kopf for watching: short reconnects, no posting, no state of its own on objects."""
    tuned = kopf.OperatorSettings()
    tuned.scanning.disabled = True
    tuned.posting.enabled = False
    tuned.watching.server_timeout = 300
    tuned.watching.client_timeout = 330
    tuned.watching.connect_timeout = 10
    tuned.watching.inactivity_timeout = 70
    tuned.watching.chunk_size = 500
    tuned.networking.request_timeout = 15
    tuned.networking.error_backoffs = EndlessBackoff()
    tuned.queueing.idle_timeout = 1.0
    tuned.process.ultimate_exiting_timeout = 15
    return tuned


async def watch(
    changed: Changed,
    login: Callable[[], kopf.ConnectionInfo],
    ready: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    """Run Kopf until `stop` is set.

    Raises:
        RuntimeError: Kopf ended by itself: without its view nothing may go on.
    """
    await kopf.operator(
        registry=registry(changed, login),
        settings=settings(),
        clusterwide=True,
        standalone=True,
        ready_flag=ready,
        stop_flag=stop,
    )
    if not stop.is_set():
        raise RuntimeError("the watcher of our own kinds ended by itself")
