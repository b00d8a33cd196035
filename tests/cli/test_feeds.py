"""`knowngood feed`: what feeds a model, and how one is resumed, by the operator's own decision."""

from typing import Any

from e2e.cluster.waiting import until
from knowngood.api.v1alpha1.feed_status import HeldFeed
from knowngood.cli.views.feeds import feeds_of
from knowngood.decisions.commands import COMMAND_ANNOTATION, Command, Verb, parse
from tests.cli.program import Running, call
from tests.cli.stage import Stage
from tests.cli.statuses import decided, flat, having
from tests.decisions.situations import a_model

AT = "2026-03-01T12:00:00.000000Z"
HELD: dict[str, Any] = {
    "name": "nightly",
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "incident": "loan-1",
    "policy": "lending",
    "policyKind": "IncidentPolicy",
    "trigger": "errors",
    "state": "Suspended",
    "noticedAt": AT,
    "since": AT,
    "verifiedAt": AT,
    "uid": "f1",
    "path": "/spec/suspend",
    "before": "false",
    "value": "true",
}


def test_a_model_without_feeds_is_told_so(stage: Stage) -> None:
    stage.model()

    got = call("feed", "list", "loan", *stage.place)

    assert got.code == 0
    assert "loan names no feeds (spec.feeds)" in got.err


def test_feeds_are_told_with_what_was_done_about_them() -> None:
    feeds = [{"cronJobRef": {"name": "nightly"}}, {"cronJobRef": {"name": "hourly"}}]
    model = a_model(feeds=feeds)
    status = having(decided("at rest"), feeds=(HeldFeed.model_validate(HELD),)).status

    table = feeds_of(model.model_copy(update={"status": status}))

    assert table is not None
    nightly, hourly = ([cell.text for cell in row] for row in table.rows)
    assert nightly[:6] == [
        "nightly",
        "CronJob nightly",
        "Suspended",
        "loan-1",
        "2026-03-01 12:00:00Z",
        "false",
    ]
    assert "spec.suspend is true, and was false before" in nightly[6]
    assert hourly == ["hourly", "CronJob hourly", *["-"] * 5]


def test_resuming_gives_the_command_and_tells_the_answer(stage: Stage) -> None:
    stage.model()
    stage.status("at rest")

    with Running("feed", "resume", "loan", "nightly", *stage.place) as program:
        until(
            lambda: COMMAND_ANNOTATION in stage.live().metadata.annotations,
            "a command is given",
            deadline_s=30,
        )
        given = parse(stage.live().metadata.annotations[COMMAND_ANNOTATION])
        assert isinstance(given, Command)
        assert (given.verb, given.version) == (Verb.RESUME_FEED, "nightly")
        stage.obey("at rest")
        got = program.ends()

    assert got.code == 1
    assert "Refused: this model has no feed nightly (spec.feeds); there are: none" in flat(got.out)


def test_a_name_that_is_none_is_refused_before_anything_is_written() -> None:
    got = call("feed", "resume", "loan", "Nightly Features")

    assert got.code == 2
    assert "is not a feed name" in got.err
