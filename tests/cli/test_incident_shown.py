"""`incident show` tells the story from the object alone; `incident list` tells which there are."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    Subject,
    VerdictKind,
)
from knowngood.api.v1alpha1.escalation import EscalationStep, Unless
from knowngood.api.v1alpha1.notification_status import (
    Notification,
    OccasionKind,
    PagedAcknowledgement,
    PagedBy,
)
from knowngood.cli.views.incident import overview, show
from knowngood.decisions.chaining import Fault, first_fault
from tests.cli.statuses import decided, flat, incident_of, printed
from tests.decisions.situations import a_model, a_trigger
from tests.decisions.test_incidents import contained


def going() -> Incident:
    """Version 8 was found out just now."""
    return incident_of(decided("pausing", triggers=(a_trigger(VerdictKind.BREACHED),)))


def over() -> Incident:
    """And it is over."""
    return incident_of(contained())


def saying(incident: Incident, **spec: Any) -> Incident:
    body = incident.wire()
    return Incident.model_validate({**body, "spec": body["spec"] | spec})


def having(incident: Incident, **status: Any) -> Incident:
    assert incident.status is not None
    return incident.model_copy(update={"status": incident.status.model_copy(update=status)})


def text(incident: Incident, fault: Fault | None = None) -> str:
    return flat(printed(show(incident, fault)))


def test_what_and_since_when_and_who_was_harmed_is_told() -> None:
    told = text(over())

    for part in (
        "loan-1 of loan in lending: High, Contained",
        "version 8 of loan is taken back: the verdict is Breached",
        "who those whom version 8 answered, which was being tried on a share of the users",
        "since 2026-03-01 11:59:25Z (estimated)",
        "until 2026-03-01 12:00:02Z, 37s later",
        "kubectl -n lending get pods -l knowngood.dev/model=loan,knowngood.dev/version=8",
    ):
        assert part in told


def test_what_was_done_by_whom_and_how_it_was_verified_is_told() -> None:
    told = text(over())

    assert "Knowngood opened the incident: a trigger" in told
    assert (
        "Rollback: Verified, 2026-03-01 12:00:02Z: the gateway was seen to give version 8" in told
    )
    assert (
        "users are safe: version 7 answers all requests, and version 8 was seen to get none" in told
    )
    assert "opened the incident: a person asked for it" in text(saying(over(), origin="Manual"))
    ref = {"kind": "IncidentPolicy", "name": "lending", "generation": 3}
    assert "a trigger of IncidentPolicy lending" in text(saying(over(), policyRef=ref))


def test_the_counts_of_a_baseline_are_not_said_to_be_of_the_version_that_answers_instead() -> None:
    canary = text(over())
    serving = text(having(over(), subject=Subject(version="8", role=Role.STABLE)))

    assert "version 7 80 of 8100 requests" in canary.partition("Evidence")[2]
    evidence = serving.partition("Evidence")[2].partition("What happened")[0]
    assert "what it is compared with 80 of 8100 requests" in evidence
    assert "version 7" not in evidence


def test_what_is_left_to_do_and_what_undoes_it_comes_first() -> None:
    told = text(over())

    todo = told.index("What a person has to do say that you have it")
    assert todo < told.index("Who was harmed") < told.index("Evidence")
    assert "-> knowngood undo loan --version 8 -n lending" in told


def test_the_evidence_and_the_course_of_things_are_told() -> None:
    told = text(over())

    for part in ("81 of 900 requests", "version 7 80 of 8100 requests", "promise 1 in 100"):
        assert part in told
    assert told.index("version 8 starts to differ") < told.index("all requests are sent back")
    assert "contained 2026-03-01 12:00:02Z, 2s after it was detected and 37s after it began" in told


def test_users_are_called_safe_only_where_that_was_verified() -> None:
    assert "users are not safe yet: the requests are still being sent to version 7" in text(going())
    assert "it goes on" in text(going())
    assert "until it may go on" in text(going())
    words = {
        Containment.FAILED: "users are not safe: version 8 still answers them",
        Containment.NONE: "nothing was shifted: version 8 went on answering users",
    }
    for containment, said in words.items():
        told = text(having(over(), containment=containment))
        assert said in told
        assert "users are safe:" not in told


def test_what_people_said_is_told_with_their_names() -> None:
    said = saying(
        over(),
        acknowledgement={"by": "alice", "note": "on it"},
        close={"by": "bob", "resolution": "FalsePositive"},
        severity="Low",
    )

    told = text(said)

    assert "acknowledged by alice: on it" in told
    assert "closed as FalsePositive by bob" in told
    assert "loan-1 of loan in lending: Low" in told
    assert "severity Low; the trigger said High" in told
    ended = having(over(), phase=IncidentPhase.CLOSED, resolution="ModelDeleted")
    assert "closed as ModelDeleted" in text(ended)


def test_who_has_it_is_told_by_the_way_that_was_heard_first() -> None:
    paged = PagedAcknowledgement(
        by="Alice", way=PagedBy.SLACK, receiver="channel", at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    for later in ({}, {"acknowledgement": {"by": "bob", "note": "me too"}}):
        told = having(saying(over(), **later), acknowledgement=paged)

        assert "acknowledged by Alice (Slack receiver channel)" in text(told)
        assert "me too" not in text(told)
        assert " yes " in flat(printed([overview([told])]))


def test_a_record_that_does_not_hold_says_so_and_where() -> None:
    whole = over()
    assert whole.status is not None
    assert "its chain holds by itself; only a head that was kept elsewhere" in text(whole)
    chain = whole.status.chain
    assert chain is not None
    assert chain.head in text(whole)

    entries = whole.status.wire()["timeline"]
    entries[1]["text"] = "nothing happened"
    fault = first_fault(whole.metadata, entries, chain)

    told = text(whole, fault)
    assert "its chain does not hold: entry 2: it was changed" in told
    assert "holds by itself" not in told


def test_pods_of_somebody_else_are_looked_for_by_their_service() -> None:
    services = [{"version": "8", "name": "loan-v8", "port": 80}]
    model = contained().model_copy(update={"spec": a_model(serving={"services": services}).spec})

    assert "get endpointslices -l kubernetes.io/service-name=loan-v8" in text(incident_of(model))


@pytest.mark.parametrize("status", [None, IncidentStatus()])
def test_an_incident_in_which_nothing_is_written_yet_is_told_too(
    status: IncidentStatus | None,
) -> None:
    assert "nothing is written down yet" in text(over().model_copy(update={"status": status}))


def test_the_table_says_which_are_open_and_whether_anybody_has_them() -> None:
    taken = saying(over(), acknowledgement={"by": "alice"})

    lines = printed([overview([going(), taken])]).splitlines()

    assert lines[0].split() == [
        *("INCIDENT", "MODEL", "VERSION", "SEVERITY", "PHASE", "CONTAINED", "TAKEN", "DETECTED")
    ]
    assert lines[1].split()[:7] == ["loan-1", "loan", "8", "High", "Detected", "Pending", "no"]
    assert lines[2].split()[:7] == ["loan-1", "loan", "8", "High", "Contained", "Verified", "yes"]
    assert printed([overview([over()], namespaces=True)]).splitlines()[1].startswith("lending")


def test_words_of_others_reach_no_terminal_as_they_are() -> None:
    bad = having(over(), next_for_human="\x1b[2Jnothing", summary="\x1b]0;title\x07")

    assert "\x1b" not in printed(show(bad, None))


def test_who_was_told_and_who_comes_next_is_told() -> None:
    assert "Who was told" not in text(over())

    told = text(
        having(
            over(),
            escalation=(
                EscalationStep(after="0s", notify=("oncall",)),
                EscalationStep(after="15m", unless=Unless.ACKNOWLEDGED, notify=("manager",)),
            ),
            notifications=(
                Notification(
                    receiver="oncall",
                    sent=2,
                    occasion=OccasionKind.CONTAINED,
                    at=datetime(2026, 3, 1, 12, 1, tzinfo=UTC),
                ),
            ),
        )
    )

    assert "oncall 2 messages, the last one at 2026-03-01 12:01:00Z: Contained" in told
    assert "manager nothing yet; after 15m, unless it is acknowledged" in told
