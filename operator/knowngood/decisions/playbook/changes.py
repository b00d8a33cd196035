"""What was changed before the harm began: told with its time, and held against nobody."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, FailureReason, Standing
from knowngood.api.v1alpha1.command_status import CommandResult
from knowngood.api.v1alpha1.playbook_status import RecentChange, StepState
from knowngood.decisions.playbook.objects import CronJobSeen, Edited
from knowngood.decisions.playbook.steps import Finding, nearest_first
from knowngood.decisions.timeline import distance

LOOKED_BACK: Final = timedelta(hours=24)
"""How long before the harm began a change may have happened to be told."""

MOST_RUNS: Final = 5
"""CronJobs that ran without a fault, which are told: the newest ones; a namespace may have many."""

_SUCCEEDED: Final = "it ran and succeeded"
_GOES_ON: Final = "it was begun and goes on"
_NOT_SEEN: Final = "it ran, and was not seen to succeed"
_RUNS: Final = frozenset({_SUCCEEDED, _GOES_ON, _NOT_SEEN})
"""What is said of a run: that a job runs is no change of it."""

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
            yield _change(job.scheduled, "CronJob", job.name, _NOT_SEEN)
        else:
            text = _GOES_ON if job.active else _SUCCEEDED
            ran.append(_change(job.scheduled, "CronJob", job.name, text))
    yield from sorted(ran, key=lambda change: change.time, reverse=True)[:MOST_RUNS]


def told(
    changes: Iterable[RecentChange],
    unread: Sequence[str],
    onset: datetime,
    feeds: Collection[tuple[str, str]] = (),
) -> Finding:
    """Say what was changed, and what could not be looked at.

    Args:
        changes: All that were found.
        unread: What could not be read, and why, in words.
        onset: When the harm began.
        feeds: Kind and name of what feeds the model, and of the ConfigMaps that it reads.
    """
    kept = nearest_first(changes, onset)
    missed = f"; not looked at: {'; '.join(unread)}" if unread else ""
    shared = _fed(kept, feeds, onset)
    if not kept:
        state = StepState.FAILED if unread else StepState.PASSED
        text = f"nothing was seen to change in the 24 hours before{missed}"
        return Finding(state, text, shared=shared)
    before = [c for c in kept if c.time <= onset]
    edited = next((c for c in before if c.text not in _RUNS), None)
    ran = next((c for c in before if c.text in _RUNS), None)
    named = (
        _nearest("the last thing that was changed before it began", edited, onset),
        _nearest("the last run before it began", ran, onset),
    )
    last = "".join(named) or "; all of them since it began"
    plural = "change" if len(kept) == 1 else "changes"
    words = f"{len(kept)} {plural} in the 24 hours before, and since{last}{missed}"
    return Finding(StepState.FOUND, words, kept, shared)


def _nearest(what: str, change: RecentChange | None, onset: datetime) -> str:
    if change is None:
        return ""
    return f"; {what}: {change.kind} {change.name}, {change.text}, {distance(change.time, onset)}"


def _fed(
    changes: Sequence[RecentChange], feeds: Collection[tuple[str, str]], onset: datetime
) -> str:
    """What feeds the model, and when each of them was written last before the harm began; no run is a change of it."""
    said = []
    for kind, name in feeds:
        mine = (c for c in changes if (c.kind, c.name) == (kind, name) and c.time <= onset)
        edit = next((c for c in mine if c.text not in _RUNS), None)
        when = f" ({edit.text}, {distance(edit.time, onset)})" if edit else ""
        if edit or kind != "ConfigMap":
            said.append((edit is None, f"{kind} {name}{when}"))
    return ", ".join(text for _, text in sorted(said, key=itemgetter(0)))


def _change(at: datetime, kind: str, name: str, text: str) -> RecentChange:
    return RecentChange(time=at, kind=kind, name=name[:507], text=text[:1024])
