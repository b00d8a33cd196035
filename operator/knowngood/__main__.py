"""Start the operator: `python -m knowngood --help`."""

import asyncio
import sys

from knowngood.clock import SystemClock
from knowngood.running import run
from knowngood.settings import SettingsError, parse
from knowngood.telemetry.logs import configure


def main() -> int:
    """Run until a signal comes; returns the process's exit code."""
    try:
        settings = parse(sys.argv[1:])
    except SettingsError as error:
        sys.stderr.write(f"knowngood-operator: {error}\n")
        return 2
    configure(settings.log_level)
    asyncio.run(run(settings, SystemClock()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
