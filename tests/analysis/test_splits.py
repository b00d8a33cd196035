from knowngood.analysis.splits import EARLY, LATE, Bounds, Split, Splits


def test_nothing_is_known_before_a_gateway_was_seen_to_split() -> None:
    assert Splits(()).at(0) is None
    assert Splits([Split(0.1, 100.0, None)]).at(1000) is None
    assert Splits([Split(0.1, 100.0, 103.0)]).at(102) is None


def test_for_a_while_after_a_change_both_shares_are_possible() -> None:
    splits = Splits([Split(0.1, 100.0, 103.0), Split(0.5, 500.0, 503.0)])

    assert splits.at(110) == Bounds(0.0, 0.1)
    assert splits.at(int(103 + LATE)) == Bounds(0.1, 0.1)
    assert splits.at(int(500 - EARLY - 2)) == Bounds(0.1, 0.1)
    assert splits.at(int(500 - EARLY)) == Bounds(0.1, 0.5)
    assert splits.at(int(503 + LATE - 1)) == Bounds(0.1, 0.5)
    assert splits.at(int(503 + LATE)) == Bounds(0.5, 0.5)


def test_a_share_that_was_never_verified_is_possible_until_a_later_one_is() -> None:
    splits = Splits([Split(0.1, 0.0, 1.0), Split(0.3, 200.0, None), Split(0.2, 210.0, 212.0)])

    assert splits.at(205) == Bounds(0.1, 0.3)
    assert splits.at(int(212 + LATE)) == Bounds(0.2, 0.2)


def test_what_was_asked_for_last_stays_possible_while_it_is_not_verified() -> None:
    splits = Splits([Split(0.1, 0.0, 1.0), Split(0.3, 200.0, None)])

    assert splits.at(10_000) == Bounds(0.1, 0.3)
