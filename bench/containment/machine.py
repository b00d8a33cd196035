"""How busy this machine was: a figure without it says little."""

import os
from pathlib import Path


class Busy:
    """The share of the machine's processors that was used since this was made."""

    def __init__(self) -> None:
        self._before = _jiffies()

    @property
    def share(self) -> float:
        """From 0 to 1, over all processors and everybody's programs."""
        used, every = _jiffies()
        return (used - self._before[0]) / max(1, every - self._before[1])


def processors() -> int:
    """How many there are."""
    return os.cpu_count() or 1


def waiting() -> float:
    """Programs that ran or waited for a processor, on average over the last five minutes."""
    return os.getloadavg()[1]


def _jiffies() -> tuple[int, int]:
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    numbers = [int(field) for field in fields]
    idle = numbers[3] + numbers[4]
    return sum(numbers) - idle, sum(numbers)
