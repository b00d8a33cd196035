"""What a process of this machine has used, from /proc."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def find(*words: str) -> int:
    """The number of the youngest process whose command has all words.

    Raises:
        LookupError: There is none.
    """
    found = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if set(words) <= set(_text(path).split("\0"))
    ]
    if not found:
        raise LookupError(f"no process runs {' '.join(words)}")
    return max(found)


def cpu_seconds(pid: int) -> float:
    """How long it has worked, its threads together; 0 when it is gone."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0


def memory_mb(pid: int) -> float:
    """Its resident memory; 0 when it is gone."""
    fields = _text(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * _PAGE / 1e6 if fields else 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
