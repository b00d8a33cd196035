"""What is measured: the traffic, the harm, the policies, and what counts as good enough."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

RATE: Final = 60.0
"""Requests per second through the gateway, for each model."""

WEIGHT: Final = 10
"""Percent of them that the canary gets."""

BASE_ERRORS: Final = 0.01
"""Share of the answers that fail always, of both versions."""

HARM: Final = 0.30
"""Share of the canary's answers that fail from the moment of the harm on."""

SOON: Final = (5.0, 15.0)
"""Seconds of health before the harm, drawn anew for each run, where the harm comes soon."""

SPREAD: Final = 30.0
"""Seconds over which the harms of a batch are spread when they come after long health."""


class Part(StrEnum):
    """One part of the measurement."""

    THRESHOLD = "threshold"
    PROPORTION = "proportion"
    LATE = "proportion_after_10m"
    FLEET = "fleet"


CONTAINMENT: Final = (Part.THRESHOLD, Part.PROPORTION, Part.LATE)

TARGETS: Final = {Part.THRESHOLD: 4.0, Part.PROPORTION: 6.0, Part.LATE: 10.0}
"""Seconds that the median of a part may be at most."""

TESTS: Final = {
    # What peers do: the plain share of the last ten seconds against a limit.
    Part.THRESHOLD: {
        "threshold": {
            "above": "0.05",
            "window": "10s",
            "for": "0s",
            "minSamples": 20,
            "confidence": "None",
        }
    },
    Part.PROPORTION: {
        "proportion": {
            "comparedTo": "Stable",
            "direction": "Increase",
            "minEvents": 3,
            "falseAlarms": {"perRollout": "1%"},
        }
    },
}
TESTS[Part.LATE] = TESTS[Part.PROPORTION]

STEPS: Final = ({"setWeight": WEIGHT}, {"pause": {"duration": "1h"}})
"""The canary gets its weight, and keeps it until something happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller chose.

    Attributes:
        runs: Runs of each part.
        lanes: Models side by side where the harm comes soon.
        late_lanes: Models side by side where it comes after long health.
        healthy_s: How long that health lasts, in seconds.
        fleet: Numbers of models that are rolled out at once to count queries.
        rest_s: For how many seconds writes at rest are counted.
        seed: Of the waits before the harm.
    """

    runs: int = 10
    lanes: int = 3
    late_lanes: int = 5
    healthy_s: float = 600.0
    fleet: tuple[int, ...] = (1, 10, 100)
    rest_s: float = 60.0
    seed: int = 1

    def width(self, part: Part) -> int:
        """How many models of a part live side by side."""
        return min(self.runs, self.late_lanes if part is Part.LATE else self.lanes)
