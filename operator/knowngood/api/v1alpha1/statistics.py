"""How the distance between two distributions is measured."""

from enum import StrEnum


class Statistic(StrEnum):
    """A distance between two distributions.

    PSI, the population stability index; JS, the Jensen-Shannon divergence in nats; MaxGap, the
    largest gap between the cumulated shares; Wasserstein, the mean distance that mass has moved, in
    the unit of the measured value.
    """

    PSI = "PSI"
    JS = "JS"
    MAX_GAP = "MaxGap"
    WASSERSTEIN = "Wasserstein"
