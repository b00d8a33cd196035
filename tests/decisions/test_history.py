"""Old records go when there are too many, and none that anybody needs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Incident,
    IncidentPhase,
    Standing,
)
from knowngood.decisions.history import to_forget
from tests.decisions.situations import a_model, a_record
from tests.decisions.states import STATES

OVER = (Standing.REJECTED, Standing.SUPERSEDED, Standing.RETIRED)


def aged(version: str, standing: Standing, days: int) -> AIModelVersion:
    record = a_record(version, standing)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
    meta = record.metadata.model_copy(update={"creation_timestamp": at})
    return record.model_copy(update={"metadata": meta})


def limited(limit: int, state: str = "at rest", desired: str = "7") -> AIModelDeployment:
    return a_model(STATES[state], desired=desired, versionHistoryLimit=limit)


def forgotten(
    model: AIModelDeployment, records: list[AIModelVersion], *told: Incident
) -> list[str]:
    return [r.spec.model.version for r in to_forget(model, records, told)]


def an_incident(subject: str, fallback: str, phase: IncidentPhase) -> Incident:
    return Incident.model_validate(
        {
            "metadata": {"name": "loan-1", "namespace": "lending", "uid": "i1", "generation": 1},
            "spec": {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"},
            "status": {
                "phase": phase.value,
                "subject": {"version": subject, "role": "Canary"},
                "fallback": {"version": fallback},
            },
        }
    )


RECORDS = [
    aged("7", Standing.PROBATION, 5),
    aged("6", Standing.RETIRED, 4),
    aged("5", Standing.SUPERSEDED, 3),
    aged("4", Standing.REJECTED, 2),
    aged("3", Standing.RETIRED, 1),
]


def test_the_oldest_go_first_and_only_as_many_as_there_are_too_many() -> None:
    assert forgotten(limited(5), RECORDS) == []
    assert forgotten(limited(4), RECORDS) == ["3"]
    assert forgotten(limited(2), RECORDS) == ["3", "4", "5"]


def test_a_version_of_an_open_incident_stays() -> None:
    opened = an_incident("4", "3", IncidentPhase.CONTAINED)
    closed = an_incident("4", "3", IncidentPhase.CLOSED)

    assert forgotten(limited(2), RECORDS, opened) == ["5", "6"]
    assert forgotten(limited(2), RECORDS, closed) == ["3", "4", "5"]


def test_the_two_newest_known_good_ones_stay() -> None:
    good = [aged(v, Standing.KNOWN_GOOD, n) for n, v in enumerate("abcd")]

    assert forgotten(limited(2), good) == []
    assert forgotten(limited(2), [*good, *RECORDS[1:]]) == ["3", "4", "5", "6"]


def test_a_model_whose_status_was_lost_forgets_nothing() -> None:
    assert forgotten(limited(2, "status lost"), RECORDS) == []


@given(
    st.lists(st.tuples(st.sampled_from(Standing), st.integers(0, 30)), max_size=20),
    st.integers(2, 20),
    st.sampled_from(sorted(set(STATES) - {"new", "status lost"})),
)
def test_whatever_there_is_nothing_in_use_is_forgotten(
    found: list[tuple[Standing, int]], limit: int, state: str
) -> None:
    records = [aged(str(n), standing, age) for n, (standing, age) in enumerate(found)]
    model = limited(limit, state, desired="9")
    gone = to_forget(model, records, [])
    traffic = model.status.traffic if model.status else None
    answering = {b.version for b in traffic.backends} if traffic else set()

    assert not {r.spec.model.version for r in gone} & {"9", *answering}
    assert all(r.status is not None and r.status.standing in OVER for r in gone)
    assert len(records) - len(gone) >= min(len(records), limit)
