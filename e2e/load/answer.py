"""What became of one request."""

import json
from dataclasses import astuple, dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request and its answer.

    Attributes:
        row: Which row of the traffic it carried.
        sent_at: Unix seconds; the times of one load never run backwards.
        answered_at: Unix seconds; when it failed, if it did.
        status: HTTP status; 0 if there was no answer.
        error: Name of the exception; empty if there was an answer.
        version: Version that answered; empty if none said so.
        approved: The decision; None if there is none.
        injected: The model was told to fail this one.
    """

    row: int
    sent_at: float
    answered_at: float
    status: int = 0
    error: str = ""
    version: str = ""
    approved: bool | None = None
    injected: bool = False

    @property
    def ok(self) -> bool:
        """Whether the client got what it asked for."""
        return 200 <= self.status < 300

    @property
    def lost(self) -> bool:
        """Whether it failed, and not because the model was told to fail it."""
        return not self.ok and not self.injected

    def encode(self) -> bytes:
        """Return it as one line."""
        return json.dumps(astuple(self), separators=(",", ":")).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> Self:
        """Read what `encode` wrote."""
        names = (field.name for field in fields(cls))
        return cls(**dict(zip(names, json.loads(line), strict=True)))
