"""What people say in an incident: that it is one, that they have it, what becomes of it, and that it is over."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.v1alpha1.incident_status import Resolution
from knowngood.api.v1alpha1.scalars import Person, VersionName
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import Wire

Said = Annotated[str, Field(min_length=1, max_length=1024)]


class Outcome(StrEnum):
    """What becomes of an incident: Retrain, Patch, FixPipeline, AcceptRisk or None (nothing has to be done)."""

    RETRAIN = "Retrain"
    PATCH = "Patch"
    FIX_PIPELINE = "FixPipeline"
    ACCEPT_RISK = "AcceptRisk"
    NONE = "None"


class Declaration(Wire):
    """A person says that something is wrong with a model. Nothing is done because of it."""

    by: Person
    """Who: the user name of whoever writes this."""

    summary: Said
    """What is wrong, in a sentence."""

    version: VersionName | None = None
    """The version that it is about; the one that answers users, where none is named."""


class Acknowledgement(Wire):
    """A person has taken the incident."""

    by: Person
    """Who: the user name of whoever writes this."""

    note: Annotated[str, Field(max_length=1024)] | None = None
    """What they want to say."""

    round: Count | None = None
    """For which time: what status.reopened was when it was said. Leave it out where that is not there."""


class Decision(Wire):
    """What becomes of the incident, as a person has decided. It moves no traffic."""

    outcome: Outcome
    """What: Retrain, Patch, FixPipeline, AcceptRisk or None (nothing has to be done)."""

    by: Person
    """Who: the user name of whoever writes this."""

    rationale: Said
    """Why."""

    round: Count | None = None
    """For which time: what status.reopened was when it was said. Leave it out where that is not there."""


class Close(Wire):
    """A person closes the incident. Closing moves no traffic."""

    resolution: Resolution
    """How it ended: Resolved or FalsePositive."""

    by: Person
    """Who closes it: the user name of whoever writes this."""
