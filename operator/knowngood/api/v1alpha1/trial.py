"""Requests by which people try a canary before users meet it."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import cel, validated_by
from knowngood.api.v1alpha1.scalars import HeaderName
from knowngood.api.v1alpha1.wire import Wire

TRIAL_HEADER: Final = "X-Knowngood-Test"
"""Header by which the gateway marks trial requests on their way to the model."""


class TrialMetrics(StrEnum):
    """What is known of the model's metrics: Unknown, or Excluded, when trial requests are left out of them."""

    UNKNOWN = "Unknown"
    EXCLUDED = "Excluded"


class TrialTraffic(Wire):
    """Requests by which people try a canary before users meet it."""

    model_config = validated_by(
        cel(
            "self.metrics == 'Excluded'",
            f"trial requests would be judged as if users had sent them: let the model leave requests with the header "
            f"{TRIAL_HEADER}: true out of its metrics, and declare metrics: Excluded",
            path=".metrics",
        ),
        cel(
            f"self.header.lowerAscii() != '{TRIAL_HEADER.lower()}'",
            f"{TRIAL_HEADER} is what the gateway sets: choose another header",
            path=".header",
        ),
    )

    header: HeaderName
    """Header of a request that is to be answered by the canary. Whoever knows it reaches a version that was not
    promoted: let the edge take it off what strangers send, or keep its value to yourselves."""

    value: Annotated[str, Field(min_length=1, max_length=128)]
    """Its value, compared exactly."""

    metrics: TrialMetrics = TrialMetrics.UNKNOWN
    """Excluded says that the model leaves requests with the header `X-Knowngood-Test: true` out of its metrics: the
    gateway sets it on trial requests, and takes it off all others. Nothing is sent to a canary by its header before
    that is declared. Default: Unknown."""
