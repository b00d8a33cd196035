"""Every Python file of the project, parsed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("operator", "e2e", "tests")


@cache
def files() -> tuple[Path, ...]:
    found = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    return (*sorted(found), ROOT / "conftest.py")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of every function; its docstring is a promise and not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[0] if ast.get_docstring(node) is not None else None
            yield node.name, _lines(node) - (_lines(said) if said else 0)


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
