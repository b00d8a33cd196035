"""Comparisons of a version with another one, or with what is remembered of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import between, cel, checked, validated_by
from knowngood.api.v1alpha1.false_alarms import FalseAlarms, Samples
from knowngood.api.v1alpha1.scalars import (
    Certainty,
    Decimal,
    DeclaredEffect,
    DesignEffect,
    Duration,
    Points,
    PositivePoints,
)
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.api.v1alpha1.wire import Wire

_POSITIVE = cel("!self.startsWith('-') && self.matches('[1-9]')", "must be above zero")

_PROMISED = cel(
    "!has(self.falseAlarms) || (self.comparedTo == 'Stable') == has(self.falseAlarms.perRollout)",
    "must be perRollout for comparedTo: Stable, and onceIn for a version that serves",
    path=".falseAlarms",
)


class ComparedTo(StrEnum):
    """What a version is compared with.

    Stable: the version that answers users in the same minutes. Shadow: the version that stands by and answers copies of
    the same requests. Baseline: counts that were frozen while a version was known to do well. Past: the same version,
    some time ago.
    """

    STABLE = "Stable"
    SHADOW = "Shadow"
    BASELINE = "Baseline"
    PAST = "Past"


class Direction(StrEnum):
    """Which change is bad: Decrease, Increase, or Either."""

    DECREASE = "Decrease"
    INCREASE = "Increase"
    EITHER = "Either"


class Seasonality(StrEnum):
    """Which hours have a baseline of their own, in UTC: None, HourOfDay or HourOfWeek."""

    NONE = "None"
    HOUR_OF_DAY = "HourOfDay"
    HOUR_OF_WEEK = "HourOfWeek"


class Effect(Wire):
    """How large a difference must be, besides being proved."""

    at_least: PositivePoints
    """The estimated difference must be at least this large, in percentage points."""

    over: Annotated[Duration, between("1s", "24h")] | None = None
    """The span over which the difference is estimated. Default: since the canary got its first
    request."""


class NonInferior(Wire):
    """What must be shown before a version is Healthy: that it is not worse by the margin."""

    margin: PositivePoints
    """The difference that would be too much, in percentage points. A smaller one needs many more requests."""

    confidence: Certainty = "95%"
    """A version that is worse by the margin or more is called Healthy with at most the rest of the probability, however
    often one looks. Default: 95%."""


class ProportionTest(Wire):
    """Compares the share of events with another version, request by request.

    Valid however often it looks.
    """

    model_config = validated_by(
        cel(
            "(self.comparedTo == 'Past') == has(self.offset)",
            "must be set for comparedTo: Past, and only there",
            path=".offset",
        ),
        cel(
            "self.comparedTo in ['Stable', 'Shadow'] || (has(self.tolerance) && self.tolerance.matches('[1-9]'))",
            "must be above zero: what is remembered is never quite what is now",
            path=".tolerance",
        ),
        cel(
            "self.comparedTo == 'Baseline' || !has(self.seasonality) || self.seasonality == 'None'",
            "only a Baseline has hours of its own",
            path=".seasonality",
        ),
        _PROMISED,
        cel(
            "self.comparedTo == 'Stable' || !has(self.nonInferior)",
            "only a canary is compared for a promotion",
            path=".nonInferior",
        ),
    )

    compared_to: ComparedTo
    """What the version is compared with. Stable: the version beside it, in the same minutes. Shadow: the version that
    stands by, which answers copies of the same requests (spec.shadow.mirrorPercent). Baseline: counts that were frozen
    while a version was known to do well. Past: the same version, offset ago."""

    offset: Annotated[Duration, between("10m", "24h")] | None = None
    """For Past: how long ago."""

    seasonality: Seasonality = Seasonality.NONE
    """For Baseline: which hours, in UTC, are compared with the same hours only: None, HourOfDay or HourOfWeek. Default:
    None."""

    direction: Direction
    """Which change is bad: Decrease, Increase, or Either (which needs more samples)."""

    tolerance: Points = "0pp"
    """Differences up to this are fine, and never cause more false alarms than promised. Default:
    0pp. Baseline and Past need one above zero."""

    effect: Effect | None = None
    """How large the estimated difference must be, besides being proved. Default: any."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    design_effect: DesignEffect = "Auto"
    """How many requests count as one, where clients send many that are alike: a number, or Auto. Auto is measured when
    a rollout begins, between the pods of the stable version over the last 24 whole hours; where nothing can be
    compared, requests are taken to be independent, and status.rollout.designEffects says so. For Baseline and Past it
    is 1 where no number is given. Default: Auto."""

    min_samples: Samples = 500
    """Requests of each version before it is called healthy; of those that count as one, one is counted. Does not delay
    an alarm. Default: 500."""

    min_events: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    """Bad answers before an alarm. Default: 3."""

    non_inferior: NonInferior | None = None
    """What must be shown before the version is called healthy. Default: nothing; the verdict then says how large a
    difference would have been found."""


class DistributionTest(Wire):
    """Compares how requests spread over bins or categories with another version.

    Valid however often it looks.
    """

    model_config = validated_by(
        cel(
            "self.comparedTo in ['Stable', 'Baseline']",
            "must be Stable or Baseline",
            path=".comparedTo",
        ),
        _PROMISED,
    )

    compared_to: ComparedTo
    """What the version is compared with. Stable: the version beside it, in the same minutes. Baseline: counts that were
    frozen while a version was known to do well."""

    statistic: Statistic = Statistic.PSI
    """How the distance is measured: PSI, JS, MaxGap or Wasserstein. The last two need a histogram.
    Default: PSI."""

    above: Annotated[Decimal, checked(_POSITIVE)]
    """The distance beyond chance that an alarm needs, besides being proved: 0.25 by PSI is a large
    change, 0.1 a moderate one."""

    window: Annotated[Duration, between("1m", "24h")] = "1h"
    """The span over which the distance is estimated. Default: 1h."""

    false_alarms: FalseAlarms | None = None
    """How often a false alarm is accepted. Default: a share of the model's budget."""

    design_effect: DeclaredEffect = "1"
    """How many requests count as one, where clients send many that are alike. It is not measured here. Default: 1."""

    min_samples: Samples = 1000
    """Requests of each version in the window before the distance is believed; of those that count as one, one is
    counted. Default: 1000."""

    name: Annotated[int, Field(ge=1, le=20)] | None = None
    """How many segments are named at most as those that have changed: names for people, of which one in ten may be
    wrong. For signals with segments. Default: 20."""
