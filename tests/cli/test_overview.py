"""`status` without a model: one table."""

import pytest

from knowngood.api.v1alpha1 import ConditionType, IncidentRef
from knowngood.cli.views.overview import HEADER, overview
from tests.cli.statuses import decided, having, printed, with_condition
from tests.decisions.situations import a_model


def row(text: str) -> dict[str, str]:
    header, found = (line.split() for line in text.splitlines())
    return dict(zip(header, found, strict=True))


@pytest.mark.parametrize(
    ("state", "cells"),
    [
        pytest.param(
            "pausing",
            ["loan", "Paused", "7", "8", "10%", "no", "yes", "yes", "-"],
            id="a rollout",
        ),
        pytest.param(
            "promoted, not seen yet",
            ["loan", "Probation", "8", "-", "-", "yes", "yes", "yes", "-"],
            id="promoted",
        ),
        pytest.param(
            "rolling back",
            ["loan", "RolledBack", "7", "-", "-", "no", "yes", "yes", "loan-1"],
            id="taken back",
        ),
    ],
)
def test_a_row_says_what_goes_on(state: str, cells: list[str]) -> None:
    assert row(printed([overview([decided(state)])])) == dict(zip(HEADER, cells, strict=True))


def test_a_model_that_the_operator_has_not_seen_has_a_row_too() -> None:
    model = a_model().model_copy(update={"status": None})

    assert set(row(printed([overview([model])])).values()) == {"loan", "-"}


def test_a_condition_of_which_nothing_is_known_is_neither_yes_nor_no() -> None:
    model = decided("pausing")
    assert model.status is not None
    unknown = [c.model_copy(update={"status": "Unknown"}) for c in model.status.conditions]

    found = row(printed([overview([having(model, conditions=tuple(unknown))])]))

    assert found["READY"] == "unknown"


def test_the_namespace_is_told_where_all_are_asked() -> None:
    assert row(printed([overview([decided("pausing")], namespaces=True)]))["NAMESPACE"] == "lending"


def test_a_usual_table_fits_in_80_columns() -> None:
    model = decided("rolling back")
    meta = model.metadata.model_copy(update={"name": "loan-approval"})
    incident = IncidentRef(name="loan-approval-1")
    long = having(model, incident_ref=incident).model_copy(update={"metadata": meta})

    lines = printed([overview([long, decided("pausing")])]).splitlines()

    assert max(len(line) for line in lines) <= 80
    assert all(line == line.rstrip() for line in lines)


def test_a_row_stays_one_line_where_it_does_not_fit() -> None:
    model = decided("rolling back")
    meta = model.metadata.model_copy(update={"name": "m" * 40})

    text = printed([overview([model.model_copy(update={"metadata": meta})])], width=40)

    assert row(text)["MODEL"] == "m" * 40


def test_users_who_are_not_answered_are_red_and_a_model_that_is_on_its_way_is_not() -> None:
    bad = with_condition(
        decided("pausing"), ConditionType.AVAILABLE, "NoEndpoints", "none is ready", holds=False
    )

    text = printed([overview([bad])], colour=True)

    assert "\x1b[31mno" in text
    assert "\x1b[33mno" in text
