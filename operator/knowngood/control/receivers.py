"""The port of whoever is told of incidents. It is beside `ports` because nothing that decides knows of it."""

from collections.abc import Sequence
from typing import Protocol

from knowngood.messages.dispatches import Dispatch


class Receiver(Protocol):
    """Takes messages, at least once each."""

    @property
    def reminded_every(self) -> float | None:
        """Seconds after which it has to be told again of what is open; None for one that forgets nothing."""
        ...

    async def deliver(self, dispatch: Dispatch) -> None:
        """Hand a message over; returns once it was taken, within a deadline of the receiver's own.

        Raises:
            ReceiverAway: It takes nothing now. The message may have come there.
            ReceiverRefused: It will not take this message.
        """
        ...

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """Tell it again of all that is open, in one go. Only for one that forgets.

        Raises:
            ReceiverError: As `deliver`; whatever it is, the next time comes.
        """
        ...
