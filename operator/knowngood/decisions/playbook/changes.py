"""What was changed before the harm began: told with its time, and held against nobody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, FailureReason, Standing
from knowngood.api.v1alpha1.command_status import CommandResult
from knowngood.api.v1alpha1.playbook_status import RecentChange, StepState
from knowngood.decisions.playbook.objects import CronJobSeen, Edited
from knowngood.decisions.playbook.steps import Finding, newest_first

LOOKED_BACK: Final = timedelta(hours=24)
"""How long before the harm began a change may have happened to be told."""

MOST_RUNS: Final = 5
"""CronJobs that ran without a fault, which are told: the newest ones; a namespace may have many."""

_WORDS: Final = {
    Standing.CANDIDATE: "may be tried",
    Standing.TRIAL: "got its first requests",
    Standing.PROBATION: "was promoted",
    Standing.KNOWN_GOOD: "was called known good",
    Standing.SUSPECT: "became suspect",
    Standing.REJECTED: "was rejected",
    Standing.SUPERSEDED: "gave way to a newer one",
    Standing.RETIRED: "was retired",
}


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked at: from 24 hours before the harm began up to now."""

    since: datetime
    until: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return at is not None and self.since <= at <= self.until


def span_before(onset: datetime, until: datetime) -> Span:
    """The span of a harm."""
    return Span(onset - LOOKED_BACK, max(onset, until))


def of_versions(
    records: Iterable[AIModelVersion], span: Span, namespace: str, onset: datetime | None = None
) -> Iterator[RecentChange]:
    """How the standing of versions changed; those of another namespace are named with it.

    Args:
        records: Of the versions.
        span: What is looked at.
        namespace: Of the incident.
        onset: When the harm began, where the versions are of its own model: that one of them is called bad since is
            what the harm has led to, also where a process died before it could tell of that.
    """
    for record in records:
        ref, version = record.spec.model_ref.name, record.spec.model.version
        where = record.metadata.namespace
        name = ref if where == namespace else f"{where}/{ref}"
        for change in record.status.transitions if record.status else ():
            led_to = change.reason == FailureReason.BREACHED
            if span.has(change.time) and not (led_to and onset and change.time >= onset):
                words = _WORDS[change.standing]
                text = f"version {version} {words} ({change.reason})"
                yield _change(change.time, "AIModelDeployment", name, text)


def of_command(model: AIModelDeployment, span: Span) -> Iterator[RecentChange]:
    """What a person has asked for last."""
    last = model.status.last_command if model.status else None
    if last is not None and last.result is CommandResult.DONE and span.has(last.time):
        text = f"{last.by} gave the command {last.verb} {last.version}"
        yield _change(last.time, "AIModelDeployment", model.metadata.name, text)


def of_edit(kind: str, name: str, edited: Edited | None, span: Span) -> Iterator[RecentChange]:
    """That an object was written."""
    if edited is not None and span.has(edited.at):
        yield _change(edited.at, kind, name, f"it was written by {edited.by}")


def of_cron_jobs(jobs: Sequence[CronJobSeen], span: Span) -> Iterator[RecentChange]:
    """CronJobs that were written, or ran; of those that ran without a fault only the newest."""
    ran: list[RecentChange] = []
    for job in jobs:
        yield from of_edit("CronJob", job.name, job.edited, span)
        if job.scheduled is None or not span.has(job.scheduled):
            continue
        if job.lacks_success:
            text = "it ran, and was not seen to succeed"
            yield _change(job.scheduled, "CronJob", job.name, text)
        else:
            text = "it was begun and goes on" if job.active else "it ran and succeeded"
            ran.append(_change(job.scheduled, "CronJob", job.name, text))
    yield from sorted(ran, key=lambda change: change.time, reverse=True)[:MOST_RUNS]


def told(changes: Iterable[RecentChange], unread: Sequence[str], onset: datetime) -> Finding:
    """Say what was changed, and what could not be looked at.

    Args:
        changes: All that were found.
        unread: What could not be read, and why, in words.
        onset: When the harm began.
    """
    kept = newest_first(changes)
    missed = f"; not looked at: {'; '.join(unread)}" if unread else ""
    if not kept:
        state = StepState.FAILED if unread else StepState.PASSED
        return Finding(state, f"nothing was seen to change in the 24 hours before{missed}")
    before = next((c for c in kept if c.time <= onset), None)
    last = (
        f"; the last one before it began: {before.kind} {before.name}, {before.text}"
        if before
        else "; all of them since it began"
    )
    plural = "change" if len(kept) == 1 else "changes"
    words = f"{len(kept)} {plural} in the 24 hours before, and since{last}{missed}"
    return Finding(StepState.FOUND, words, kept)


def _change(at: datetime, kind: str, name: str, text: str) -> RecentChange:
    return RecentChange(time=at, kind=kind, name=name[:507], text=text[:1024])
