"""Whether there is a way back, and what was changed lately, from values alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import (
    Condition,
    ConditionType,
    FallbackState,
    FallbackStatus,
    Observed,
    ProvedBy,
    Reason,
    Standing,
    Transition,
    VersionNames,
    VersionStatus,
)
from knowngood.api.v1alpha1.command_status import CommandResult, LastCommand
from knowngood.api.v1alpha1.playbook_status import RecentChange, StepState
from knowngood.decisions.golden import Tried
from knowngood.decisions.playbook.changes import (
    MOST_RUNS,
    of_command,
    of_cron_jobs,
    of_edit,
    of_versions,
    span_before,
    told,
)
from knowngood.decisions.playbook.objects import CronJobSeen, Edited, edited_of
from knowngood.decisions.playbook.standing_by import Ready, fallback_ready
from tests.decisions.situations import a_model, a_record
from tests.decisions.states import NOW

HOUR = timedelta(hours=1)
SPAN = span_before(NOW, NOW + HOUR)
RIGHT = FallbackStatus(
    version="7",
    state=FallbackState.RIGHT,
    by=ProvedBy.COPIES,
    since=NOW - HOUR,
    message="version 7 is healthy",
)


def ready(
    fallback: FallbackStatus | None = RIGHT,
    *,
    stable: str = "8",
    shadow: str = "7",
    condition: Condition | None = None,
    **observed: Any,
) -> Ready:
    model = a_model()
    assert model.status is not None
    status = model.status.model_copy(
        update={
            "versions": VersionNames(stable=stable, shadow=shadow),
            "fallback": fallback,
            "conditions": (condition,) if condition else (),
        }
    )
    seen = Observed(**{"image_ids": ("m=a",), "judged_image_ids": ("m=a",), **observed})
    record = a_record("7").model_copy(update={"status": VersionStatus(observed=seen)})
    pods = {"8": 3, "7": 1}
    return Ready(model.model_copy(update={"status": status}), "8", record, pods, None)


def no_known_good(message: str) -> Condition:
    return Condition(
        type=ConditionType.KNOWN_GOOD_AVAILABLE,
        status="False",
        reason=Reason.ONLY_ONE_VERSION,
        message=message,
        last_transition_time=NOW,
    )


def known(state: FallbackState, message: str = "it is so") -> FallbackStatus:
    return RIGHT.model_copy(update={"state": state, "message": message})


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (ready(), StepState.PASSED, "version 7 is healthy (since 2026-03-01T11:00:00Z); 1 of its"),
        (ready(), StepState.PASSED, "3 are needed: the others are started before anybody is sent"),
        (ready(), StepState.PASSED, "it runs the contents that it was judged with"),
        (ready(known(FallbackState.WRONG)), StepState.FOUND, "stands by: it is so"),
        (ready(known(FallbackState.NOT_READY)), StepState.FOUND, "stands by: it is so"),
        (ready(known(FallbackState.UNTRIED)), StepState.FOUND, "it gets no copies, and no golden"),
        (ready(None), StepState.FOUND, "nobody has looked at it yet"),
        (ready(image_ids=("m=b",)), StepState.FOUND, "it runs what was never judged: m=b"),
        (ready(missing_refs=("ConfigMap x",)), StepState.FOUND, "what is not there: ConfigMap x"),
        (ready(condition=no_known_good("frozen")), StepState.FOUND, "frozen"),
        (ready(shadow="", condition=no_known_good("only one")), StepState.FOUND, "by: only one"),
        (ready(stable="7", shadow=""), StepState.PASSED, "version 7 answers everybody already"),
        (replace(ready(), record=None), StepState.FOUND, "it has no record"),
    ],
    ids=[
        "right",
        "capacity",
        "contents",
        "wrong",
        "not ready",
        "untried",
        "unknown",
        "other contents",
        "missing",
        "unavailable",
        "nobody",
        "already there",
        "no record",
    ],
)
def test_the_way_back(found: Ready, state: StepState, words: str) -> None:
    said = fallback_ready(found)

    assert (said.state, words in said.text) == (state, True), said.text


def test_the_latest_golden_requests_are_told_with_their_time() -> None:
    found = replace(ready(), tried=Tried(5, 0, NOW))

    assert "last answered at 2026-03-01T12:00:00Z" in fallback_ready(found).text


def test_a_model_that_never_served_has_no_way_back() -> None:
    bare = replace(ready(), model=a_model().model_copy(update={"status": None}))

    assert fallback_ready(bare).state is StepState.SKIPPED


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (NOW - timedelta(hours=24), True),
        (NOW - timedelta(hours=24, seconds=1), False),
        (NOW + HOUR, True),
        (NOW + HOUR + timedelta(seconds=1), False),
        (None, False),
    ],
)
def test_the_span_reaches_from_a_day_before_up_to_now(at: datetime | None, *, inside: bool) -> None:
    assert SPAN.has(at) is inside


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_words(standing: Standing) -> None:
    passed = Transition(standing=standing, time=NOW, reason="Because")
    status = VersionStatus(transitions=(passed,))
    record = a_record("8").model_copy(update={"status": status})

    (here,), (elsewhere,) = (list(of_versions([record], SPAN, ns)) for ns in ("lending", "other"))

    assert here.text.startswith("version 8 ")
    assert (here.name, elsewhere.name) == ("loan", "lending/loan")


@pytest.mark.parametrize(("result", "count"), [(CommandResult.DONE, 1), (CommandResult.REFUSED, 0)])
def test_a_command_that_was_carried_out_is_a_change(result: CommandResult, count: int) -> None:
    last = LastCommand(nonce="n", verb="promote", version="8", by="alice", result=result, time=NOW)
    model = a_model()
    assert model.status is not None
    status = model.status.model_copy(update={"last_command": last})

    found = list(of_command(model.model_copy(update={"status": status}), SPAN))

    assert [c.text for c in found] == ["alice gave the command promote 8"][:count]


def test_jobs_that_failed_are_told_besides_the_newest_that_ran() -> None:
    ran = [
        CronJobSeen(f"n{n}", scheduled=NOW - n * HOUR / 10, succeeded=NOW)
        for n in range(MOST_RUNS + 3)
    ]
    failed = CronJobSeen("bad", scheduled=NOW - 20 * HOUR, succeeded=NOW - 30 * HOUR)
    goes_on = CronJobSeen("slow", scheduled=NOW, active=1)

    found = list(of_cron_jobs([*ran, failed, goes_on], SPAN))

    texts = [(c.name, c.text) for c in found]
    assert ("bad", "it ran, and was not seen to succeed") in texts
    assert ("slow", "it was begun and goes on") in texts
    assert len(found) == MOST_RUNS + 1


def test_writes_to_a_status_are_no_edits() -> None:
    fields = [
        {"manager": "kubectl", "time": "2026-03-01T11:00:00Z"},
        {"manager": "controller", "time": "2026-03-01T11:30:00Z", "subresource": "status"},
        {"manager": "nobody knows when"},
    ]

    assert edited_of({"managedFields": fields}) == Edited(NOW - HOUR, "kubectl")
    assert edited_of({}) is None


def test_what_is_told_names_the_last_change_before_the_harm() -> None:
    before = list(of_edit("ConfigMap", "rules", Edited(NOW - HOUR, "kubectl"), SPAN))
    since = [RecentChange(time=NOW + HOUR / 2, kind="CronJob", name="x", text="it ran")]

    ran = RecentChange(time=NOW, kind="CronJob", name="x", text="it ran and succeeded")
    text = told([*before, *since, ran], (), NOW).text
    assert "the last thing that was changed before it began: ConfigMap rules" in text
    assert "1 h before it began; the last run before it began: CronJob x" in text
    assert "all of them since it began" in told(since, (), NOW).text
    nothing, unread = told((), (), NOW), told((), ("CronJobs (no)",), NOW)
    assert (nothing.state, unread.state) == (StepState.PASSED, StepState.FAILED)
    assert "not looked at: CronJobs (no)" in unread.text
