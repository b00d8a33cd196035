"""What shows that another version does better is in the incident, with the numbers of both, before anybody acts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import IncidentStatus, ProvedBy, VerdictKind
from knowngood.messages.occasions import owed
from knowngood.messages.operations import for_operations
from tests.decisions.consent import Asked, a_question
from tests.decisions.containment import STANDS_BY, a_breach, held, kept, play, seen
from tests.decisions.test_golden import FAILS, FINE, looked, rounds, without_copies
from tests.decisions.test_handing_over import of

BETTER = "version 8 answers the same requests better than version 7: the verdict is Breached"


def texts(status: IncidentStatus) -> list[str]:
    return [entry.text for entry in status.timeline]


@pytest.mark.parametrize("mode", ["Require", "VetoWindow"])
def test_whoever_is_asked_reads_the_numbers_of_both_before_the_question(mode: str) -> None:
    story = Asked(a_question(mode))

    status = story.status
    shown = [entry for entry in status.evidence if entry.better]
    (entry,) = shown
    assert (entry.id, entry.trigger, entry.better) == ("e2", "errors", STANDS_BY)
    assert (entry.verdict, entry.message) == (VerdictKind.BREACHED, BETTER)
    assert entry.samples
    assert entry.reference_samples
    told = texts(status)
    (question,) = [n for n, text in enumerate(told) if "(a2)" in text]
    assert told.index(BETTER) < question


def test_a_shift_that_nobody_is_asked_about_has_its_proof_too() -> None:
    story = Asked(a_breach())

    assert [entry.better for entry in story.status.evidence] == [None, STANDS_BY]


def test_it_is_told_once_and_stays_what_it_was() -> None:
    story = Asked(a_question("Require"))
    first = story.status.evidence

    story.after(5)

    assert story.status.evidence == first
    assert texts(story.status).count(BETTER) == 1


def test_while_nothing_is_shown_nothing_is_told() -> None:
    story = Asked(a_question("Require"), better=())

    assert kept(story.play.s.model).better is None
    assert [entry.better for entry in story.status.evidence] == [None]


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (a_breach(), "they are shifted as soon as it is"),
        (a_question("Require"), "people are asked as soon as it is"),
        (a_question("VetoWindow"), "people are asked as soon as it is"),
        (a_question("Act"), "they are shifted as soon as it is"),
    ],
)
def test_a_hold_says_what_follows_as_soon_as_it_is_shown(trigger: Any, words: str) -> None:
    story = Asked(trigger, better=())

    assert held(story.play).endswith(words)


def test_golden_requests_show_how_many_rounds_of_each_went_wrong() -> None:
    story = without_copies()
    looked(story, FAILS, FINE)

    better = kept(story.s.model).better
    assert better is not None
    assert (better.version, better.by) == (STANDS_BY, ProvedBy.GOLDEN_REQUESTS)
    counted = better.samples, better.events, better.reference_samples, better.reference_events
    assert counted == (10, 10, 10, 0)
    assert better.message in texts(of(story))
    assert "10 of 10 rounds of it were right, and 10 of 10 of the other one wrong" in better.message


def test_a_standby_that_was_asked_too_little_shows_nothing() -> None:
    story = without_copies()
    looked(story, FAILS, rounds(9))

    assert kept(story.s.model).better is None


def test_another_standby_needs_a_proof_of_its_own() -> None:
    story = play()
    story.look(serving=seen(a_question("Require")))
    model = story.s.model
    assert model.status is not None
    stale = kept(model).better
    assert stale is not None
    breach = kept(model).model_copy(
        update={"better": stale.model_copy(update={"version": "6", "message": "old"})}
    )
    status = model.status.model_copy(update={"serving_breaches": (breach,)})
    story.s = replace(story.s, model=model.model_copy(update={"status": status}))

    story.look(later=timedelta(seconds=3))

    better = kept(story.s.model).better
    assert better is not None
    assert (better.version, better.message) == (STANDS_BY, BETTER)


def test_a_message_speaks_of_the_harm_and_not_of_what_is_better() -> None:
    story = Asked(a_question("Require"))
    assert story.incident is not None
    occasion = owed(story.incident, None, now=story.play.s.now)
    assert occasion is not None

    (harm,) = [one.text for one in for_operations(story.incident, occasion).lines][:1]

    assert harm.startswith("the verdict is Breached")
    assert "more trigger" not in harm


def test_an_incident_that_holds_as_much_as_it_can_tells_it_in_the_timeline_alone() -> None:
    story = Asked(a_question("Require"), better=())
    assert story.incident is not None
    full = tuple(story.status.evidence[0].model_copy(update={"id": f"e{n}"}) for n in range(1, 33))
    status = story.status.model_copy(update={"evidence": full})
    story.incident = story.incident.model_copy(update={"status": status})

    story.look(serving=seen(a_question("Require")))

    assert len(story.status.evidence) == 32
    assert BETTER in texts(story.status)
