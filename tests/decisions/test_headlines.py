"""What an incident calls bad: the version, or what all versions share where a step has seen the same at all of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowngood.api.v1alpha1 import IncidentStatus, TaskRole
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.chaining import first_fault
from knowngood.decisions.headlines import LONGEST, headline, restated, to_find_out
from knowngood.decisions.playbook.changes import of_edit, span_before, told
from knowngood.decisions.playbook.names import (
    FEATURE_DISTRIBUTIONS,
    PIPELINE_INTEGRITY,
    RECENT_CHANGES,
    STEPS,
)
from knowngood.decisions.playbook.objects import Edited, cron_jobs_of
from knowngood.decisions.playbook.steps import Finding, begun, ended
from knowngood.decisions.tasks import tasks
from tests.decisions.containment import a_breach
from tests.decisions.ladders import Laddered
from tests.decisions.states import NOW
from tests.decisions.test_playbook_steps import an_incident, status_of

BREACH = a_breach()
PLAIN = "version 8 of loan, which serves, is bad: "
BAD = f"{PLAIN}approval-rate fell"
MOVED = Finding(StepState.FOUND, "it moved", shared="driver_tenure moved at all of them")
ANSWERS = Finding(StepState.FOUND, "it moved", shared="what they answer moved at all of them")
EDITED = Finding(StepState.FOUND, "1 change", shared="CronJob features (it was written by kubectl)")
ALONE = Finding(StepState.FOUND, "at version 8 alone")


def after(*found: tuple[str, Finding], summary: str = BAD) -> IncidentStatus:
    incident = an_incident(summary=summary)
    status = begun(status_of(incident), NOW)
    for name, finding in found:
        status = ended(incident, status, name, finding, NOW)
        assert (
            first_fault(incident.metadata, [e.wire() for e in status.timeline], status.chain)
            is None
        )
    return status


def test_what_is_seen_at_one_version_alone_is_that_version() -> None:
    assert after((FEATURE_DISTRIBUTIONS, ALONE)).summary == BAD
    assert after((RECENT_CHANGES, EDITED)).summary == BAD, "that a feed was edited shows nothing"


@pytest.mark.parametrize("first", [FEATURE_DISTRIBUTIONS, RECENT_CHANGES])
def test_a_common_cause_names_what_is_shared_and_its_feed_whichever_step_ends_first(
    first: str,
) -> None:
    steps = {FEATURE_DISTRIBUTIONS: MOVED, RECENT_CHANGES: EDITED}
    order = sorted(steps.items(), key=lambda step: step[0] != first)

    assert after(*order).summary == (
        "every version of loan that answers shifts, so a version is not the cause: driver_tenure moved at all of "
        "them; they are fed by CronJob features (it was written by kubectl); at version 8, which serves: "
        "approval-rate fell"
    )


def test_where_nothing_is_named_it_is_said_that_no_version_is_the_cause() -> None:
    assert after((PIPELINE_INTEGRITY, ANSWERS)).summary == (
        "every version of loan that answers shifts, so a version is not the cause: what they answer moved at all of "
        "them; at version 8, which serves: approval-rate fell"
    )


def test_the_step_that_names_most_counts_and_what_stands_before_stays() -> None:
    before = "version 8 answers users again since 2026-03-01T12:00:00Z; before that: "

    status = after(
        (PIPELINE_INTEGRITY, ANSWERS), (FEATURE_DISTRIBUTIONS, MOVED), summary=f"{before}{BAD}"
    )

    assert (status.summary or "").startswith(f"{before}every version of loan that answers shifts")
    assert "driver_tenure moved at all of them; at version 8" in (status.summary or "")


def test_what_is_opened_again_says_no_more_what_was_seen_the_time_before() -> None:
    status = after((FEATURE_DISTRIBUTIONS, MOVED), (RECENT_CHANGES, EDITED))
    assert status.summary is not None

    assert restated(status.summary, "loan", "8") == BAD
    assert restated(restated(BAD, "loan", "8", status.steps), "loan", "8", status.steps) == (
        status.summary
    )


def test_other_sentences_stay_and_none_is_too_long() -> None:
    words = "somebody has declared it"
    assert after((FEATURE_DISTRIBUTIONS, MOVED), summary=words).summary == words
    long = after((FEATURE_DISTRIBUTIONS, replace(MOVED, shared="x" * 5000)))
    assert len(long.summary or "") == LONGEST
    assert headline("loan", "8") == PLAIN
    assert len(STEPS) == 5


def test_a_feed_is_named_with_its_last_edit_before_the_harm_and_one_without_after_it() -> None:
    hour = timedelta(hours=1)
    span = span_before(NOW, NOW + hour)
    edits = [
        *of_edit("CronJob", "features", Edited(NOW - timedelta(seconds=37), "kubectl"), span),
        *of_edit("ConfigMap", "units", Edited(NOW + hour / 2, "kubectl"), span),
        *of_edit("IncidentPolicy", "lending", Edited(NOW - hour, "helm"), span),
    ]
    feeds = [("Kafka", "prices"), ("CronJob", "features"), ("ConfigMap", "units")]

    found = told(edits, (), NOW, feeds)

    assert found.shared == (
        "CronJob features (it was written by kubectl, 37 s before it began), Kafka prices"
    )
    assert [c.name for c in found.changes] == ["features", "units", "lending"], "the nearest first"
    assert (
        "changed before it began: CronJob features, it was written by kubectl, 37 s" in found.text
    )


def test_one_of_many_begins_with_what_they_share() -> None:
    story = Laddered(BREACH, many=True)

    assert (story.status.summary or "").startswith(
        "3 of the 3 models of policy lending turned bad within 10 minutes"
    )
    assert "version 7 of loan, which serves, is bad: " in (story.status.summary or "")


def test_whoever_has_the_data_is_asked_and_nobody_is_sent_after_a_version() -> None:
    status = after((FEATURE_DISTRIBUTIONS, MOVED))
    incident = an_incident(summary=BAD).model_copy(update={"status": status})

    found = {task.role: task.text for task in tasks(None, incident, status)}

    assert found[TaskRole.DATA_ENGINEER].startswith(
        "find out what has changed in what reaches every"
    )
    assert to_find_out(status, "8").startswith("find out what has changed")
    alone = after((FEATURE_DISTRIBUTIONS, ALONE))
    assert to_find_out(alone, "8") == "find out what is wrong with version 8"
    assert TaskRole.DATA_ENGINEER not in {task.role for task in tasks(None, incident, alone)}


def test_the_config_maps_that_a_job_reads_are_known() -> None:
    pod = {"spec": {"volumes": [{"name": "v", "configMap": {"name": "units"}}], "containers": []}}
    job = {
        "metadata": {"name": "features"},
        "spec": {"jobTemplate": {"spec": {"template": pod}}},
    }

    (seen,) = cron_jobs_of([job])
    (bare,) = cron_jobs_of([{"metadata": {"name": "bare"}}])

    assert (seen.config_maps, bare.config_maps) == (("units",), ())
