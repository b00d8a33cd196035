"""People decide: what a policy asks for before something is done, what they answer, and how far that is."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import between, cel, validated_by
from knowngood.api.v1alpha1.scalars import (
    Duration,
    Person,
    ServiceName,
    Text,
    VersionName,
)
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class ApprovedAction(StrEnum):
    """What people may be asked about: ShiftToShadow, SafePath or SuspendFeed."""

    SHIFT_TO_SHADOW = "ShiftToShadow"
    SAFE_PATH = "SafePath"
    SUSPEND_FEED = "SuspendFeed"


class ApprovalMode(StrEnum):
    """Who decides.

    Act: nobody is asked. VetoWindow: it is done unless somebody objects in time. Require: it is done when enough people
    have approved.
    """

    ACT = "Act"
    VETO_WINDOW = "VetoWindow"
    REQUIRE = "Require"


class OnTimeout(StrEnum):
    """What follows where nobody decides in time.

    Hold does nothing, and an approval that comes later still counts. Act does it.
    """

    HOLD = "Hold"
    ACT = "Act"


class Approval(Wire):
    """Who decides about one action."""

    model_config = validated_by(
        cel(
            "!has(self.people) || self.mode == 'Require'",
            "is for mode Require only",
            path=".people",
        ),
        cel(
            "!has(self.onTimeout) || self.mode == 'Require'",
            "is for mode Require only: a VetoWindow that is over acts, and Act waits for nobody",
            path=".onTimeout",
        ),
        cel(
            "!has(self.timeout) || self.mode != 'Act'",
            "is for modes that wait: Act waits for nobody",
            path=".timeout",
        ),
    )

    action: ApprovedAction
    """What people are asked about: ShiftToShadow, SafePath or SuspendFeed. Without an entry nobody is asked about
    ShiftToShadow, and one person has to approve each of the others."""

    mode: ApprovalMode
    """Who decides. Act: nobody is asked. VetoWindow: it is done after `timeout`, unless somebody objects; an approval
    shortens that. Require: it is done when as many people as `people` says have approved."""

    timeout: Annotated[Duration, between("10s", "24h")] | None = None
    """How long it waits. Default: 10m."""

    on_timeout: OnTimeout | None = None
    """What follows in mode Require where too few have approved by then: Hold (default) does nothing, and an approval
    that comes later still counts; Act does it."""

    people: Annotated[int, Field(ge=1, le=2)] | None = None
    """How many different people have to approve in mode Require: 1 (default) or 2."""


class ApprovalDecision(StrEnum):
    """What a person says to an action: Approve, or Reject."""

    APPROVE = "Approve"
    REJECT = "Reject"


EntryId = Annotated[str, Field(min_length=1, max_length=32)]


class ApprovalAnswer(Wire):
    """What a person says to an action that waits for people."""

    action_id: EntryId
    """The action: its id in status.actions."""

    decision: ApprovalDecision
    """Approve, or Reject. A rejection counts for more than any approval, also of the same person."""

    by: Person
    """Who: the user name of whoever writes this."""

    note: Annotated[str, Field(max_length=1024)] | None = None
    """What they want to say."""


class HeardAnswer(Wire):
    """An answer that was written into the timeline."""

    action_id: EntryId
    """The action."""

    decision: ApprovalDecision
    """Approve, or Reject."""

    by: Person
    """Who."""

    at: MicroTime
    """When it was heard."""


class ApprovalRequest(Wire):
    """An action that people decide about, and how far that is."""

    action: ApprovedAction | None = None
    """What people are asked about: SafePath; absent where it is ShiftToShadow."""

    to: VersionName
    """The version that would get the requests: an approval is for that one alone. `safe-path` where none would. Where
    it is asked whether a feed is suspended, no requests go elsewhere, and it is the version that is bad."""

    service: ServiceName | None = None
    """The Service of the safe path, where that would get them: an approval is for that one alone."""

    mode: ApprovalMode
    """VetoWindow or Require; where the policy was edited since, the stricter one of both."""

    people: Annotated[int, Field(ge=1, le=2)]
    """How many different people have to approve; the larger number of both."""

    on_timeout: OnTimeout
    """What follows where nobody decides in time; Hold where one of both says so."""

    asked_at: MicroTime
    """When people were asked."""

    until: MicroTime
    """Until when it waits."""

    overdue_at: MicroTime | None = None
    """When that was over and nothing was done; an approval still counts."""

    granted_at: MicroTime | None = None
    """When it was decided that it is done; it begins as soon as that is safe."""

    granted_by: Text | None = None
    """By whom, or by what, in words for people."""

    @property
    def is_safe_path(self) -> bool:
        """Whether people are asked about the safe path, and not about another version."""
        return self.action is ApprovedAction.SAFE_PATH
