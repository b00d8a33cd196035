"""Edges of histogram buckets, whatever their spelling is: `le="1"`, `le="1.0"` and `le="1e0"` are the same one."""

import math
import re
from collections.abc import Iterable

_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?Inf", re.IGNORECASE
)

_MOST_NAMED = 12


def parse_edge(text: str) -> float | None:
    """Read the label `le`; None when it is no number."""
    return float(text) if _NUMBER.fullmatch(text) else None


def edge_text(edge: float) -> str:
    """An edge for people: `0.5`, `+Inf`."""
    return f"{edge:+}".replace("inf", "Inf") if math.isinf(edge) else f"{edge:.12g}"


def edges_text(edges: Iterable[float]) -> str:
    """Edges for people, the first dozen of them."""
    known = [edge_text(edge) for edge in sorted(edges)]
    more = len(known) - _MOST_NAMED
    return ", ".join(known[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def bin_text(lower: float, upper: float) -> str:
    """A bin for people: `0.5 to 1`, `up to 0.1`, `above 2`."""
    if math.isinf(lower):
        return f"up to {edge_text(upper)}"
    return (
        f"above {edge_text(lower)}"
        if math.isinf(upper)
        else f"{edge_text(lower)} to {edge_text(upper)}"
    )
