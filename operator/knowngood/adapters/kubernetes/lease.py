"""The Lease: of all replicas, the one that holds it writes.

Safe by time: the holder stops believing in itself before anybody else may take over, by its own monotonic clock, and
every single write asks `term()` first. A replica takes the Lease over only when it has seen it unchanged for the whole
duration by its own clock, so the clocks of two machines need not agree.

A process that finds its own identity on the Lease takes it back at once. The identity is the pod's name, and in one pod
a container is only started again when the one before has ended, so the holder is dead. What it sent last may still
arrive: a status is written only over what was seen, and what an old write has made of a route or a Deployment is seen
to have changed and applied again.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from knowngood.adapters.kubernetes.answers import Conflict, NotFound
from knowngood.adapters.kubernetes.api import WRITE_TIMEOUT, Api, Object
from knowngood.errors import ApiError, NotLeader, Unavailable

logger = logging.getLogger(__name__)

DURATION: Final = 6
RENEW_DEADLINE: Final = 4.0
RETRY: Final = 1.0
# A server that went away without a word must not hold up who would take over: the next request goes to another one.
PATIENCE: Final = WRITE_TIMEOUT

ADDRESS: Final = "knowngood.dev/address"
"""Annotation of the Lease: where other replicas reach its holder."""


class LeaseFence:
    """Tells whether this process may write.

    Attributes:
        identity: Of this process, unique.
    """

    def __init__(self, identity: str, monotonic: Callable[[], float]) -> None:
        self.identity = identity
        self._monotonic = monotonic
        self._until = 0.0
        self._term = 0

    def term(self) -> int:
        """Number of the present term.

        Raises:
            NotLeader: The Lease is not held, or was not renewed in time.
        """
        if self._monotonic() >= self._until:
            raise NotLeader(f"{self.identity} does not hold the Lease")
        return self._term

    def held(self) -> bool:
        """Whether this process may write now."""
        return self._monotonic() < self._until

    def extend(self, asked_at: float, term: int) -> None:
        """The Lease was renewed by a request that was sent at `asked_at` (monotonic seconds)."""
        self._until = asked_at + RENEW_DEADLINE
        self._term = term

    def drop(self) -> None:
        """Stop writing at once."""
        self._until = 0.0


class Elector:
    """Takes, renews and gives back the Lease."""

    def __init__(
        self,
        api: Api,
        *,
        namespace: str,
        name: str,
        fence: LeaseFence,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        address: str = "",
    ) -> None:
        self._api = api
        self._address = address
        self._leader = ""
        self._namespace = namespace
        self._name = name
        self._fence = fence
        self._now = now
        self._monotonic = monotonic
        self._seen: tuple[str, float] = ("", 0.0)
        self._lease: Object | None = None
        self._led = False

    def leader(self) -> str:
        """The address that another process has written on the Lease that it holds; empty where none has."""
        return self._leader

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the Lease whenever possible, until `stop` is set; then give it back."""
        while not stop.is_set():
            try:
                await self._round()
            except ApiError as error:
                self._lease = None
                logger.warning("lease %s/%s: %s", self._namespace, self._name, error)
            self._tell()
            try:
                async with asyncio.timeout(RETRY):
                    await stop.wait()
            except TimeoutError:
                continue
        await self._release()

    def _tell(self) -> None:
        """Log when the time in which this process may write has run out."""
        if self._led and not self._fence.held():
            logger.warning("not leading any more as %s: nothing is decided", self._fence.identity)
        self._led = self._fence.held()

    async def _round(self) -> None:
        asked_at = self._monotonic()
        if self._fence.held() and self._lease is not None:
            try:
                await self._renew(self._lease, asked_at)
            except Conflict:
                self._lease = None
            else:
                return
        lease = await self._read_or_create(asked_at)
        if lease is None:
            return
        spec = lease.get("spec") or {}
        mine = spec.get("holderIdentity") == self._fence.identity
        noted = (lease["metadata"].get("annotations") or {}).get(ADDRESS, "")
        self._leader = "" if mine or not spec.get("holderIdentity") else noted
        if mine or not spec.get("holderIdentity") or self._expired(lease):
            await self._take(lease, asked_at, mine=mine)

    async def _read_or_create(self, asked_at: float) -> Object | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._api.get(f"{self._path()}/{self._name}")
        except TimeoutError as error:
            raise Unavailable(f"no answer within {PATIENCE:g} s") from error
        except NotFound:
            body = self._body({"leaseTransitions": 0, "acquireTime": self._micro()})
            try:
                self._lease = await self._api.create(self._path(), body)
            except Conflict:
                return None
            self._leading(asked_at, self._lease)
            return None

    def _expired(self, lease: Object) -> bool:
        version = lease["metadata"]["resourceVersion"]
        if self._seen[0] != version:
            self._seen = (version, self._monotonic())
            return False
        duration = (lease.get("spec") or {}).get("leaseDurationSeconds") or DURATION
        return self._monotonic() - self._seen[1] > float(duration)

    async def _take(self, lease: Object, asked_at: float, *, mine: bool) -> None:
        spec = dict(lease.get("spec") or {})
        if not mine:
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + 1
            spec["acquireTime"] = self._micro()
        try:
            await self._renew({**lease, "spec": spec}, asked_at)
        except Conflict:
            self._lease = None

    async def _renew(self, lease: Object, asked_at: float) -> None:
        body = self._body(lease["spec"])
        body["metadata"]["resourceVersion"] = lease["metadata"]["resourceVersion"]
        self._lease = await self._api.replace(f"{self._path()}/{self._name}", body)
        self._leading(asked_at, self._lease)

    def _leading(self, asked_at: float, lease: Object) -> None:
        self._leader = ""
        if not self._fence.held():
            logger.info("leading as %s", self._fence.identity)
        self._fence.extend(asked_at, int(lease["spec"].get("leaseTransitions") or 0))

    async def _release(self) -> None:
        held, lease = self._fence.held(), self._lease
        self._fence.drop()
        if not held or lease is None:
            return
        body = self._body({**lease["spec"]})
        body["spec"]["holderIdentity"] = ""
        body["metadata"]["resourceVersion"] = lease["metadata"]["resourceVersion"]
        try:
            await self._api.replace(f"{self._path()}/{self._name}", body)
        except ApiError as error:
            logger.warning("lease was not given back: %s", error)

    def _body(self, spec: dict[str, Any]) -> Object:
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": self._name,
                "namespace": self._namespace,
                "annotations": {ADDRESS: self._address},
            },
            "spec": {
                **spec,
                "holderIdentity": self._fence.identity,
                "leaseDurationSeconds": DURATION,
                "renewTime": self._micro(),
            },
        }

    def _micro(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _path(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases"
