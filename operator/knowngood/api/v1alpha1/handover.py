"""What people take over from an incident: answers to find again, and a way back."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import Text, VersionName
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire

GaveThem = Annotated[VersionName, Field(description="A version that gave such answers.")]


class CountedAnswers(Wire):
    """A number of answers, as a version's own counters showed them."""

    at_least: Count
    """How many there were at least, from affected.from to affected.to. It is exact where every pod was scraped after
    its last answer: what a pod answers between its last scrape and its end is in no counter."""


class Affected(Wire):
    """Which answers may have been wrong, for whoever has to find them again."""

    versions: Annotated[tuple[GaveThem, ...], listed(16)]
    """The versions that gave them."""

    from_: Annotated[MicroTime, Field(alias="from")]
    """Since when: the onset where it was estimated, else the detection."""

    to: MicroTime | None = None
    """Until when: the containment; absent while they may still be given."""

    decisions: CountedAnswers | None = None
    """How many they are at least; absent where nobody has counted them."""

    selector: Annotated[str, Field(max_length=512)] | None = None
    """Labels of the version's pods; of the EndpointSlices of its Service, where the pods are not Knowngood's."""


class WayBack(Wire):
    """What reverses the last action."""

    what: Text
    """What it would do, in words for people."""

    command: Annotated[str, Field(max_length=512)]
    """The command, as it can be called."""


class TaskRole(StrEnum):
    """Who has something to do: OnCall, ModelOwner, DataEngineer or BusinessOwner."""

    ON_CALL = "OnCall"
    MODEL_OWNER = "ModelOwner"
    DATA_ENGINEER = "DataEngineer"
    BUSINESS_OWNER = "BusinessOwner"


class Task(Wire):
    """What one role has to do in an incident."""

    role: TaskRole
    """Who: OnCall, ModelOwner, DataEngineer or BusinessOwner."""

    text: Text
    """What, in words for people."""

    command: Annotated[str, Field(max_length=512)] | None = None
    """The command, as it can be called; absent where none does it."""

    done: bool
    """Whether it was seen to be done."""
