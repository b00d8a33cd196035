"""The `Receiver` port in memory: somebody who remembers what they were told."""

import asyncio
from collections.abc import Callable, Sequence

from knowngood.errors import ReceiverAway, ReceiverRefused
from knowngood.messages.dispatches import Dispatch


class MemoryReceiver:
    """Takes messages.

    Attributes:
        taken: What has come, in order; what was sent twice is there twice.
        reminders: What it was told again, in order.
        asked: How often something was sent, also in vain.
        away: Whether it takes nothing now.
        silent: Whether it never answers.
        refused: Names of incidents that it does not want to hear of.
        slow: Seconds that it takes to answer.
        then: Called when a message has come, before the sender is told so.
    """

    def __init__(self, reminded_every: float | None = None) -> None:
        self.reminded_every = reminded_every
        self.taken: list[Dispatch] = []
        self.reminders: list[tuple[str, ...]] = []
        self.asked = 0
        self.away = False
        self.silent = False
        self.refused: set[str] = set()
        self.slow = 0.0
        self.then: Callable[[Dispatch], None] = lambda _: None

    async def deliver(self, dispatch: Dispatch) -> None:
        """Take a message or not."""
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(self.slow)
        if self.away:
            raise ReceiverAway("the receiver is away")
        if dispatch.incident in self.refused:
            raise ReceiverRefused("the receiver does not want this")
        self.taken.append(dispatch)
        self.then(dispatch)

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """Take a reminder or not."""
        if self.away:
            raise ReceiverAway("the receiver is away")
        self.reminders.append(tuple(each.incident for each in dispatches))

    def why(self, incident: str) -> list[str]:
        """Why it was told of an incident, in order."""
        return [each.why for each in self.taken if each.incident == incident]
