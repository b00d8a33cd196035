"""`status` says first what waits for people, and which trigger a person has silenced."""

import pytest

from knowngood.cli.views.one import one
from tests.cli.statuses import flat, printed
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import a_breach
from tests.decisions.test_breaches import closed


def shown(story: Asked) -> str:
    return flat(printed(one(story.play.s.model, [], story.incident)))


@pytest.mark.parametrize(
    ("mode", "then"), [("Require", "nothing is done"), ("VetoWindow", "it begins")]
)
def test_what_waits_for_people_is_said_with_how_they_answer(mode: str, then: str) -> None:
    told = shown(Asked(a_question(mode, timeout="1m")))

    assert "version 7 answers all requests, and is bad: " in told
    asked = (
        "People are asked whether version 8 gets all requests: without an answer until 2026-03-01"
    )
    assert f"Z {then}" in told.partition(asked)[2]
    assert "knowngood incident approve loan-1 -n lending" in told
    assert told.index("People are asked") < told.index("If it turns bad")


def test_nobody_is_said_to_be_asked_where_nobody_is() -> None:
    told = shown(Asked(a_breach()))

    assert "People are asked" not in told


def test_a_trigger_that_a_person_has_silenced_is_named() -> None:
    told = flat(printed(one(closed("FalsePositive"), [], None)))

    assert (
        "trigger errors of policy lending says nothing of version 7: loan-1 was closed as" in told
    )
    assert "and is bad" not in told
    assert "Silent" not in flat(printed(one(closed("Resolved"), [], None)))
