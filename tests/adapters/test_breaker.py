"""When a source is left in peace, in time that costs nothing."""

from knowngood.adapters.prometheus.breaker import FAILURES, Admission, Breaker

ASK, PROBE, NOTHING = Admission.ASK, Admission.PROBE, Admission.NOTHING


def opened(at: float = 0.0, *, jitter: float = 0.0) -> Breaker:
    breaker = Breaker(lambda: jitter)
    for _ in range(FAILURES):
        assert breaker.admit(at) is ASK
        breaker.failed(at, "away")
    return breaker


def test_a_source_that_fails_now_and_then_is_always_asked() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(10):
        for _ in range(FAILURES - 1):
            breaker.failed(0.0, "away")
        breaker.answered()

    assert breaker.admit(0.0) is ASK
    assert breaker.well


def test_one_probe_at_a_time_after_growing_pauses() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(6):
        began = now
        while breaker.admit(now) is NOTHING:
            now += 0.25
        assert breaker.admit(now) is NOTHING, "a second probe"
        breaker.failed(now, "still away", probe=True)
        pauses.append(now - began)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert breaker.words == "still away"


def test_after_a_good_probe_the_first_failure_brings_the_next_pause() -> None:
    breaker = opened()
    assert breaker.admit(1.0) is PROBE
    breaker.probed()
    assert breaker.admit(1.0) is ASK

    breaker.failed(1.0, "away again")

    assert breaker.admit(2.9) is NOTHING
    assert breaker.admit(3.0) is PROBE


def test_after_a_good_answer_everything_is_as_it_was() -> None:
    breaker = opened()
    assert breaker.admit(1.0) is PROBE
    breaker.probed()
    breaker.answered()
    for _ in range(FAILURES - 1):
        breaker.failed(2.0, "away")

    assert breaker.admit(2.0) is ASK
    breaker.failed(2.0, "away")
    assert breaker.admit(2.9) is NOTHING
    assert breaker.admit(3.0) is PROBE


def test_late_failures_of_what_was_sent_before_make_no_pause_longer() -> None:
    breaker = opened()
    for _ in range(20):
        breaker.failed(0.5, "away")

    assert breaker.admit(1.0) is PROBE


def test_a_wish_is_granted_at_once_and_within_reason() -> None:
    breaker = Breaker(lambda: 0.0)
    breaker.failed(0.0, "slow down", wish=30.0)
    assert breaker.admit(29.9) is NOTHING
    assert breaker.admit(30.0) is PROBE
    breaker.failed(30.0, "slow down", wish=86400.0, probe=True)
    assert breaker.admit(89.9) is NOTHING
    assert breaker.admit(90.0) is PROBE


def test_jitter_only_ever_comes_later() -> None:
    assert opened(jitter=0.99).admit(1.0) is NOTHING
    assert opened(jitter=0.99).admit(1.25) is PROBE
