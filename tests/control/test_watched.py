"""What is kept of a version that serves for months: as much as somebody looks at, and no more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Standing
from knowngood.control.arms import alone
from knowngood.control.evidence import Evidence
from knowngood.control.watched import (
    LONGEST_PROBATION,
    MEMORY,
    Watched,
    anew_since,
    epoch_of,
    since_of,
)
from knowngood.decisions.records import record_of
from knowngood.signals.counting import CountLedger
from tests.control.manifests import a_model
from tests.control.world import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86400.0


def a_record(standing: Standing, days: float) -> AIModelVersion:
    body = a_model()
    body["metadata"]["uid"] = "u1"
    made: dict[str, Any] = record_of(AIModelDeployment.model_validate(body))
    promoted = (NOW - timedelta(days=days)).isoformat()
    made["status"] = {"standing": standing, "promotedAt": promoted}
    return AIModelVersion.model_validate(made)


@pytest.mark.parametrize(
    ("standing", "days", "back"),
    [
        pytest.param(Standing.PROBATION, 1.0, DAY, id="a day of probation, whole"),
        pytest.param(Standing.PROBATION, 90.0, LONGEST_PROBATION, id="for ever in probation"),
        pytest.param(Standing.KNOWN_GOOD, 90.0, MEMORY, id="known good for months"),
    ],
)
def test_a_new_leader_reads_no_more_than_decides_something(
    standing: Standing, days: float, back: float
) -> None:
    since = since_of(a_record(standing, days), (), NOW.timestamp())

    assert back <= NOW.timestamp() - since <= back + MEMORY


def test_what_a_person_has_given_the_requests_back_to_is_judged_by_what_comes_after() -> None:
    record, again = a_record(Standing.KNOWN_GOOD, 90.0), NOW - timedelta(seconds=5)
    body = a_model()
    body["metadata"]["uid"] = "u1"
    before = AIModelDeployment.model_validate(body)
    after = AIModelDeployment.model_validate({**body, "status": {"judgedSince": again.isoformat()}})

    since = since_of(record, (), NOW.timestamp(), anew_since(after))

    assert since == again.timestamp()
    assert since_of(record, (), NOW.timestamp(), anew_since(before)) < since
    assert epoch_of(before, record) != epoch_of(after, record)
    assert epoch_of(after, record) == epoch_of(after, record)


@pytest.mark.parametrize(
    ("is_tried", "kept"), [(True, LONGEST_PROBATION), (False, MEMORY)], ids=["tried", "known good"]
)
def test_what_nobody_looks_at_any_more_is_dropped(is_tried: bool, kept: float) -> None:  # noqa: FBT001  - a case
    body = a_model()
    body["metadata"]["uid"] = "u1"
    record = a_record(Standing.PROBATION, 20)
    model = AIModelDeployment.model_validate(body)
    watched = Watched(("epoch",), Evidence(alone(model, record, World().endpoints, 0.0)))
    watched.is_tried = is_tried
    ledger = watched.evidence.ledgers["errors"] = CountLedger(0.0)
    column = ledger.column("7")
    for second in range(0, int(20 * DAY), 600):
        column.append(second, 0, 1)
    before = column.between(15 * DAY, 20 * DAY)

    watched.let_go(20 * DAY, MEMORY)

    assert 20 * DAY - kept <= column.seconds[0] <= 20 * DAY - kept + 600
    recent = 20 * DAY - min(kept, 5 * DAY)
    assert column.between(recent, 20 * DAY).total == min(before.total, int(kept // 600))
