"""What is said at the end: the course of an incident, and what it did to users."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from e2e.demo.harm import Harm
from e2e.demo.observation import IncidentView
from e2e.load import Answer, Ledger


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the course: who saw what, and how long after the first bad answer."""

    time: datetime
    after_s: float | None
    who: str
    text: str


def course(incident: IncidentView, done: Harm) -> Sequence[Moment]:
    """Return the incident's timeline with what clients saw in between, in order of time."""
    moments = [(entry.time, "Knowngood", entry.text) for entry in incident.timeline]
    moments += [(_time(answer), "clients", text) for answer, text in _seen_by_clients(done)]
    start = _time(done.first_bad) if done.first_bad else None
    return [
        Moment(time, None if start is None else _since(start, time), who, text)
        for time, who, text in sorted(moments, key=lambda moment: moment[0])
    ]


def findings(
    done: Harm,
    ledger: Ledger,
    *,
    bad: str,
    otherwise: str,
    effort: str = "nobody had to do anything",
) -> Sequence[str]:
    """Return what there is to say about a bad version, one sentence per line.

    Args:
        done: What it did to users.
        ledger: Of all requests.
        bad: Its name.
        otherwise: Who approves those whom it has wronged, as it reads after "applicants whom".
        effort: What people had to do until users were safe.
    """
    lines = []
    if done.containment_s is not None:
        lines.append(
            f"from the first bad answer to containment: {done.containment_s:.1f} s, and {effort}"
        )
    lines.append(
        f"in that time version {bad} answered {done.answers} requests and rejected {done.wronged} "
        f"applicants whom {otherwise}"
    )
    lines.append(f"requests of users that failed: {len(ledger.lost())} of {len(ledger)}")
    return lines


def losses(ledger: Ledger, shown: int = 5) -> Sequence[str]:
    """Describe the first requests that were lost."""
    return [
        f"lost: sent at {_clock(answer.sent_at)}, after "
        f"{answer.answered_at - answer.sent_at:.3f} s: {answer.error or f'status {answer.status}'}"
        + (f" from version {answer.version}" if answer.version else "")
        for answer in ledger.lost()[:shown]
    ]


def _since(start: datetime, time: datetime) -> float:
    return round((time - start).total_seconds(), 2) + 0.0  # the sum has no negative zero


def _seen_by_clients(done: Harm) -> Iterator[tuple[Answer, str]]:
    if done.first_bad is not None:
        yield done.first_bad, f"first wrong rejection, of row {done.first_bad.row}"
    if done.last is not None:
        yield done.last, f"last answer of version {done.last.version}"


def _time(answer: Answer) -> datetime:
    return datetime.fromtimestamp(answer.answered_at, UTC)


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
