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
