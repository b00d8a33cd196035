"""What a table of bad objects is made of."""

from dataclasses import dataclass
from typing import Any

from tests.crds.manifests import ABSENT


@dataclass(frozen=True)
class Refusal:
    """One bad object.

    Attributes:
        path: What is spoiled, below the kind's good object.
        names: The field that the message must name.
        says: More words of the message.
    """

    kind: str
    path: str
    value: Any
    names: str
    says: str = ""

    def __str__(self) -> str:
        """Name the case in the test's report."""
        return f"{self.kind}-{told(self.path, self.value)}"


def told(path: str, value: Any) -> str:
    """Tell a change in one line."""
    return f"{path} is {'absent' if value is ABSENT else str(value)[-60:]}"


def refusals(kind: str, *rows: tuple[Any, ...]) -> list[Refusal]:
    return [Refusal(kind, *row) for row in rows]
