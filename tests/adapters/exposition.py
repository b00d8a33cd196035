"""Histograms as a process shows them to Prometheus: as text, and in the protobuf format that native ones need."""

import struct
from collections.abc import Sequence

PROTOBUF = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)
_HISTOGRAM = 4  # of MetricType


def classic(name: str, les: Sequence[str], cumulative: Sequence[int]) -> str:
    """A classic histogram as text."""
    buckets = zip(les, cumulative, strict=True)
    lines = [f'{name}_bucket{{le="{le}"}} {count}' for le, count in buckets]
    total = cumulative[-1]
    return "\n".join(
        [f"# TYPE {name} histogram", *lines, f"{name}_sum 1", f"{name}_count {total}", ""]
    )


def native(name: str, schema: int, first: int, counts: Sequence[int], zero: int = 0) -> bytes:
    """A native histogram in protobuf, whose buckets follow each other.

    Args:
        name: Of the metric.
        schema: How fine it is: 2^schema buckets to a power of two.
        first: The index of the first bucket; bucket i ends at 2^(i/2^schema).
        counts: Observations by bucket, not cumulated.
        zero: Observations within 0.001 of zero.
    """
    rises = [b - a for a, b in zip([0, *counts], counts, strict=False)]
    histogram = (
        _number(1, sum(counts) + zero)
        + _double(2, 1.0)
        + _signed(5, schema)
        + _double(6, 0.001)
        + _number(7, zero)
        + _message(12, _signed(1, first) + _number(2, len(counts)))
        + b"".join(_signed(13, rise) for rise in rises)
    )
    family = (
        _message(1, name.encode()) + _number(3, _HISTOGRAM) + _message(4, _message(7, histogram))
    )
    return _varint(len(family)) + family


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _signed(field: int, number: int) -> bytes:
    return _number(field, number << 1 if number >= 0 else (-number << 1) - 1)


def _double(field: int, number: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", number)
