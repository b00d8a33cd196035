"""Golden requests move users only where one version answers them right and the other one does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import FallbackState, Phase, ProvedBy, VerdictKind
from knowngood.decisions.golden import ROUNDS, Round, Tried, tried_in
from tests.decisions.containment import READY, SERVES, STANDS_BY, a_breach, held, play, said, seen
from tests.decisions.playing import Play
from tests.decisions.states import NOW

SMOKE = {"smoke": [{"name": "typical", "request": {"path": "/predict"}}], "metrics": "Excluded"}
FAULT = "golden request typical to pod a: its status is 500, not 200"
BY_COPIES = said(VerdictKind.BREACHED)


def rounds(right: int, wrong: int = 0, *, fault: str = "", at: Any = NOW) -> Tried:
    return Tried(right, wrong, at, fault or (FAULT if wrong else ""))


FAILS = rounds(0, ROUNDS)
FINE = rounds(ROUNDS)
LATE = "golden request typical to pod a: there was no answer within 5 s"
BUSY = replace(rounds(0, fault=LATE), missing=40)
SILENT = replace(rounds(9, fault=LATE), missing=1, silent=True)


def without_copies(standby: str = "Warm", **more: Any) -> Play:
    return play(shadow={"standby": standby, "mirrorPercent": 0}, fallback=SMOKE, **more)


def looked(story: Play, serves: Tried | None, stands_by: Tried | None, **more: Any) -> Any:
    tried = {SERVES: serves, STANDS_BY: stands_by}
    story.look()
    return story.look(
        serving=seen(a_breach(), better=()),
        tried={version: found for version, found in tried.items() if found is not None},
        **more,
    )


def test_where_one_version_answers_right_and_the_other_does_not_users_go_to_the_first() -> None:
    story = without_copies()

    looked(story, FAILS, FINE)

    assert story.look().shares == {SERVES: 0, STANDS_BY: 100}


@pytest.mark.parametrize(
    ("serves", "stands_by", "why"),
    [
        (None, FINE, "version 7 was not asked golden requests yet"),
        (rounds(30), rounds(30), "version 7 answers golden requests right: what it is asked may"),
        (rounds(0, ROUNDS - 1), FINE, "version 7 is asked golden requests some more times"),
        (FAILS, None, "version 8 was not asked golden requests yet"),
        (FAILS, rounds(ROUNDS - 1), "version 8 is asked golden requests some more times"),
        (FAILS, rounds(30, 1, fault=" "), "version 8"),
        (FAILS, rounds(0, ROUNDS), f"version 8: {FAULT}"),
        (rounds(0, 40, at=NOW - timedelta(minutes=6)), FINE, "version 7 was not asked"),
        (FAILS, rounds(40, at=NOW - timedelta(minutes=6)), "version 8 was not asked"),
        (BUSY, FINE, "version 7 gives no answer to golden requests, and no wrong one"),
        (replace(BUSY, wrong=ROUNDS - 1), FINE, "version 7 is asked golden requests some more"),
        (FAILS, BUSY, f"version 8: {LATE}"),
        (FAILS, replace(FINE, missing=1), "version 8 has left golden requests without an answer"),
    ],
)
def test_anything_else_moves_nobody_and_says_why(
    serves: Tried | None, stands_by: Tried | None, why: str
) -> None:
    story = without_copies()

    plan = looked(story, serves, stands_by)

    assert (plan.phase, plan.shares) == (Phase.GUARDING, {SERVES: 100})
    assert why in held(story)


def test_one_wrong_answer_of_the_standby_is_one_too_many_also_when_the_latest_is_right() -> None:
    story = without_copies()

    looked(story, FAILS, replace(rounds(40, 1), fault=""))

    assert "version 8 has answered golden requests wrong too" in held(story)


def test_one_that_is_busy_now_and_then_and_wrong_often_is_left() -> None:
    story = without_copies()

    looked(story, replace(FAILS, missing=5), FINE)

    assert story.look().shares == {SERVES: 0, STANDS_BY: 100}


def test_rounds_are_right_wrong_or_without_an_answer_and_old_ones_say_nothing() -> None:
    minute = timedelta(minutes=1)
    found = [
        Round(NOW - 6 * minute, FAULT),
        Round(NOW - 4 * minute, FAULT),
        Round(NOW - 3 * minute),
        Round(NOW - 2 * minute, LATE, missing=True),
        Round(NOW - minute),
    ]

    assert tried_in(found, NOW) == Tried(2, 1, NOW - minute, "", 1)
    assert tried_in(found[:-1], NOW) == Tried(1, 1, NOW - 2 * minute, LATE, 1, silent=True)
    assert tried_in(found[:1], NOW) is None


def test_what_is_better_on_users_requests_needs_no_golden_ones() -> None:
    story = play(fallback=SMOKE)
    story.look()

    plan = story.look(serving=seen(a_breach()), tried={SERVES: rounds(9), STANDS_BY: rounds(9)})

    assert plan.phase is Phase.CONTAINING


def test_a_standby_that_answers_golden_requests_wrong_gets_nobody_although_copies_say_better() -> (
    None
):
    story = play(fallback=SMOKE)
    story.look()

    story.look(serving=seen(a_breach()), tried={STANDS_BY: rounds(40, 1)})

    assert FAULT in held(story)
    assert story.condition("KnownGoodAvailable") == "False GoldenRequestWrong"


def test_a_standby_that_fails_by_copies_gets_nobody_although_golden_requests_are_right() -> None:
    story = play(fallback=SMOKE)
    story.look()

    story.look(
        serving=seen(a_breach(), standby=(BY_COPIES,), better=()),
        tried={SERVES: FAILS, STANDS_BY: FINE},
    )

    assert "version 8 fails trigger errors too" in held(story)


def brought_up() -> Play:
    """A version without pods is brought up, since the one that serves answers golden requests wrong."""
    story = without_copies("Cold")
    plan = looked(story, FAILS, None, ready={SERVES: 2, STANDS_BY: 0})
    assert (plan.phase, plan.shares) == (Phase.CONTAINING, {SERVES: 100, STANDS_BY: 0})
    return story


def then(story: Play, stands_by: Tried | None) -> Any:
    """Half a minute later its pods are there, and have answered."""
    story.s = replace(story.s, ready=READY, now=story.s.now + timedelta(seconds=30))
    again = a_breach()
    fresh = replace(again, verdict=replace(again.verdict, at=story.s.now.timestamp()))
    asked = {SERVES: replace(FAILS, at=story.s.now)}
    if stands_by is not None:
        asked[STANDS_BY] = replace(stands_by, at=story.s.now)
    return story.look(serving=seen(fresh, better=()), tried=asked)


def test_a_cold_standby_is_asked_before_any_user_is_sent_to_it() -> None:
    assert then(brought_up(), FINE).shares == {SERVES: 0, STANDS_BY: 100}


@pytest.mark.parametrize("answers", [None, rounds(ROUNDS - 1), rounds(0, ROUNDS)])
def test_a_cold_standby_that_does_not_answer_right_gets_nobody(answers: Tried | None) -> None:
    plan = then(brought_up(), answers)

    assert (plan.phase, plan.shares) == (Phase.CONTAINING, {SERVES: 100, STANDS_BY: 0})


def fallback(story: Play) -> tuple[FallbackState, ProvedBy | None]:
    status = story.s.model.status
    assert status is not None
    assert status.fallback is not None
    assert status.fallback.version == STANDS_BY
    return status.fallback.state, status.fallback.by


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({"tried": {STANDS_BY: FINE}}, (FallbackState.RIGHT, ProvedBy.GOLDEN_REQUESTS)),
        ({"tried": {STANDS_BY: rounds(9, 1)}}, (FallbackState.WRONG, ProvedBy.GOLDEN_REQUESTS)),
        ({"tried": {STANDS_BY: SILENT}}, (FallbackState.NOT_READY, None)),
        ({"serving": seen()}, (FallbackState.RIGHT, ProvedBy.COPIES)),
        ({"serving": seen(standby=(BY_COPIES,))}, (FallbackState.WRONG, ProvedBy.COPIES)),
        ({"serving": seen(standby=(said(VerdictKind.NO_DATA),))}, (FallbackState.UNTRIED, None)),
        ({"serving": None}, (FallbackState.UNTRIED, None)),
        ({"ready": {SERVES: 2}}, (FallbackState.NOT_READY, None)),
    ],
)
def test_what_is_known_of_the_standby_is_visible_while_nothing_is_wrong(
    more: dict[str, Any], known: tuple[FallbackState, ProvedBy | None]
) -> None:
    story = play(fallback=SMOKE)

    story.look(**{"serving": None, **more})

    assert fallback(story) == known


def test_what_stays_known_is_not_written_again() -> None:
    story = play(fallback=SMOKE)
    story.look(tried={STANDS_BY: FINE})
    before = story.s.model.status

    story.look(later=timedelta(minutes=1), tried={STANDS_BY: rounds(40, at=story.s.now)})

    assert before
    assert story.s.model.status
    assert story.s.model.status.fallback == before.fallback


def test_doubt_about_copies_does_not_end_what_is_known() -> None:
    story = play()
    story.look(serving=seen())
    assert fallback(story)[0] is FallbackState.RIGHT

    story.look(serving=seen(standby=(said(VerdictKind.INCONCLUSIVE),)))

    assert fallback(story)[0] is FallbackState.RIGHT
