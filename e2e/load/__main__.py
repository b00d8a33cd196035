"""`python -m e2e.load`: send loan applications and say what comes back."""

import argparse
import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence

from e2e.load.answer import Answer
from e2e.load.generator import Load
from e2e.load.ledger import Ledger
from e2e.load.traffic import Traffic
from e2e.models.clock import unix_seconds

_EVERY_S = 2.0


def main() -> int:
    """Run the load; 1 means that requests were lost."""
    options = _parser().parse_args()
    traffic = Traffic(url=options.url, host=options.host, rate=options.rps, path=options.path)
    end = time.monotonic() + options.seconds
    with Load.start(traffic) as load, contextlib.suppress(KeyboardInterrupt):
        while (left := end - time.monotonic()) > 0:
            threading.Event().wait(min(left, _EVERY_S))
            load.check()
            _say(_shares(load.ledger, unix_seconds() - _EVERY_S))
    _say(_summary(load.ledger))
    return 1 if load.ledger.lost() else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m e2e.load", description=__doc__)
    parser.add_argument("--url", required=True, help="where the gateway listens")
    parser.add_argument("--host", default="loan.example.com", help="Host header (%(default)s)")
    parser.add_argument("--path", default="/predict", help="path (%(default)s)")
    parser.add_argument("--rps", type=float, default=60, help="requests per second (%(default)g)")
    parser.add_argument("--seconds", type=float, default=60, help="how long (%(default)g)")
    return parser


def _shares(ledger: Ledger, since: float) -> str:
    tallies = ledger.tallies(since)
    total = sum(tally.answers for tally in tallies.values())
    parts = [
        f"version {version}: {tally.answers / total:.0%} of the answers"
        + (f", approves {tally.approval_rate:.0%}" if tally.approval_rate is not None else "")
        for version, tally in sorted(tallies.items())
    ]
    return "; ".join([*parts, f"lost {len(ledger.lost(since))}"])


def _summary(ledger: Ledger) -> str:
    answers = ledger.answers()
    times = sorted(answer.answered_at - answer.sent_at for answer in answers)
    lines = [f"{len(answers)} requests, {len(ledger.lost())} lost, {len(ledger.injected())} faults"]
    if times:
        middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
        lines.append(f"answered within {middle * 1e3:.1f} ms (median), {late * 1e3:.1f} ms (99 %)")
    lines += [f"  {count} x {what}" for what, count in _reasons(ledger.lost()).most_common()]
    return "\n".join(lines)


def _reasons(lost: Sequence[Answer]) -> Counter[str]:
    return Counter(answer.error or f"status {answer.status}" for answer in lost)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
