"""Objects that are there, and that this operator can not read: which, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

_LONGEST: Final = 64
"""Characters of a word that can not be read."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that this operator cannot read."""

    kind: str
    namespace: str
    name: str
    why: str
    model: str = ""
    """The uid of the model that it is about; empty where it does not say."""
    sequence: int = field(default=0, compare=False)
    """When it was seen, as the store counts."""


def broken_by(error: ValidationError, kind: str, body: Mapping[str, Any], sequence: int) -> Broken:
    """Say which object can not be read, and which fields and words that is for."""
    meta = body["metadata"]
    where = kind, meta.get("namespace") or "", meta["name"]
    return Broken(*where, _words(error), _model_of(body), sequence)


def _words(error: ValidationError) -> str:
    """Which fields can not be read, and the words that stand in them."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc']))}: {_word(e['input'])}{e['msg']}"
        for e in error.errors(include_url=False)[:3]
    )


def _word(found: object) -> str:
    return f"{found[:_LONGEST]!r}: " if isinstance(found, str) else ""


def _model_of(body: Mapping[str, Any]) -> str:
    spec = body.get("spec")
    ref = spec.get("modelRef") if isinstance(spec, Mapping) else None
    uid = ref.get("uid") if isinstance(ref, Mapping) else None
    return uid if isinstance(uid, str) else ""
