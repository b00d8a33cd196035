"""Correct the view by LISTs: before anything is decided, after every reconnect of a watch, and now and then."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from knowngood.control.feed import Feed
from knowngood.control.store import KINDS, Store
from knowngood.errors import ApiError, Gone

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
SETTLE_SECONDS = 1.0
ABSENT_TRIES = 10


class Lister(Protocol):
    """Reads every object of a kind."""

    async def list(self, kind: str) -> Iterable[Mapping[str, Any]]:
        """Return all objects of one of our kinds.

        Raises:
            ApiError: The API server did not answer, or does not know the kind.
        """
        ...


class Resync:
    """Runs the LISTs.

    Attributes:
        filled: Set once every kind was listed: the readiness gate.
        problem: Why the last LIST failed, in words; empty when it did not.
    """

    def __init__(self, store: Store, lister: Lister, period: float) -> None:
        self._store = store
        self._lister = lister
        self._period = period
        self._wanted = asyncio.Event()
        self._feed: Feed | None = None
        self.filled = asyncio.Event()
        self.problem = "the view is not filled yet"
        self._absent = 0
        self._blind = False

    def tell(self, feed: Feed) -> None:
        """Name who is told of what a LIST has changed."""
        self._feed = feed

    def ask(self, kind: str) -> None:
        """Ask for a LIST soon: the watch of a kind was restarted."""
        if not self._wanted.is_set():
            logger.info("the watch of %s was restarted", kind)
        self._wanted.set()

    async def run(self) -> None:
        """List until cancelled."""
        while True:
            self._wanted.clear()
            absent, self.problem = await self._all()
            if self.problem:
                logger.warning(self.problem)
                self._give_up(absent=absent)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if self._blind:
                raise RuntimeError(
                    "our kinds came after this process had begun to watch them, which it does not notice: it has to "
                    "be started anew"
                )
            self.filled.set()
            await self._pause()

    async def _all(self) -> tuple[bool, str]:
        """List every kind; whether one is unknown to the API server, and why the LIST failed."""
        for kind in KINDS:
            try:
                await self._one(kind)
            except ApiError as error:
                return isinstance(error, Gone), f"cannot list {kind}: {error}"
        return False, ""

    def _give_up(self, *, absent: bool) -> None:
        """End the process when our kinds stay unknown: Kopf does not notice a CRD that comes after its start."""
        self._blind = self._blind or absent
        self._absent = self._absent + 1 if absent else 0
        if self._absent >= ABSENT_TRIES:
            raise RuntimeError(
                f"{self.problem}; install the CRDs of the chart (charts/knowngood/crds)"
            )

    async def _one(self, kind: str) -> None:
        since = self._store.sequence
        bodies = list(await self._lister.list(kind))
        labels = {
            (b["metadata"].get("namespace") or "", b["metadata"]["name"]): b["metadata"]
            for b in bodies
        }
        for namespace, name in self._store.reconcile(kind, bodies, since):
            if self._feed is not None:
                meta = labels.get((namespace, name), {})
                self._feed.touched(kind, namespace, name, meta.get("labels") or {})

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._period):
                await self._wanted.wait()
        except TimeoutError:
            return
        # A restarted watch lists everything in a burst; one LIST after it is enough.
        await asyncio.sleep(SETTLE_SECONDS)
