"""Segments: parts of the requests that a signal is judged for, each on its own."""

from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import cel, checked, listed
from knowngood.api.v1alpha1.wire import Wire

MOST_SEGMENTS: Final = 12

_TELLING: Final = (
    "__name__",
    "le",
    "namespace",
    "pod",
    "service",
    "job",
    "instance",
    "envoy_cluster_name",
    "exported_namespace",
    "exported_pod",
    "exported_service",
    "model",
    "model_version",
)
"""Labels that say whose a series is, or what it counts."""

SegmentValue = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$", min_length=1, max_length=64)
]
"""A value of a label; statuses and messages show it, so it has no control characters."""

ListedSegment = Annotated[
    SegmentValue, Field(description="A value of the label, as the series have it.")
]


class Segments(Wire):
    """Parts of the requests that are judged each on its own.

    They are named, so that each one's part of the false-alarm budget is known beforehand, and a metric
    can not make up further ones.
    """

    by: Annotated[
        str,
        Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128),
        checked(
            cel(
                f"!(self in [{', '.join(repr(name) for name in _TELLING)}])",
                "must be a label of the requests, like region or feature, and not one that says whose a series is",
            )
        ),
    ]
    """The label whose value is the segment, such as region or feature."""

    values: Annotated[
        tuple[ListedSegment, ...],
        listed(
            MOST_SEGMENTS,
            1,
            rules=(
                cel("self.all(a, self.exists_one(b, a == b))", "each segment must be named once"),
            ),
        ),
    ]
    """The segments that are judged, 12 at most. Series with another value are in none of them."""

    min_samples: Annotated[int, Field(ge=10, le=1_000_000)] = 100
    """The fewest requests of each version before anything about a segment is said, so that small
    groups are not exposed. Default: 100."""
