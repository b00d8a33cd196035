"""The order of the layers, as pyproject.toml declares it."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

COMMAND = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_dependencies_point_inward() -> None:
    got = subprocess.run(  # noqa: S603  - our own words, to our own Python
        [sys.executable, "-c", COMMAND, "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "operator")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert got.returncode == 0, got.stdout + got.stderr
    assert "0 broken" in got.stdout


@pytest.mark.parametrize(
    "package", ["api", "signals", "analysis", "decisions", "exporting", "errors"]
)
def test_the_pure_core_is_named_in_its_contract(package: str) -> None:
    assert f'"knowngood.{package}"' in (ROOT / "pyproject.toml").read_text()


def test_the_source_root_does_not_shadow_the_standard_library() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()
