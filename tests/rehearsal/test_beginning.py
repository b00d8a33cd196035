"""Who served at an instant, and where every version stood, told by records as they are now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelVersion, Standing, VersionStatus
from knowngood.rehearsal.beginning import Beginning, beginning
from knowngood.rehearsal.told import Asked, Impossible
from tests.control.virtual_time import EPOCH
from tests.decisions.situations import a_model, a_record

HOUR = timedelta(hours=1)


def day(number: int) -> datetime:
    return EPOCH + timedelta(days=number)


def was(version: str, *passed: tuple[int, Standing], **said: Any) -> AIModelVersion:
    """A record that has passed through standings, each from a day on."""
    transitions = [{"standing": s, "time": day(d), "reason": "Because"} for d, s in passed]
    promoted = next((day(d) for d, s in passed if s is Standing.PROBATION), None)
    status = VersionStatus.model_validate(
        {"standing": passed[-1][1], "transitions": transitions, "promoted_at": promoted, **said}
    )
    return a_record(version).model_copy(update={"status": status})


GOOD = (Standing.PROBATION, Standing.KNOWN_GOOD)
SEVEN = was("7", (0, GOOD[0]), (1, GOOD[1]))
EIGHT = was("8", (4, GOOD[0]), (5, GOOD[1]), (9, Standing.SUSPECT))
NINE = was("9", (10, Standing.TRIAL), (11, Standing.REJECTED))
RECORDS = [SEVEN, EIGHT, NINE]


def at(number: float, stable: str = "", standby: str = "", rollout: str = "") -> Beginning:
    return beginning(a_model(), RECORDS, asked(number, stable, standby, rollout))


def asked(number: float, stable: str = "", standby: str = "", rollout: str = "") -> Asked:
    begins = EPOCH + timedelta(days=number)
    return Asked("lending", "loan", begins, begins + HOUR, stable, standby, rollout)


@pytest.mark.parametrize(
    ("number", "stable", "standing", "standby"),
    [
        (0.5, "7", Standing.PROBATION, None),
        (2, "7", Standing.KNOWN_GOOD, None),
        (4.5, "8", Standing.PROBATION, "7"),
        (8, "8", Standing.KNOWN_GOOD, "7"),
        (9.5, "7", Standing.KNOWN_GOOD, None),
    ],
)
def test_the_version_that_served_then_is_found(
    number: float, stable: str, standing: Standing, standby: str | None
) -> None:
    found = at(number)

    assert found.stable.spec.model.version == stable
    assert found.stable.status is not None
    assert found.stable.status.standing is standing
    assert (found.standby.spec.model.version if found.standby else None) == standby


def test_a_version_that_is_rolled_out_begins_as_nothing_was_known_of_it() -> None:
    found = at(10, rollout="9")

    assert found.stable.spec.model.version == "7"
    assert found.canary is not None
    assert (found.canary.spec.model.version, found.canary.status) == ("9", None)
    assert found.standby is None


def test_nothing_of_what_was_found_later_is_known_then() -> None:
    status = at(4.5).stable.status

    assert status is not None
    assert [t.standing for t in status.transitions] == [Standing.PROBATION]
    assert status.known_good_since is None


AGAIN = was(
    "8",
    (4, Standing.PROBATION),
    (5, Standing.REJECTED),
    (6, Standing.TRIAL),
    (7, Standing.PROBATION),
    promoted_at=day(7),
)


@pytest.mark.parametrize(
    ("number", "stable", "standby"),
    [(2, "7", None), (4.5, "8", "7"), (5.5, "7", None), (8, "8", "7")],
)
@pytest.mark.parametrize("named", [False, True])
def test_a_version_that_was_tried_again_is_found_each_time_that_it_served(
    number: float, stable: str, standby: str | None, *, named: bool
) -> None:
    wanted = asked(number, stable if named else "", (standby or "") if named else "")
    found = beginning(a_model(), [SEVEN, AGAIN], wanted)

    assert found.stable.spec.model.version == stable
    assert (found.standby.spec.model.version if found.standby else None) == standby
    assert found.stable.status is not None
    assert (
        found.stable.status.promoted_at == {"7": day(0), "8": day(4 if number < 7 else 7)}[stable]
    )


def test_a_version_that_became_known_good_twice_was_so_since_the_first_time() -> None:
    twice = was("8", (1, GOOD[0]), (2, GOOD[1]), (4, Standing.SUSPECT), (5, GOOD[0]), (6, GOOD[1]))
    status = VersionStatus.model_validate(
        {**(twice.status or VersionStatus()).model_dump(), "known_good_since": day(6)}
    )

    found = beginning(a_model(), [twice.model_copy(update={"status": status})], asked(3))

    assert found.stable.status is not None
    assert found.stable.status.known_good_since == day(2)


LONG = was("8", *((n, GOOD[0] if n % 2 else Standing.SUSPECT) for n in range(10, 30)))


def test_where_the_record_does_not_reach_back_it_is_refused_and_not_guessed() -> None:
    words = "record of version 8 reaches back to 2026-03-11 .* only.*where it stood at .*--stable"
    with pytest.raises(Impossible, match=words):
        beginning(a_model(), [SEVEN, LONG], asked(9))
    with pytest.raises(Impossible, match="not taken for one that stood by"):
        beginning(a_model(), [SEVEN, LONG], asked(9, "7", "8"))


def test_who_knows_better_than_a_record_that_does_not_reach_back_is_believed_and_it_is_said() -> (
    None
):
    other = beginning(a_model(), [SEVEN, LONG], asked(9, "7"))
    itself = beginning(a_model(), [SEVEN, LONG], asked(9, "8"))

    assert (other.stable.spec.model.version, other.standby) == ("7", None)
    assert "reaches back to" in other.notes[0]
    assert itself.stable.spec.model.version == "8"
    assert "taken for known good" in itself.notes[0]


def test_a_baseline_that_took_the_place_of_an_earlier_one_is_not_said_to_be_the_first() -> None:
    ends = {**BASELINE, "source": "Observed", "to": day(6)}
    passed = ((1, GOOD[0]), (2, GOOD[1]), (4, Standing.SUSPECT), (5, GOOD[0]), (6, GOOD[1]))

    found = beginning(a_model(), [was("8", *passed, baselines=[ends])], asked(3))

    assert "the baseline of errors of then is not kept" in found.notes[0]


BASELINE = {"signal": "errors", "events": [1], "totals": [100], "samples": 100, "from": day(4)}


def test_a_baseline_of_later_is_not_compared_with_and_that_is_said() -> None:
    ends = {**BASELINE, "source": "Observed", "to": day(5)}
    record = was("8", (4, GOOD[0]), (5, GOOD[1]), baselines=[ends])

    before = beginning(a_model(), [record], asked(4.5))
    after = beginning(a_model(), [record], asked(6))

    assert before.stable.status is not None
    assert before.stable.status.baselines == ()
    assert "the baseline of errors was not there yet" in before.notes[0]
    assert after.stable.status is not None
    assert [b.signal for b in after.stable.status.baselines] == ["errors"]


@pytest.mark.parametrize(
    ("number", "named", "words"),
    [
        (2, {"stable": "5"}, "version 5 has no AIModelVersion; known are: 7, 8, 9"),
        (2, {"stable": "8"}, "version 8 was promoted at 2026-03-05 12:00:00Z, after"),
        (10, {"stable": "8"}, "version 8 was Suspect at"),
        (4.5, {"standby": "9"}, "version 9 does not stand by"),
        (10, {"rollout": "5"}, "version 5 has no AIModelVersion, and the spec does not ask for it"),
        (-1, {}, "the records do not tell which version served at"),
    ],
)
def test_what_was_not_so_is_refused(number: float, named: dict[str, str], words: str) -> None:
    with pytest.raises(Impossible, match=words):
        at(number, **named)


def test_a_version_without_a_record_is_taken_for_known_good_and_that_is_said() -> None:
    found = beginning(a_model(desired="8"), [], asked(0))

    assert found.stable.spec.model.version == "8"
    assert found.stable.status is not None
    assert found.stable.status.standing is Standing.KNOWN_GOOD
    assert "without baselines" in found.notes[0]
