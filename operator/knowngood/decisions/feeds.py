"""What is known of the objects that feed a model, and who says that he has suspended one."""

from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.api.v1alpha1.approvals import Approval, ApprovalMode, ApprovedAction
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.api.v1alpha1.feeds import ObjectRef
from knowngood.decisions.suspendable import steps

SUSPENDED_BY: Final = "knowngood.dev/suspended-by"
"""Annotation of an object that is suspended: namespace, name and uid of the model, and the incident."""

NAME_LENGTH: Final = 63
"""Characters that the name of a feed may have: a command has to name it."""

ENDED: Final = frozenset(
    {
        FeedState.RESUMED,
        FeedState.RESUMED_BY_HAND,
        FeedState.GONE,
        FeedState.FAILED,
        FeedState.SKIPPED,
        FeedState.REJECTED,
    }
)
"""Nothing goes on: within the same incident it is not begun anew."""

HELD: Final = frozenset({FeedState.SUSPENDING, FeedState.SUSPENDED, FeedState.RESUMING})
"""It is, or may be, suspended by us."""

REQUIRED: Final = Approval(action=ApprovedAction.SUSPEND_FEED, mode=ApprovalMode.REQUIRE)
"""Who decides where the policy does not say: a person."""


@dataclass(frozen=True, slots=True)
class SuspendRule:
    """What a policy says about feeds when a trigger fires for what serves.

    Attributes:
        feeds: Names of feeds; empty for all.
        approval: Who decides.
    """

    feeds: tuple[str, ...] = ()
    approval: Approval = REQUIRED

    def is_for(self, name: str) -> bool:
        """Say whether it means a feed."""
        return not self.feeds or name in self.feeds


@dataclass(frozen=True, slots=True)
class FeedView:
    """An object that feeds the model, as it was read last.

    Attributes:
        problem: Why it can not be suspended, in words; empty where it can.
        gone: There is no such object.
        uid: Of the object.
        path: The field that suspends it, as a JSON pointer.
        wanted: What it is while it is suspended, as JSON.
        value: What it is now, as JSON; None where it is not there.
        by: What the annotation says that names who has suspended it.
        running: Runs that are under way.
        refused: What the API server has said to the last write, where it would say so again.
    """

    problem: str = ""
    gone: bool = False
    uid: str = ""
    path: str = ""
    wanted: str = ""
    value: str | None = None
    by: str = ""
    running: tuple[str, ...] = ()
    refused: str = ""


def mark_of(model: AIModelDeployment, incident: str) -> str:
    """What the annotation says when a model has suspended an object."""
    meta = model.metadata
    return "/".join((meta.namespace or "", meta.name, meta.uid, incident))


def is_ours(model: AIModelDeployment, by: str) -> bool:
    """Say whether exactly this model has suspended an object, whichever incident it was for."""
    return by.rpartition("/")[0] == mark_of(model, "").rpartition("/")[0]


def owner(by: str) -> str:
    """Name, in words, who says that he has suspended an object: hostile input."""
    shown = "".join(c if c.isprintable() else "?" for c in by[:512])
    namespace, _, rest = shown.partition("/")
    name, _, rest = rest.partition("/")
    incident = rest.partition("/")[2]
    return f"{namespace}/{name}, for its incident {incident}" if incident else shown


def target_of(held: HeldFeed) -> ObjectRef:
    """The object of a feed."""
    return ObjectRef(api_version=held.api_version, kind=held.kind, name=held.name)


def words(held: HeldFeed | ObjectRef) -> str:
    """Name a feed for people."""
    return f"{held.kind} {held.name}"


def field(path: str) -> str:
    """Write a field as people do: `spec.suspend`."""
    return ".".join(steps(path))
