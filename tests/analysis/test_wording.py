import pytest

from knowngood.analysis.wording import odds


@pytest.mark.parametrize(
    ("to_one", "words"),
    [
        (0.031, "0.031 to 1"),
        (1.44, "1.4 to 1"),
        (199.6, "200 to 1"),
        (1070.4, "1 070 to 1"),
        (1e300, "over a million to 1"),
    ],
)
def test_odds_are_written_as_people_say_them(to_one: float, words: str) -> None:
    assert odds(to_one) == words
