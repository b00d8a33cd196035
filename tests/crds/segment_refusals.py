"""Segments that must be refused: each is a good template with one thing wrong."""

from typing import Final

from tests.crds.manifests import ABSENT
from tests.crds.refusal import refusals

_BY: Final = "spec.segments.by"
_VALUES: Final = "spec.segments.values"
_OF_THE_TARGET: Final = "not one that says whose a series is"
_OUTCOMES: Final = {
    "categories": {"counts": "x", "by": "outcome"},
    "segments": {"by": "outcome", "values": ["a"]},
}

SEGMENTS: Final = refusals(
    "ClusterSignalTemplate",
    (_BY, ABSENT, _BY, "Required"),
    (_BY, "a-b", _BY),
    (_BY, "pod", _BY, _OF_THE_TARGET),
    (_BY, "namespace", _BY, _OF_THE_TARGET),
    (_BY, "envoy_cluster_name", _BY, _OF_THE_TARGET),
    (_BY, "model_version", _BY, _OF_THE_TARGET),
    (_BY, "le", _BY, _OF_THE_TARGET),
    (_VALUES, ABSENT, _VALUES, "Required"),
    (_VALUES, [], _VALUES, "at least 1 items"),
    (_VALUES, [str(n) for n in range(13)], _VALUES, "at most 12 items"),
    (_VALUES, ["a", "b", "a"], _VALUES, "must be named once"),
    (_VALUES, [""], f"{_VALUES}[0]", "at least 1 char"),
    (_VALUES, ["v" * 65], f"{_VALUES}[0]", "64"),
    (_VALUES, ["two\nlines"], f"{_VALUES}[0]"),
    ("spec.segments.minSamples", 9, "spec.segments.minSamples", "greater than or equal to 10"),
    (
        "spec",
        {"value": {"query": "up"}, "segments": {"by": "region", "values": ["a"]}},
        "spec.segments",
        "a value has no sample size",
    ),
    ("spec", _OUTCOMES, _BY, "another label than categories.by"),
)
