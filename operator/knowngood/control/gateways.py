"""What is known of gateways. What is asked and not known yet is found out in the background: it takes seconds."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.control.ports import Key, Prober
from knowngood.decisions.gateways import GatewaySupport, Parent, Support, of_all
from knowngood.errors import NotLeader

logger = logging.getLogger(__name__)

VALID_S: Final = 600.0
"""For how long it is believed what a gateway does before something new is asked of it."""

RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0
MOST_DOUBLINGS: Final = 7


@dataclass(frozen=True, slots=True)
class _Found:
    support: GatewaySupport
    at: float
    tries: int

    @property
    def unknown(self) -> bool:
        return self.support.mirror is Support.UNKNOWN

    def is_due(self, now: float, *, lately: bool) -> bool:
        """Whether to find out anew: what stays unknown ever more seldom, what is known only where it matters."""
        retry = min(LONGEST_RETRY_S, RETRY_S * 2 ** min(self.tries - 1, MOST_DOUBLINGS))
        return now - self.at > (retry if self.unknown else VALID_S) and (self.unknown or lately)


class Gateways:
    """Remembers for some minutes what gateways were found to do."""

    def __init__(
        self, prober: Prober, monotonic: Callable[[], float], changed: Callable[[Key], None]
    ) -> None:
        """Connect.

        Args:
            prober: Finds out.
            monotonic: Seconds.
            changed: Called with every model that has asked about a gateway once that is known.
        """
        self._prober = prober
        self._monotonic = monotonic
        self._changed = changed
        self._found: dict[Parent, _Found] = {}
        self._wanted: dict[Parent, set[Key]] = {}
        self._asked = asyncio.Event()

    def support(
        self, key: Key, parents: Sequence[Parent], *, lately: bool
    ) -> GatewaySupport | None:
        """What all of these gateways do; None until that is known.

        What could not be found out stays said while it is tried again, or a model would seem to go on every time.

        Args:
            key: The model that asks.
            parents: Gateways of its route.
            lately: It must have been found out in the last minutes.
        """
        now = self._monotonic()
        known: list[GatewaySupport] = []
        for parent in parents:
            found = self._found.get(parent)
            due = found is None or found.is_due(now, lately=lately)
            if due:
                self._wanted.setdefault(parent, set()).add(key)
                self._asked.set()
            if found is not None and (found.unknown or not due):
                known.append(found.support)
        return of_all(tuple(known)) if parents and len(known) == len(parents) else None

    async def run(self) -> None:
        """Find out what is asked, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            for parent in sorted(self._wanted):
                try:
                    await self._prove(parent)
                except NotLeader:
                    # Whoever leads now asks anew, and so does this process should it lead again.
                    self._wanted.clear()
                    break

    async def _prove(self, parent: Parent) -> None:
        support = await self._prober.prove(parent)
        logger.info(
            "gateway %s/%s: mirror %s, percent %s: %s",
            *(parent.namespace, parent.name, support.mirror, support.percent, support.message),
        )
        before = self._found.get(parent)
        tries = before.tries + 1 if before and before.unknown else 1
        self._found[parent] = _Found(support, self._monotonic(), tries)
        for key in self._wanted.pop(parent, set()):
            self._changed(key)
