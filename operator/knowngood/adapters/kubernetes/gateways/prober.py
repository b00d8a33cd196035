"""Tries what a gateway does with mirrors and headers, on routes of our own, with no request of anybody else.

A gateway that does not know a filter may accept the route and answer errors to every request, and one that does not
know `percent` copies all of them. Neither shows in any status, so it is tried before a model's route is touched.
"""

import asyncio
import logging
import uuid
from collections import Counter
from typing import Final

import aiohttp

from knowngood.adapters.kubernetes.answers import NotFound
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.gateways.asking import Asking
from knowngood.adapters.kubernetes.gateways.manifests import (
    Site,
    Trial,
    route_path,
    routes,
    services,
)
from knowngood.adapters.kubernetes.gateways.receiver import receiving
from knowngood.adapters.kubernetes.gateways.target import Target, said_by, target_of
from knowngood.adapters.kubernetes.route_views import refusals_of
from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from knowngood.errors import ApiError, NotLeader

logger = logging.getLogger(__name__)

REACHED_WITHIN_S: Final = 15.0
SHOWN_WITHIN_S: Final = 5.0
STRAGGLERS_S: Final = 0.5
SENT: Final = 40
"""Requests by which half of the copies is told from all and from none: chance does that once in 10**12."""
_GATEWAYS: Final = "/apis/gateway.networking.k8s.io/v1"


class GatewayProber:
    """Tries gateways, one at a time."""

    def __init__(self, api: Api, site: Site) -> None:
        self._api = api
        self._site = site

    async def prove(self, parent: Parent) -> GatewaySupport:
        """Find out what a gateway does with a mirror; what can not be seen is taken from what its class says.

        Raises:
            NotLeader: This process may not write.
        """
        try:
            gateway = await self._api.get(
                f"{_GATEWAYS}/namespaces/{parent.namespace}/gateways/{parent.name}"
            )
            seen = await self._try(parent, gateway)
            return seen if seen.mirror is not Support.UNKNOWN else await self._said(gateway, seen)
        except NotLeader:
            raise
        except (ApiError, OSError) as error:
            words = f"Gateway {parent.namespace}/{parent.name} could not be tried: {error}"
            return GatewaySupport(Support.UNKNOWN, message=words)

    async def _said(self, gateway: Object, seen: GatewaySupport) -> GatewaySupport:
        name = gateway["spec"]["gatewayClassName"]
        try:
            return said_by(await self._api.get(f"{_GATEWAYS}/gatewayclasses/{name}")) or seen
        except NotFound:
            return seen

    async def _try(self, parent: Parent, gateway: Object) -> GatewaySupport:
        nonce = uuid.uuid4().hex[:12]
        target = target_of(gateway, parent, nonce)
        name = f"Gateway {parent.namespace}/{parent.name}"
        if target is None:
            words = (
                f"{name} has no address in its status, or no HTTP listener, so it can not be tried"
            )
            return GatewaySupport(Support.UNKNOWN, message=words)
        if not self._site.address:
            words = f"{name} can not reach this operator: it runs outside of the cluster"
            return GatewaySupport(Support.UNKNOWN, message=words)
        parts = {**services(self._site), **routes(self._site, parent, target.host, nonce)}
        try:
            async with receiving(self._site.ports, nonce) as copies:
                for path, body in parts.items():
                    await self._api.apply(path, body)
                return await self._look(name, target, nonce, copies)
        finally:
            await self._clear(parts)

    async def _clear(self, parts: dict[str, Object]) -> None:
        for path in reversed(parts):
            try:
                await self._api.delete(path)
            except (ApiError, NotLeader) as error:
                # The next probe has the same names, and all of it goes with this pod.
                logger.warning("a part of a probe was left behind: %s: %s", path, error)

    async def _look(
        self, name: str, target: Target, nonce: str, copies: Counter[str]
    ) -> GatewaySupport:
        limit = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=limit) as session:
            asking = Asking(session, target, nonce)
            found = await asking.until(Trial.PLAIN, lambda: True, REACHED_WITHIN_S)
            if found:
                body = await self._api.get(route_path(self._site, Trial.PLAIN))
                why = "; ".join(refusals_of(body)) or f"{target.url} answers {found}"
                words = f"{name} does not answer a route of namespace {self._site.namespace}: {why}"
                return GatewaySupport(Support.UNKNOWN, message=words)
            header = Support.NO if await asking.until_named(SHOWN_WITHIN_S) else Support.YES
            found = await asking.until(Trial.ALL, lambda: copies[Trial.ALL] > 0, SHOWN_WITHIN_S)
            if found:
                words = f"{name} does not mirror: a route with a mirror was tried, and {found}"
                return GatewaySupport(Support.NO, Support.NO, header, words)
            parts = await self._half(asking, copies)
        words = (
            "it does" if parts is Support.YES else "it copies all requests whatever the percentage"
        )
        return GatewaySupport(Support.YES, parts, header, f"{name} was tried, and {words}")

    async def _half(self, asking: Asking, copies: Counter[str]) -> Support:
        if await asking.until(Trial.HALF, lambda: copies[Trial.HALF] > 0, SHOWN_WITHIN_S):
            return Support.NO
        await asyncio.sleep(STRAGGLERS_S)
        before = copies[Trial.HALF]
        for _ in range(SENT):
            await asking.ask(Trial.HALF)
        await asyncio.sleep(STRAGGLERS_S)
        return Support.YES if 0 < copies[Trial.HALF] - before < SENT else Support.NO
