"""When a source, or one query of it, is left in peace, in time that costs nothing."""

from knowngood.adapters.prometheus.breaker import FAILURES, REMEMBERED, Breaker

ONE, TWO = "one", "two"


def doubted(at: float = 0.0) -> Breaker:
    breaker = Breaker(lambda: 0.0)
    for n in range(FAILURES):
        assert not breaker.in_doubt
        breaker.failed(f"query {n}", at, "away")
    assert breaker.in_doubt
    return breaker


def paused_for(breaker: Breaker, query: str, now: float) -> float:
    began = now
    while breaker.refusal(query, now):
        now += 0.25
    return now - began


def test_a_source_that_fails_now_and_then_is_always_asked() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(10):
        for _ in range(FAILURES - 1):
            breaker.failed(ONE, 0.0, "away")
        breaker.answered(ONE)

    assert not breaker.refusal(ONE, 0.0)
    assert not breaker.in_doubt
    assert breaker.well


def test_only_a_probe_that_fails_keeps_all_out_and_for_growing_pauses() -> None:
    breaker, now, pauses = doubted(), 0.0, []
    assert not breaker.refusal(TWO, now)
    for _ in range(6):
        breaker.probe_failed(now, "still away")
        assert breaker.refusal(TWO, now) == "still away"
        pauses.append(paused_for(breaker, TWO, now))
        now += pauses[-1]
        assert breaker.in_doubt

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_after_a_good_probe_without_a_good_answer_the_next_pause_of_the_source_is_longer() -> None:
    breaker = doubted()
    breaker.probe_failed(0.0, "away")
    breaker.probed()
    for n in range(FAILURES):
        breaker.failed(f"query {n}", 1.0, "away")
    breaker.probe_failed(1.0, "away")

    assert paused_for(breaker, TWO, 1.0) == 2.0


def test_after_a_good_answer_everything_is_as_it_was() -> None:
    breaker = doubted()
    breaker.probe_failed(0.0, "away")
    breaker.probed()
    breaker.answered(ONE)
    assert not breaker.in_doubt
    for _ in range(FAILURES - 1):
        breaker.failed(ONE, 2.0, "away")

    assert not breaker.in_doubt
    assert not breaker.refusal(ONE, 2.0)
    breaker.failed(ONE, 2.0, "away")
    assert breaker.in_doubt
    assert paused_for(breaker, ONE, 2.0) == 1.0
    breaker.probe_failed(2.0, "away")
    assert paused_for(breaker, TWO, 2.0) == 1.0


def test_a_query_that_always_fails_is_sent_ever_more_seldom_and_the_others_as_before() -> None:
    breaker, now, pauses = Breaker(lambda: 0.0), 0.0, []
    for _ in range(FAILURES - 1):
        breaker.failed(ONE, now, "too heavy")
    for _ in range(6):
        breaker.failed(ONE, now, "too heavy")
        breaker.answered(TWO)
        assert not breaker.refusal(TWO, now)
        pauses.append(paused_for(breaker, ONE, now))
        now += pauses[-1]

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert not breaker.in_doubt


def test_late_failures_of_what_was_sent_before_make_no_pause_longer() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(4 * FAILURES):
        breaker.failed(ONE, 0.0, "too heavy")

    assert paused_for(breaker, ONE, 0.0) == 1.0


def test_what_fails_while_the_source_is_known_to_be_away_is_not_held_against_the_query() -> None:
    breaker = doubted()
    breaker.probe_failed(0.0, "away")
    for _ in range(4 * FAILURES):
        breaker.failed(ONE, 0.5, "away")

    assert not breaker.refusal(ONE, 1.0)


def test_a_wish_is_granted_at_once_to_the_query_that_was_told_and_within_reason() -> None:
    breaker = Breaker(lambda: 0.0)
    breaker.failed(ONE, 0.0, "slow down", wish=30.0)
    assert paused_for(breaker, ONE, 0.0) == 30.0
    assert not breaker.refusal(TWO, 0.0)
    breaker.failed(ONE, 30.0, "slow down", wish=86400.0)
    assert paused_for(breaker, ONE, 30.0) == 60.0


def test_whether_a_wish_is_meant_for_everybody_the_probe_finds_out() -> None:
    breaker = Breaker(lambda: 0.0)
    breaker.failed(ONE, 0.0, "slow down", wish=30.0)
    assert breaker.in_doubt

    breaker.probe_failed(0.0, "slow down", wish=86400.0)

    assert paused_for(breaker, TWO, 0.0) == 60.0


def test_a_wish_of_no_time_at_all_makes_no_pause_shorter() -> None:
    breaker = doubted()
    breaker.probe_failed(0.0, "away", wish=0.0)

    assert paused_for(breaker, ONE, 0.0) == 1.0


def test_a_query_that_nobody_asks_any_more_is_forgotten() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(FAILURES - 1):
        breaker.failed(ONE, 0.0, "too heavy")
    breaker.failed(TWO, REMEMBERED, "too heavy")
    breaker.failed(ONE, REMEMBERED, "too heavy")

    assert not breaker.refusal(ONE, REMEMBERED)


def test_new_credentials_begin_anew() -> None:
    breaker = doubted()
    breaker.failed(ONE, 0.0, "not accepted", wish=60.0)
    breaker.probe_failed(0.0, "not accepted")

    breaker.renewed()

    assert not breaker.refusal(ONE, 0.0)
    assert not breaker.in_doubt
    assert breaker.well


def test_jitter_only_ever_comes_later() -> None:
    breaker = Breaker(lambda: 0.99)
    breaker.probe_failed(0.0, "away")

    assert breaker.refusal(ONE, 1.0)
    assert not breaker.refusal(ONE, 1.25)
