"""Feeds that were suspended, or are to be, because what serves turned bad."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.approvals import ApprovalRequest
from knowngood.api.v1alpha1.feeds import ApiVersion, Kind
from knowngood.api.v1alpha1.scalars import ObjectName, Person, Text, Uid, Word
from knowngood.api.v1alpha1.shared import PolicyKind
from knowngood.api.v1alpha1.wire import MicroTime, Wire

FieldValue = Annotated[str, Field(max_length=253)]
"""A value of a field, as JSON."""

RunName = Annotated[str, Field(max_length=253, description="The name of a run.")]


class FeedState(StrEnum):
    """How far the suspension of a feed is.

    Waiting (people decide), Limited (a limit of the policies holds it back), Suspending (decided, not seen yet),
    Suspended (seen), Resuming (a person wants that, not seen yet), Resumed, ResumedByHand (somebody else did), Gone
    (the object is not there any more), Failed (the API server refused), Skipped (nothing was to be done) or Rejected
    (a person said no).
    """

    WAITING = "Waiting"
    LIMITED = "Limited"
    SUSPENDING = "Suspending"
    SUSPENDED = "Suspended"
    RESUMING = "Resuming"
    RESUMED = "Resumed"
    RESUMED_BY_HAND = "ResumedByHand"
    GONE = "Gone"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    REJECTED = "Rejected"


class HeldFeed(Wire):
    """A feed of the model, and how far its suspension is."""

    name: ObjectName
    """The feed: the name of its object."""

    api_version: ApiVersion
    """Group and version of the object."""

    kind: Kind
    """Its kind."""

    incident: ObjectName
    """The incident that it is told in."""

    policy: ObjectName
    """The policy that says so."""

    policy_kind: PolicyKind
    """The policy's kind: IncidentPolicy or ClusterIncidentPolicy."""

    trigger: Word
    """The trigger that is breached."""

    state: FeedState
    """How far it is."""

    noticed_at: MicroTime
    """When it was first about to be suspended, or would have been."""

    approval: ApprovalRequest | None = None
    """What people are asked about it, and how far that is; absent where nobody was asked."""

    limited_at: MicroTime | None = None
    """When a limit of the policies was found to hold it back."""

    limit: Text | None = None
    """Which one, and until when."""

    since: MicroTime | None = None
    """When it was decided that it is suspended. This is written down before it is done."""

    uid: Uid | None = None
    """The uid of the object then: another one of that name is left alone."""

    path: Annotated[str, Field(max_length=253)] | None = None
    """The field that suspends it, as a JSON pointer: `/spec/suspend`."""

    before: FieldValue | None = None
    """What the field was before, as JSON; absent where it was not there. To resume is to write this back."""

    value: FieldValue | None = None
    """What it is while the feed is suspended, as JSON."""

    verified_at: MicroTime | None = None
    """When it was seen to be suspended."""

    running: Annotated[tuple[RunName, ...], listed(8)] = ()
    """Runs that were under way then, the first ones of them: they run on."""

    resuming_at: MicroTime | None = None
    """When a person asked for it to be resumed, for the last time."""

    ended_at: MicroTime | None = None
    """When it was over: resumed, failed, skipped or rejected."""

    by: Person | None = None
    """Who rejected it, or asked for it to be resumed; `unverified` where nothing proves the name."""

    message: Text | None = None
    """Why it is in this state, in words for people."""


Held = Annotated[tuple[HeldFeed, ...], listed(8, key="name")]
"""The feeds of a model that were suspended, or are to be."""
