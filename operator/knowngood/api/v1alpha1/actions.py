"""What was done in an incident: what people were asked, who has decided it, and what has reversed it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.v1alpha1.approvals import ApprovalRequest, EntryId
from knowngood.api.v1alpha1.scalars import Text
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class ActionType(StrEnum):
    """What is done: Rollback, ShiftToShadow, SafePath, SuspendFeed or Hold."""

    ROLLBACK = "Rollback"
    SHIFT_TO_SHADOW = "ShiftToShadow"
    SAFE_PATH = "SafePath"
    SUSPEND_FEED = "SuspendFeed"
    HOLD = "Hold"


class ActionState(StrEnum):
    """How far an action is.

    Waiting (people decide), Started, Verified, Failed, Skipped, Rejected (a person said no) or Withdrawn (people are
    not asked any more).
    """

    WAITING = "Waiting"
    STARTED = "Started"
    VERIFIED = "Verified"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    REJECTED = "Rejected"
    WITHDRAWN = "Withdrawn"


class ActionRecord(Wire):
    """Something that was done."""

    id: EntryId
    """Identity of the action."""

    type: ActionType
    """What is done: Rollback, ShiftToShadow, SafePath, SuspendFeed or Hold."""

    feed: Annotated[str, Field(max_length=330)] | None = None
    """The feed that a SuspendFeed is about: kind and name of its object."""

    state: ActionState
    """How far it is: Waiting, Started, Verified, Failed, Skipped, Rejected or Withdrawn."""

    started_at: MicroTime
    """When it started; while it waits for people, when they were asked."""

    finished_at: MicroTime | None = None
    """When it was seen to be done."""

    overdue_at: MicroTime | None = None
    """When it had lasted for as long as it may; absent where nothing bounds it, or before."""

    result: Text | None = None
    """What came of it, in words for people."""

    decided_by: Text | None = None
    """Who has approved or ordered it, in words for people; the operator carries it out. Absent where nobody has, and
    the policy alone wants it."""

    reversed_at: MicroTime | None = None
    """When it was reversed."""

    reversed: Text | None = None
    """What has reversed it, on whose word, and how that was seen to be done; absent while nothing has."""

    approval: ApprovalRequest | None = None
    """Who was asked about it, and what came of that; absent where nobody was."""
