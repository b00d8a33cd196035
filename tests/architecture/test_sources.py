"""Sizes and names: a file holds one idea, a function fits a screen."""

import re

from tests.architecture.sources import ROOT, files, functions, named

FILE_LINES, TEST_LINES, FUNCTION_LINES = 250, 300, 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "models"}
BROAD = re.compile(r"^\s*except\s*(\(?\s*(Base)?Exception\b.*)?:(?P<reason>.*)$")


def test_no_file_is_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in files()}

    assert [
        f"{named(path)}: {lines} lines"
        for path, lines in lengths.items()
        if lines > (TEST_LINES if named(path).startswith("tests/") else FILE_LINES)
    ] == []


def test_no_function_is_long() -> None:
    assert [
        f"{named(path)}: {name} has {lines} lines"
        for path in files()
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    ] == []


def test_every_file_is_named_for_what_it_holds() -> None:
    vague = [named(path) for path in files() if path.stem in VAGUE]
    folders = [named(p) for p in (ROOT / "operator" / "knowngood").rglob("*") if p.stem in VAGUE]

    assert vague + folders == []


def test_whoever_catches_everything_says_why() -> None:
    unexplained = []
    for path in files():
        lines = path.read_text().splitlines()
        for number, (line, after) in enumerate(zip(lines, [*lines[1:], ""], strict=True), start=1):
            found = BROAD.match(line)
            if found and "#" not in found["reason"] + after:
                unexplained.append(f"{named(path)}:{number}: {line.strip()}")

    assert unexplained == []


def test_every_exception_from_a_rule_carries_its_reason() -> None:
    bare = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[a-z-, ]+\]|fmt: skip)\s*$")
    skipped = re.compile(r"#\s*(noqa|type: ignore)\s*$")

    assert [
        f"{named(path)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if skipped.search(line) or (bare.search(line) and "fmt: skip" not in line)
    ] == []
