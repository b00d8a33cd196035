"""What a load sends, and how fast."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Rows of the loan data, at a steady rate.

    Attributes:
        url: Where the gateway listens, for example `http://10.88.0.1:16002`.
        host: `Host` header.
        rate: Requests per second. They are sent when they are due, whatever became of others.
        path: Path of the requests.
        first_row: Row to begin with; after the last one it starts over.
        timeout_s: A request without an answer after this time is lost.
        connections: At most so many at once; a request that finds none free waits for one.
    """

    url: str
    host: str
    rate: float
    path: str = "/predict"
    first_row: int = 0
    timeout_s: float = 5.0
    connections: int = 256

    def encode(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what `encode` wrote."""
        return cls(**json.loads(text))
