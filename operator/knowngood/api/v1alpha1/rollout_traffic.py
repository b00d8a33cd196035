"""The traffic of a rollout: what the version was given, and what can be seen by it."""

from typing import Annotated

from pydantic import Field

from knowngood.api.v1alpha1.scalars import Number, Text
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class GivenWeight(Wire):
    """A share of the requests that the version was given."""

    weight: Annotated[int, Field(ge=0, le=100)]
    """The share, in percent."""

    since: MicroTime
    """When it was asked for, or found in the route."""

    verified_at: MicroTime | None = None
    """When the gateway was first seen to give it; absent while it was not."""


class Power(Wire):
    """What a trigger can see at the model's own traffic."""

    trigger: Annotated[str, Field(min_length=1, max_length=600)]
    """Kind, namespace and name of the policy, and name of the trigger."""

    per_hour: Count
    """Requests of the version in an hour that it was worked out for. It is worked out anew when the version gets half
    of them, or twice as many."""

    base: Number
    """The stable version's share of events that it was worked out for, likewise."""

    sees: Text
    """How large a difference it sees after which time, four times out of five."""

    blind: bool | None = None
    """Whether it would not see even great harm within a day."""
