"""The page shows records as they are written."""

import json
import re
from pathlib import Path

from knowngood.exporting.formats import Format, line, written
from knowngood.exporting.records import records_since
from tests.exporting.cases import closed, read
from tests.exporting.test_commands import REFUSED, records

PAGE = (Path(__file__).parents[2] / "docs" / "siem.md").read_text()


def test_the_examples_of_the_page_are_what_is_written() -> None:
    records = records_since(read(closed()), 0)

    shown = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.S | re.M)]

    assert shown == [written(records[1], form, "on-call") for form in (Format.OCSF, Format.ECS)]
    assert line(written(records[-1], Format.CEF, "on-call")) in PAGE.splitlines()


def test_the_command_of_the_page_is_what_is_written() -> None:
    (record,) = records(REFUSED)

    assert line(written(record, Format.CEF, "on-call")) in PAGE.splitlines()
