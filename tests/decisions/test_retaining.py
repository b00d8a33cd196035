"""Which incidents go: closed ones that are old or too many, and none that anybody still needs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import Incident
from knowngood.decisions.retaining import Retention, to_delete
from tests.decisions.states import NOW

DAY = timedelta(days=1)
YEAR = timedelta(hours=8760)


def an_incident(
    number: int,
    closed: timedelta | None = YEAR,
    model: str = "u1",
    **more: Any,
) -> Incident:
    """One that was closed so long ago; higher numbers are newer."""
    at = NOW - closed if closed is not None else NOW
    clocks: dict[str, Any] = {"detected": (at - DAY + timedelta(seconds=number)).isoformat()}
    spec: dict[str, Any] = {"modelRef": {"name": "loan", "uid": model}, "origin": "Trigger"}
    status: dict[str, Any] = {"phase": "Detected", "clocks": clocks, **more}
    if closed is not None:
        status |= {"phase": "Closed", "clocks": clocks | {"closed": at.isoformat()}}
    meta = {"name": f"loan-{number}", "namespace": "lending", "uid": f"i{number}"}
    return Incident.model_validate({"metadata": meta, "spec": spec, "status": status})


def gone(
    incidents: list[Incident],
    retention: Retention,
    now: datetime = NOW,
    owed: frozenset[str] = frozenset(),
    there: dict[str, frozenset[str]] | None = None,
) -> list[str]:
    models = {"u1": frozenset[str]()} if there is None else there
    found = to_delete(incidents, models, retention, now, lambda i: i.metadata.name in owed)
    return [i.metadata.name for i in found]


def test_what_was_closed_a_year_ago_goes_and_what_is_younger_stays() -> None:
    incidents = [an_incident(1), an_incident(2, YEAR - DAY), an_incident(3, 2 * DAY)]

    assert gone(incidents, Retention()) == ["loan-1"]


def test_of_more_than_the_number_the_oldest_go() -> None:
    incidents = [an_incident(n, 30 * DAY) for n in range(1, 8)]

    assert gone(incidents, Retention(count=4)) == ["loan-1", "loan-2", "loan-3"]


def test_of_a_model_that_is_gone_only_the_age_counts() -> None:
    incidents = [an_incident(n, 30 * DAY) for n in range(1, 8)] + [an_incident(9)]

    assert gone(incidents, Retention(count=2), there={}) == ["loan-9"]


def test_the_newest_one_stays_however_old_and_so_does_what_the_model_tells_of() -> None:
    incidents = [an_incident(1), an_incident(2), an_incident(3)]

    assert gone(incidents, Retention()) == ["loan-1", "loan-2"]
    assert gone(incidents, Retention(), there={"u1": frozenset({"loan-1"})}) == ["loan-2"]


def test_the_newest_number_stays_also_when_a_person_has_declared_one_since() -> None:
    """Else its number would be given again, where the model's status was lost."""
    declared = an_incident(9).wire()
    declared["spec"] |= {"origin": "Manual", "declared": {"by": "alice", "summary": "odd"}}
    incidents = [an_incident(1), an_incident(2), Incident.model_validate(declared)]

    assert gone(incidents, Retention()) == ["loan-1"]


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(an_incident(1, None), id="it is open"),
        pytest.param(an_incident(1, DAY - timedelta(seconds=1)), id="closed just now"),
    ],
)
def test_nothing_that_is_open_or_was_closed_within_a_day_goes(kept: Incident) -> None:
    incidents = [kept, *(an_incident(n, 2 * DAY) for n in range(2, 5))]

    assert "loan-1" not in gone(incidents, Retention(count=1, age=timedelta(seconds=1)))


def test_what_a_siem_or_a_receiver_has_not_taken_never_goes() -> None:
    incidents = [an_incident(1), an_incident(2), an_incident(3)]

    assert gone(incidents, Retention(), owed=frozenset({"loan-1"})) == ["loan-2"]


def test_the_first_one_of_many_stays_while_another_one_of_them_is_open() -> None:
    child = an_incident(5, None, model="u2", parent="lending/loan-1")
    incidents = [an_incident(1), an_incident(2), child]

    assert gone(incidents, Retention()) == []
    closed = an_incident(5, 2 * DAY, model="u2", parent="lending/loan-1")
    assert gone([*incidents[:2], closed], Retention()) == ["loan-1"]


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 800), st.sampled_from(["u1", "u2"]), st.booleans()),
        max_size=12,
    ),
    st.integers(1, 5),
    st.integers(1, 700),
)
def test_whatever_the_limits_are_what_is_needed_stays(
    made: list[tuple[int | None, str, bool]], count: int, days: int
) -> None:
    incidents = [
        an_incident(n, None if age is None else age * DAY, model=model)
        for n, (age, model, _) in enumerate(made, 1)
    ]
    owed = frozenset(f"loan-{n}" for n, (_, _, is_owed) in enumerate(made, 1) if is_owed)

    went = set(gone(incidents, Retention(count, days * DAY), owed=owed))

    assert not went & owed
    assert all(made[int(name.removeprefix("loan-")) - 1][0] is not None for name in went)
    left = [i for i in incidents if i.metadata.name not in went]
    mine = [i for i in incidents if i.spec.model_ref.uid == "u1"]
    assert not mine or any(i.spec.model_ref.uid == "u1" for i in left)
    assert gone(left, Retention(count, days * DAY), owed=owed) == []
