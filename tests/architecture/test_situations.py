"""The page of what happens when: every line that this release keeps names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs/situations.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| when ")
]
SITUATIONS = 42
NAME = re.compile(r"`(test_\w+)`")
LATER = "not in this release"


def existing() -> set[str]:
    sources = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "e2e/stories").glob("test_*.py")]
    return {name for path in sources for name in re.findall(r"def (test_\w+)", path.read_text())}


def test_every_situation_has_its_line() -> None:
    assert len(ROWS) == SITUATIONS
    assert all(len(row) == 3 for row in ROWS)


def test_every_line_that_is_kept_is_held_by_tests_that_exist() -> None:
    known = existing()

    for when, then, held in ROWS:
        named = set(NAME.findall(held))
        assert named <= known, when
        assert named or LATER in then, when
