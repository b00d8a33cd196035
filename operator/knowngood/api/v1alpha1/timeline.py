"""The timeline of an Incident, as a chain: each entry vouches for all entries before it."""

from typing import Annotated, Final

from pydantic import Field

from knowngood.api.v1alpha1.scalars import Text
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

KEPT: Final = 200
"""Entries that a timeline keeps; the oldest ones make room."""

MOVED: Final = 50
"""Entries that are moved to one ConfigMap: of the longest texts they are below a megabyte, which is all it may hold."""

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
    """How many of the oldest entries do not stand here any more: a timeline keeps 200."""

    archived_head: Hash | None = None
    """The hash of the last entry that does not stand here any more: the first one that does follows from it."""

    kept_from: Annotated[int, Field(ge=1)] | None = None
    """Number of the first entry that is kept, with all after it: those that do not stand here are in ConfigMaps. Absent
    while none was moved there."""

    not_archived: Text | None = None
    """Why the oldest entries are not moved to ConfigMaps, and are left out for want of room; absent while they are."""
