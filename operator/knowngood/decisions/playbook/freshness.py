"""Whether the data that features are made of is as new as it should be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.playbook.objects import CronJobSeen
from knowngood.decisions.playbook.steps import Finding, moment

OLDER: Final = 2.0
"""How many times the largest age of the day before an age must be to be told, where no policy has a limit."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old the newest data is, as a signal says.

    Attributes:
        signal: Its name.
        now: Seconds.
        usual: The largest age in the day before the harm began; None where nobody knows.
        limit: What a policy calls too old; None where none does.
    """

    signal: str
    now: float
    usual: float | None
    limit: float | None


@dataclass(frozen=True, slots=True)
class Fed:
    """A job that brings data.

    Attributes:
        seen: As it was seen; None where it is not there.
    """

    name: str
    seen: CronJobSeen | None


def upstream_freshness(ages: Sequence[Age], feeds: Iterable[Fed], unread: Sequence[str]) -> Finding:
    """Say whether data has stopped to come.

    Args:
        ages: What signals say.
        feeds: The jobs that the model names.
        unread: What could not be read, and why, in words.
    """
    judged = [*map(_of_age, ages), *map(_of_feed, feeds)]
    missed = f"; not looked at: {'; '.join(unread)}" if unread else ""
    late = [text for bad, text in judged if bad]
    if late:
        return Finding(StepState.FOUND, "; ".join(late) + missed)
    if judged:
        return Finding(StepState.PASSED, "; ".join(text for _, text in judged) + missed)
    if unread:
        return Finding(StepState.FAILED, f"nothing could be read{missed}")
    return Finding(StepState.SKIPPED, _WANTING)


_WANTING: Final = (
    "nothing says how new its data is: no ClusterSignalTemplate with playbook.step UpstreamFreshness has a number for "
    "it (the preset knowngood brings knowngood-feature-age), and spec.feeds of the model names no CronJob"
)

Judged = tuple[bool, str]
"""Whether something is wrong, and words."""


def _of_age(age: Age) -> Judged:
    if age.limit is not None:
        words = f"{age.signal}: {age.now:.0f} s old, and a policy allows {age.limit:.0f} s"
        return age.now > age.limit, words
    if age.usual is None:
        return False, f"{age.signal}: {age.now:.0f} s old; nobody knows what is usual"
    words = f"{age.signal}: {age.now:.0f} s old, {age.usual:.0f} s at most in the day before"
    return age.now > OLDER * age.usual, words


def _of_feed(feed: Fed) -> Judged:
    job, name = feed.seen, f"CronJob {feed.name}"
    if job is None:
        return True, f"{name} is not there"
    if job.suspended:
        return True, f"{name} is suspended{_last(job)}"
    if job.scheduled is None:
        return True, f"{name} has never run"
    if job.lacks_success:
        return True, f"{name}: its latest run was not seen to succeed{_last(job)}"
    words = "its latest run goes on" if job.active else "its latest run has succeeded"
    return False, f"{name}: {words}{_last(job)}"


def _last(job: CronJobSeen) -> str:
    if job.succeeded is None:
        return ", and no run has ever succeeded"
    return f"; a run last succeeded at {moment(job.succeeded)}"
