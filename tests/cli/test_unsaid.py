"""Closing an incident does none of what is left in it, and the one who closes reads that."""

from typing import Any

from knowngood.api.v1alpha1 import Incident
from knowngood.cli.views.incident import show
from knowngood.cli.views.unsaid import unsaid
from tests.cli.statuses import printed
from tests.decisions.consent import Asked, a_question
from tests.decisions.test_expiring import saying
from tests.decisions.test_incidents import contained, opened
from tests.decisions.test_progress import of
from tests.decisions.test_tasks import answered, decision


def closed_by(**spec: Any) -> Incident:
    incident = of(contained(), opened(contained()))
    said = saying(incident, **spec)
    status = answered(contained(), incident, **spec) if spec else incident.status
    return said.model_copy(update={"status": status})


def test_whoever_closes_reads_what_nobody_has_said_and_what_is_left() -> None:
    left = list(unsaid(closed_by()))

    assert left[:2] == [
        "nobody has acknowledged it",
        "nobody has said what is decided about it",
    ]
    assert [line.partition(":")[0] for line in left[2:]] == [
        "not seen to be done (OnCall)",
        "not seen to be done (ModelOwner)",
        "not seen to be done (BusinessOwner)",
    ]


def test_whoever_closes_while_people_are_asked_reads_that_users_are_not_safe() -> None:
    story = Asked(a_question("Require", timeout="1m"))
    assert story.incident is not None

    left = list(unsaid(story.incident))

    assert left[0].startswith("users are not safe: version 7 answers them")
    assert left[1].startswith(
        "people are asked about a2 (ShiftToShadow): the question ends with it"
    )


def test_where_all_was_said_and_done_nothing_is_added() -> None:
    taken = {"acknowledgement": {"by": "alice"}} | decision("AcceptRisk")

    assert not list(unsaid(closed_by(**taken)))


def test_a_closed_incident_offers_no_call_that_would_be_refused() -> None:
    incident = of(contained(), opened(contained()))
    closing = {"close": {"by": "bob", "resolution": "Resolved"}}
    status = answered(contained(), incident, **closing)
    closed = saying(incident, **closing).model_copy(update={"status": status})

    assert "incident acknowledge" in printed(show(incident, None))
    told = printed(show(closed, None))
    assert "OnCall: say that you have it" in told
    for verb in ("acknowledge", "decide"):
        assert f"incident {verb}" not in told
