"""What people read, word by word, and how long it may be at most."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.messages.business import for_business
from knowngood.messages.message import LONGEST, LONGEST_TASK, LONGEST_TITLE, Audience
from knowngood.messages.occasions import noted, owed
from knowngood.messages.operations import for_operations
from tests.exporting.cases import longest, read
from tests.messages.cases import (
    CASES,
    CHAIN,
    GOLDEN,
    NOW,
    UPDATES,
    Object,
    acknowledged_where_paged,
    file_of,
    held,
    message,
    shifted,
    told,
    update,
)

WRITERS = [for_operations, for_business]


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("name", CASES)
def test_people_read_exactly_this(name: str, audience: Audience) -> None:
    assert f"{message(name, audience).text}\n" == file_of(name, audience).read_text()


def test_every_file_is_of_a_case() -> None:
    wanted = {file_of(name, audience) for name in CASES for audience in Audience}
    wanted |= {file_of(name, Audience.BUSINESS) for name in UPDATES}
    assert set(GOLDEN.iterdir()) == wanted


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_says_what_is_new_and_when_the_next_one_comes(name: str) -> None:
    found = update(name)

    assert f"{found.text}\n" == file_of(name, Audience.BUSINESS).read_text()
    assert [line.head for line in found.lines][:1] == ["New"]
    assert len(found.lines) <= 6


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("name", CASES)
def test_there_are_six_lines_at_most_and_the_record_goes_out_with_each(
    name: str, audience: Audience
) -> None:
    found = message(name, audience)

    assert 1 <= len(found.lines) <= 6
    assert found.record == CHAIN["head"]
    assert found.text.endswith(f"\nRecord: {CHAIN['head']}")
    if audience is Audience.OPERATIONS:
        heads = [line.head for line in found.lines if line.head != "Undo"]
        assert heads == ["Harm", "Done", "Verified", "You must", "Stop"]


def test_who_has_it_is_told_with_the_way_by_which_that_came() -> None:
    now = told(acknowledged_where_paged())
    first = owed(told(shifted()), None, now=NOW)
    assert first is not None
    occasion = owed(now, noted(told(shifted()), None, first, "oncall", NOW), now=NOW)
    assert occasion is not None
    title, text = for_operations(now, occasion).title, for_business(now, occasion).text

    assert "is taken care of by Alice Liddell (PagerDuty receiver oncall) (" in title
    assert "; Alice Liddell (PagerDuty receiver oncall) is looking after it" in text


@given(st.text(min_size=1, max_size=900))
def test_no_words_of_others_make_a_message_long_or_break_a_line(text: str) -> None:
    body = longest(text)
    assert body.status is not None
    status = body.status.model_copy(update={"phase": "Detected", "next_for_human": text})
    incident = body.model_copy(update={"status": status})
    occasion = owed(incident, None, now=NOW)
    assert occasion is not None
    for write in WRITERS:
        found = write(incident, occasion)
        assert len(found.title.encode()) <= LONGEST_TITLE
        for line in found.lines:
            most = LONGEST_TASK if line.head == "You must" else LONGEST
            assert len(line.text.encode()) <= most
            assert line.text.isprintable()
        assert len(found.text.splitlines()) <= 8


def test_business_reads_no_command_and_no_number_of_a_test() -> None:
    for name in CASES:
        text = message(name, Audience.BUSINESS).text
        assert not re.search(r"knowngood |0\.2075|version [0-9]|Rollback|ShiftToShadow", text)


@pytest.mark.parametrize(
    ("resolution", "words"),
    [("FalsePositive", "it was a false alarm"), ("Resolved", "people have looked at it")],
)
def test_what_was_held_and_closed_is_not_called_safe(resolution: str, words: str) -> None:
    body: Object = held(phase="Closed", resolution=resolution)
    body["status"]["clocks"]["closed"] = NOW.isoformat()
    occasion = owed(told(body), None, now=NOW)
    assert occasion is not None

    customers = for_business(read(body), occasion).lines[0].text

    assert words in customers
    assert "safe" not in customers
