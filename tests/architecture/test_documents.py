"""Every word that the operator says is explained somewhere."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from knowngood.api.v1alpha1 import ConditionType, Phase, Reason, WaitingFor
from knowngood.decisions.phases import EDGES

ROOT = Path(__file__).parents[2]
REASONS = (ROOT / "docs/reasons.md").read_text()
DOCUMENTS = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
ROLLOUTS = (ROOT / "docs/rollouts.md").read_text()
ARROW = re.compile(r"^    (\w+) --> (\w+)", re.MULTILINE)
TOLD = re.compile(r'Notice\(\s*"([A-Z][A-Za-z]+)"')


@pytest.mark.parametrize("words", [Reason, Phase, WaitingFor], ids=lambda words: words.__name__)
def test_every_word_of_a_status_has_its_line(words: type[StrEnum]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in REASONS] == []


def test_every_condition_is_explained() -> None:
    assert [kind.value for kind in ConditionType if f"`{kind.value}`" not in DOCUMENTS] == []


def test_every_event_has_its_line() -> None:
    sources = (ROOT / "operator/knowngood/decisions").glob("*.py")
    told = {reason for path in sources for reason in TOLD.findall(path.read_text())}

    assert len(told) > 20
    assert sorted(reason for reason in told if f"`{reason}`" not in REASONS) == []


def test_every_reason_is_said_by_somebody() -> None:
    sources = [*(ROOT / "operator/knowngood").rglob("*.py")]
    code = "\n".join(p.read_text() for p in sources if p.name != "meta.py")

    # A phase is a reason, too, and so is why a version was taken back.
    said = {*Phase, *re.findall(r"[A-Z][A-Za-z]+", code)}
    unsaid = [r.value for r in Reason if f"Reason.{r.name}" not in code and r.value not in said]
    assert unsaid == []


def test_the_drawing_of_the_phases_has_every_edge_and_no_other() -> None:
    """But those to and from Suspended, which would hide the rest; a sentence below the drawing has them."""
    drawn = {(Phase(source), Phase(target)) for source, target in ARROW.findall(ROLLOUTS)}

    declared = {(source, target) for source, targets in EDGES.items() for target in targets}
    assert drawn == {edge for edge in declared if Phase.SUSPENDED not in edge}


PAGES = [p for p in ROOT.rglob("*.md") if not {".venv", "shared"} & set(p.relative_to(ROOT).parts)]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_only_to_what_there_is(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_found_from_the_first_one() -> None:
    first = (ROOT / "README.md").read_text()

    pages = [page.name for page in (ROOT / "docs").glob("*.md")]
    assert [name for name in pages if f"(docs/{name})" not in first] == []


def test_every_story_is_listed() -> None:
    listed = (ROOT / "e2e/stories/README.md").read_text()

    stories = [path.name for path in (ROOT / "e2e/stories").glob("test_*.py")]
    assert [name for name in stories if f"`{name}`" not in listed] == []
