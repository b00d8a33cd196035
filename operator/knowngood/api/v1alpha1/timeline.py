"""The timeline of an Incident, as a chain: each entry vouches for all entries before it."""

from typing import Annotated, Final

from pydantic import Field

from knowngood.api.v1alpha1.scalars import Text
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

KEPT: Final = 200
"""Entries that a timeline keeps; the oldest ones make room."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
"""A SHA-256 in hexadecimal digits."""


class TimelineEntry(Wire):
    """One thing that happened."""

    seq: Annotated[int, Field(ge=1)]
    """Number of the entry, counted from 1."""

    time: MicroTime
    """When it happened."""

    csf: Annotated[str, Field(max_length=16)] | None = None
    """Category of the NIST Cybersecurity Framework, for example DE.AE."""

    actor: Annotated[str, Field(min_length=1, max_length=253)]
    """Who did it."""

    text: Text
    """What happened, in words for people."""

    hash: Hash | None = None
    """SHA-256 over the hash of the entry before and this entry; absent in what earlier releases wrote."""


class Chain(Wire):
    """What the entries of a timeline are verified against."""

    head: Hash
    """The hash of the last entry. Whoever keeps it elsewhere can prove later that nothing before it was changed."""

    archived: Count = 0
    """How many of the oldest entries were left out, because a timeline keeps 200."""

    archived_head: Hash | None = None
    """The hash of the last entry that was left out: the first one that is kept follows from it."""
