"""A person's word makes a version known good, or takes that from it; it moves no traffic."""

from dataclasses import replace

import pytest

from knowngood.api.v1alpha1 import Phase, Standing
from tests.decisions.playing import Play
from tests.decisions.situations import a_record


def standing(play: Play, **stands: Standing) -> None:
    """Write into records where versions stand."""
    records = {name.removeprefix("v"): s for name, s in stands.items()}
    versions = {v: a_record(v, s) for v, s in records.items()}
    play.s = replace(play.s, versions={**play.s.versions, **versions})


def test_a_version_that_serves_is_known_good_on_a_persons_word() -> None:
    play = Play("just promoted")
    standing(play, v8=Standing.PROBATION)

    plan = play.give("attest 8")
    assert play.refusal == ""
    assert [(c.version, c.standing, c.reason) for c in plan.standings] == [
        ("8", Standing.KNOWN_GOOD, "Attested")
    ]
    standing(play, v8=Standing.KNOWN_GOOD)
    guarded = play.look()

    assert guarded.phase is Phase.GUARDING
    assert dict(guarded.shares) == {"8": 100, "7": 0}


def test_a_version_whose_good_name_is_taken_answers_on_and_is_no_way_back() -> None:
    play = Play("guarding")

    plan = play.give("revoke 8")
    assert [(c.version, c.standing) for c in plan.standings] == [("8", Standing.SUSPECT)]
    standing(play, v8=Standing.SUSPECT)
    rests = play.look()

    assert (rests.phase, dict(rests.shares)) == (Phase.PROBATION, {"8": 100})


@pytest.mark.parametrize(
    ("state", "command", "says"),
    [
        pytest.param("guarding", "attest 8", "is known good already", id="twice"),
        pytest.param("pausing", "revoke 8", "is not known good", id="never was"),
        pytest.param("pausing", "attest 8", "is being rolled out", id="a canary"),
        pytest.param("just promoted", "attest 5", "is not recorded", id="unknown"),
        pytest.param("just promoted", "revoke 5", "is not recorded", id="unknown, revoked"),
    ],
)
def test_a_word_that_means_nothing_is_refused_with_the_reason(
    state: str, command: str, says: str
) -> None:
    play = Play(state)
    play.give(command)

    assert says in play.refusal
