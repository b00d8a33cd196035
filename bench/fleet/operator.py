"""The operator, all of it, on the bench's clock: `python -m bench.fleet.operator PACE_FILE OPTIONS…`."""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bench.fleet.pace import FastClock
from e2e.cluster import Image
from knowngood.running import run
from knowngood.settings import parse
from knowngood.telemetry.logs import configure

MODULE: Final = "bench.fleet.operator"
_ROOT: Final = Path(__file__).parents[2]


def image(pace: Path) -> Image:
    """What the node runs for the operator's image: the chart's options follow it."""
    paths = f"{_ROOT / 'operator'}:{_ROOT}"
    return Image((sys.executable, "-m", MODULE, str(pace)), {"PYTHONPATH": paths})


if __name__ == "__main__":
    settings = parse(sys.argv[2:])
    configure(settings.log_level)
    asyncio.run(run(settings, FastClock(Path(sys.argv[1]))))
