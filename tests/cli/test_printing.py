"""How lines look, and that nobody else's text moves the cursor."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from knowngood.cli.printing import Printer, clean
from knowngood.cli.views.changes import Fact
from knowngood.cli.views.lines import Advice, Cell, Line, Table, Tone, facts, section
from tests.cli.statuses import printed

LONG = " ".join(["word"] * 60)


def test_a_long_sentence_goes_on_below_its_beginning() -> None:
    lines = printed([Line(LONG, head="  head  ")]).splitlines()

    assert lines[0].startswith("  head  word")
    assert all(line.startswith("        word") for line in lines[1:])
    assert max(len(line) for line in lines) <= 80


def test_a_sentence_keeps_some_room_whatever_stands_before_it() -> None:
    assert len(printed([Line("one two three", head="h" * 78)]).splitlines()) == 1


def test_what_is_to_be_copied_stays_in_one_line() -> None:
    assert printed([Line(LONG, head="  ", verbatim=True)]) == f"  {LONG}\n"


def test_a_text_that_is_said_is_clean_and_one_line() -> None:
    sink = io.StringIO()
    Printer(Console(file=sink, width=80, color_system=None)).say(f"\x1b[2J{LONG}")

    assert sink.getvalue() == f"\N{REPLACEMENT CHARACTER}[2J{LONG}\n"


def test_what_is_said_has_the_colour_of_its_tone() -> None:
    sink = io.StringIO()
    console = Console(file=sink, force_terminal=True, color_system="standard", _environ={})
    Printer(console).say("text", Tone.BAD)

    assert sink.getvalue() == "\x1b[31mtext\x1b[0m\n"


def test_an_event_stays_in_one_line() -> None:
    sink = io.StringIO()
    printer = Printer(Console(file=sink, width=80, color_system=None))

    printer.event(datetime(2026, 3, 1, 12, tzinfo=UTC), Fact(LONG))

    assert sink.getvalue() == f"12:00:00Z  {LONG}\n"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain tëxt", "plain tëxt"),
        ("\x1b[2Jgone", "\N{REPLACEMENT CHARACTER}[2Jgone"),
        ("two\nlines\tand", "two lines and"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}txt", "\N{REPLACEMENT CHARACTER}txt"),
        ("\x07\x08\x9b", "\N{REPLACEMENT CHARACTER}" * 3),
    ],
)
def test_text_of_others_reaches_the_terminal_without_control_characters(
    sent: str, shown: str
) -> None:
    assert clean(sent) == shown


@pytest.mark.parametrize(
    "part",
    [
        Line("\x1b[31m[bold]red[/bold]", head="\x1b[31mhead "),
        Line("\x1b[31m[bold]red[/bold]", verbatim=True),
        Table(("NAME",), ((Cell("\x1b[31m[bold]red[/bold]"),),)),
    ],
)
def test_no_part_lets_markup_or_control_characters_through(part: Line | Table) -> None:
    text = printed([part], colour=True)

    assert "[bold]red[/bold]" in text
    assert "\x1b[31m" not in text


def test_the_tone_is_that_of_the_head_or_of_the_text() -> None:
    assert (
        printed([Line("text", head="  ", tone=Tone.BAD)], colour=True) == "  \x1b[31mtext\x1b[0m\n"
    )
    assert printed([Line("text", head="head ", tone=Tone.BAD)], colour=True) == (
        "\x1b[31mhead \x1b[0mtext\n"
    )


def test_columns_stand_below_each_other() -> None:
    table = Table(("A", "LONG"), ((Cell("日本"), Cell("1")), (Cell("x"), Cell("y"))))

    assert printed([table]).splitlines() == ["A     LONG", "日本  1", "x     y"]


def test_columns_move_together_before_a_line_gets_too_long() -> None:
    table = Table(("A" * 20, "B" * 20), ((Cell("a"), Cell("b")),))

    assert printed([table], width=42).splitlines()[0] == f"{'A' * 20}  {'B' * 20}"
    assert printed([table], width=41).splitlines()[0] == f"{'A' * 20} {'B' * 20}"


def test_an_empty_section_has_no_title() -> None:
    assert section("Title", ()) == ()
    assert printed(section("Title", facts([("name", "text"), ("empty", "")]))) == (
        "\nTitle\n  name  text\n"
    )


def test_an_advice_has_its_command_below_it() -> None:
    assert (
        printed(Advice("do it", "knowngood do").lines("  - ")) == "  - do it\n      knowngood do\n"
    )
    assert printed(Advice("do it").lines("  - ")) == "  - do it\n"


def test_the_command_of_an_advice_can_be_copied_however_long_it_is() -> None:
    assert f"      {LONG}\n" in printed(Advice("do it", LONG).lines("  - "))


def test_a_number_is_not_torn_where_a_line_ends() -> None:
    text = f"{'x' * 30} evidence 4 207 to 1"

    assert printed([Line(text)], width=42).splitlines() == [f"{'x' * 30} evidence", "4 207 to 1"]
