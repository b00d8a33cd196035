# ruff: noqa: INP001 - a script beside what it writes, run by its path
"""Write the CustomResourceDefinitions beside this file and into the chart, or check that they are up to date.

The chart has copies: Helm packs only what lies below the chart, and links out of it are refused by some installers.

Usage: python crds/generate.py [--check]
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import yaml

from knowngood.api.definition import definition
from knowngood.api.v1alpha1.resources import RESOURCES, Resource

HERE: Final = Path(__file__).parent
CHART: Final = HERE.parent / "charts" / "knowngood" / "crds"
HEADER: Final = "# Written by crds/generate.py from the models: change those, then run it again.\n"


def text_of(resource: Resource) -> str:
    """Render the file of one kind."""
    body = yaml.safe_dump(definition(resource), sort_keys=False, width=100, allow_unicode=True)
    return HEADER + body


def wanted() -> dict[str, str]:
    """Name and content of every file."""
    return {f"{resource.plural}.yaml": text_of(resource) for resource in RESOURCES}


def differences(directory: Path) -> list[str]:
    """Say which files of a directory are not what the models say, one line each."""
    files = wanted()
    found = {path.name: path.read_text() for path in directory.glob("*.yaml")}
    return (
        [f"{name}: missing" for name in sorted(files.keys() - found.keys())]
        + [f"{name}: no such kind" for name in sorted(found.keys() - files.keys())]
        + [f"{n}: out of date" for n in sorted(files.keys() & found.keys()) if files[n] != found[n]]
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with --check compare them. Returns 1 when they differ."""
    parser = argparse.ArgumentParser(description="Write the CRDs from the models.")
    parser.add_argument("--check", action="store_true", help="only say whether the files differ")
    parser.add_argument(
        "directory",
        type=Path,
        nargs="*",
        default=[HERE, CHART],
        help="default: crds/ and the chart's",
    )
    options = parser.parse_args(arguments)
    lines = [f"{place}/{line}" for place in options.directory for line in differences(place)]
    if options.check:
        sys.stderr.writelines(f"{line}; run python crds/generate.py\n" for line in lines)
        return 1 if lines else 0
    for place in options.directory:
        for name, text in wanted().items():
            (place / name).write_text(text)
    sys.stdout.writelines(f"{line.split(':')[0]}: written\n" for line in lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
