"""What people are asked about a model now, and what was told to be silent about it."""

from collections.abc import Iterator

from knowngood.api.v1alpha1 import AIModelDeployment, Ending, ServingBreach
from knowngood.api.v1alpha1.approvals import ApprovalRequest, ApprovedAction, OnTimeout
from knowngood.api.v1alpha1.feed_status import FeedState
from knowngood.cli.views.lines import Advice, Line, Tone
from knowngood.cli.views.phrases import moment
from knowngood.decisions.approving import is_open
from knowngood.decisions.feeds import words


def open_breaches(model: AIModelDeployment) -> tuple[ServingBreach, ...]:
    """What is found about the version that answers everybody, and nobody has closed."""
    status = model.status
    stable = status.versions.stable if status and status.versions else ""
    found = status.serving_breaches if status else ()
    return tuple(b for b in found if b.version == stable and not b.closed)


def asked(model: AIModelDeployment) -> tuple[Line, ...]:
    """Say what waits for people, until when, and how they answer."""
    return tuple(
        line for text, incident in _questions(model) for line in _told(model, text, incident)
    )


def silent(model: AIModelDeployment) -> tuple[Line, ...]:
    """Say which triggers say nothing of the version that serves, because a person has called them wrong."""
    found = model.status.serving_breaches if model.status else ()
    return tuple(
        Line(
            f"trigger {b.trigger} of policy {b.policy} says nothing of version {b.version}: {b.incident} was closed as "
            "FalsePositive. It does again when the policy is edited, or another version serves",
            head="  ",
            tone=Tone.WARNING,
        )
        for b in found
        if b.closed is Ending.FALSE_POSITIVE
    )


def _told(model: AIModelDeployment, text: str, incident: str) -> tuple[Line, ...]:
    call = f"knowngood incident approve {incident} -n {model.metadata.namespace}"
    return (
        Line(text, head="  ", tone=Tone.BAD),
        *Advice("yes, or no (veto in place of approve)", call).lines("    -> "),
    )


def _questions(model: AIModelDeployment) -> Iterator[tuple[str, str]]:
    for breach in open_breaches(model):
        question = breach.approval
        if question is not None and question.granted_at is None and is_open(breach):
            yield f"{_what(question)}{_until(question)}", breach.incident or ""
    for held in model.status.feeds if model.status else ():
        if held.state is FeedState.WAITING and held.approval and held.approval.granted_at is None:
            yield f"whether {words(held)} is suspended{_until(held.approval)}", held.incident


def _what(question: ApprovalRequest) -> str:
    if question.action is ApprovedAction.SAFE_PATH:
        return f"whether the safe path (Service {question.service}) answers everybody"
    return f"whether version {question.to} gets all requests"


def _until(question: ApprovalRequest) -> str:
    then = "it begins" if question.on_timeout is OnTimeout.ACT else "nothing is done"
    return f": without an answer until {moment(question.until)} {then}"
