"""What an incident's status keeps of the people who were told."""

from enum import StrEnum
from typing import Annotated

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.escalation import MOST_RECEIVERS, MOST_STEPS, EscalationStep
from knowngood.api.v1alpha1.scalars import DnsLabel, Person, Word
from knowngood.api.v1alpha1.shared import Count, Severity
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class OccasionKind(StrEnum):
    """Why people are told: what has changed about the incident since they were told last."""

    OPENED = "Opened"
    REOPENED = "Reopened"
    ASKED = "Asked"
    COMMON_CAUSE = "CommonCause"
    SEVERITY_RAISED = "SeverityRaised"
    CONTAINMENT_FAILED = "ContainmentFailed"
    CONTAINMENT_LOST = "ContainmentLost"
    NEW_CAUSE = "NewCause"
    CONTAINED = "Contained"
    SAFE_PATH_OVERDUE = "SafePathOverdue"
    ACKNOWLEDGED = "Acknowledged"
    CLOSED = "Closed"
    UPDATE = "Update"


class PagedBy(StrEnum):
    """What pages people: PagerDuty or Slack."""

    PAGER_DUTY = "PagerDuty"
    SLACK = "Slack"


class PagedAcknowledgement(Wire):
    """Who has taken the incident where people are paged."""

    by: Person
    """Their name, as the receiver tells it. It is no user name, and the API server has not proved it."""

    way: PagedBy
    """What paged them: PagerDuty or Slack."""

    receiver: DnsLabel
    """The receiver, as the operator's own configuration names it."""

    at: MicroTime
    """When that was heard."""


class Notification(Wire):
    """What one receiver was told."""

    receiver: DnsLabel
    """The receiver, as the operator's own configuration names it."""

    sent: Count
    """How many messages it has taken."""

    occasion: OccasionKind
    """Why it was told last: Opened, Reopened, Asked (people decide), CommonCause, SeverityRaised, ContainmentFailed,
    ContainmentLost, NewCause, Contained, SafePathOverdue, Acknowledged, Closed or Update (nothing but that it was
    promised one)."""

    at: MicroTime
    """When it had taken that."""

    first_at: MicroTime | None = None
    """When it had taken the first one; absent in what earlier releases wrote."""

    severity: Severity | None = None
    """The severity that it was told: Low, Medium, High or Critical."""

    containment: Word | None = None
    """The containment that it was told."""

    acknowledged: bool | None = None
    """Whether it was told that a person has taken the incident."""

    common_cause: bool | None = None
    """Whether it was told that the incident is one of many."""

    reopened: Count | None = None
    """How often the incident had been opened again when it was told that."""

    overdue: MicroTime | None = None
    """When the safe path had lasted for too long, as it was told."""

    asked: MicroTime | None = None
    """When the question was asked that it was told people have to answer."""

    causes: Count | None = None
    """Of how many triggers it was told that have fired since the incident was opened."""

    next_update: MicroTime | None = None
    """When it was promised to be told next, whether something has happened or not."""


class Notified(Wire):
    """Who is told, and what they were told."""

    escalation: Annotated[tuple[EscalationStep, ...], listed(MOST_STEPS)] = ()
    """Who is told, as the policy had it when the incident was opened. Absent: the receivers that the operator's own
    configuration calls default, at once."""

    notifications: Annotated[tuple[Notification, ...], listed(MOST_RECEIVERS, key="receiver")] = ()
    """What each receiver was told; written after it has taken a message."""

    acknowledgement: PagedAcknowledgement | None = None
    """Who has taken the incident where people are paged; absent where nobody has, or where somebody has said so in the
    spec before."""
