"""What somebody else's route was before Knowngood changed it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.wire import Wire

BackendRef = Annotated[Mapping[str, Any], Field(description="A backend, as the route had it.")]


class OriginalRule(Wire):
    """Where a rule of somebody else's route led before Knowngood changed it."""

    rule: Annotated[str, Field(max_length=253)] = ""
    """The rule's name; empty when it has none."""

    backend_refs: Annotated[tuple[BackendRef, ...], listed(16)] = ()
    """Its backends."""
