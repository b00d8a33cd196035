import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.api.v1alpha1 import percent, points, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0s", 0.0),
        ("10m", 600.0),
        ("1h30m", 5400.0),
        ("500ms", 0.5),
        ("1s500ms", 1.5),
        ("2m3ms", 120.003),
        ("1h1m1s1ms", 3661.001),
        ("10s10s", 20.0),
        ("99999h", 359996400.0),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["", "10", "s", "1.5h", "-1s", "1d", "1 h", "1h ", "1h\n", "100000s", "1h1m1s1ms1h", "1us"],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


@given(
    hours=st.integers(0, 99999),
    minutes=st.integers(0, 99999),
    whole=st.integers(0, 99999),
    milliseconds=st.integers(0, 99999),
)
def test_the_parts_of_a_duration_add_up(
    hours: int, minutes: int, whole: int, milliseconds: int
) -> None:
    total = hours * 3600 + minutes * 60 + whole + milliseconds / 1000
    assert seconds(f"{hours}h{minutes}m{whole}s{milliseconds}ms") == pytest.approx(total)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0pp", 0.0), ("2pp", 0.02), ("0.5pp", 0.005), ("99.999999pp", 0.99999999)],
)
def test_percentage_points_are_read_as_a_fraction(text: str, expected: float) -> None:
    assert points(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["2", "2%", "-2pp", "100pp", "2 pp", "2.pp", ".5pp", "", "2pp\n"])
def test_what_is_no_number_of_points_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number followed by pp"):
        points(text)


@pytest.mark.parametrize(("text", "expected"), [("1%", 0.01), ("0.1%", 0.001), ("50%", 0.5)])
def test_a_percentage_is_read_as_a_fraction(text: str, expected: float) -> None:
    assert percent(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["1", "1pp", "100%", "-1%", "1 %", "1e-2%", "", "1%\n"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number followed by %"):
        percent(text)
