"""The `Asker` port in memory: pods that answer golden requests as somebody says."""

from collections.abc import Awaitable, Callable

from knowngood.api.v1alpha1 import GoldenRequest
from knowngood.control.pod_ports import Address
from knowngood.decisions.golden_answers import Answer


class MemoryAsker:
    """Pods.

    Attributes:
        wrong: What the names of pods begin with that answer with an error.
        busy: Likewise of those that have too much to do to answer.
        asked: Names of the pods that were asked, in order.
        before: What happens in a pod before it answers.
    """

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self.busy: set[str] = set()
        self.asked: list[str] = []
        self.before: Callable[[str], Awaitable[None]] = _nothing

    async def ask(self, address: Address, _: GoldenRequest) -> Answer:
        """Answer for a pod."""
        self.asked.append(address.host)
        await self.before(address.host)
        if address.host.startswith(tuple(self.busy)):
            return Answer(0, error="there was no answer within 5 s")
        failed = address.host.startswith(tuple(self.wrong))
        return Answer(500 if failed else 200, b"{}")


async def _nothing(_: str) -> None:
    pass
