"""Tests against a fixed limit."""

from typing import Annotated

from pydantic import Field

from knowngood.api.hints import between, cel, exactly_one, validated_by
from knowngood.api.v1alpha1.false_alarms import Samples
from knowngood.api.v1alpha1.scalars import Confidence, Decimal, Duration
from knowngood.api.v1alpha1.wire import Wire


class ThresholdTest(Wire):
    """Compares the share of events, or the value, with a fixed limit."""

    model_config = validated_by(
        exactly_one("above", "below"),
        exactly_one("window", "samples"),
        cel(
            "!has(self.maxAge) || has(self.samples)",
            "is for windows by samples only",
            path=".maxAge",
        ),
        cel(
            "!has(self.samples) || !has(self.minSamples) || self.minSamples <= self.samples",
            "must not be more than samples",
            path=".minSamples",
        ),
    )

    above: Decimal | None = None
    """Breached above this limit. Shares are written as fractions: 0.05 is 5 percent."""

    below: Decimal | None = None
    """Breached below this limit. Shares are written as fractions: 0.05 is 5 percent."""

    window: Annotated[Duration, between("1s", "24h")] | None = None
    """The span that is looked at, up to now. Exactly one of window and samples is set."""

    samples: Samples | None = None
    """How many of the last requests are looked at, for traffic that comes and goes."""

    max_age: Annotated[Duration, between("1s", "24h")] | None = None
    """How old a request may be that is looked at, with samples. Default: 12h."""

    for_: Annotated[Duration, between("0s", "24h"), Field(alias="for")] = "0s"
    """How long the limit must be crossed without a break. Default: 0s."""

    min_samples: Samples = 50
    """Requests in the window before it says anything. Default: 50."""

    confidence: Confidence = "99%"
    """How sure it must be that the limit is crossed, or None to compare the plain number. Default:
    99%."""
