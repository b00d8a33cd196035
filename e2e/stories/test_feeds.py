"""The version that serves turns bad, and what feeds it is suspended: a real CronJob, which starts no Job any more."""

import json
from typing import Any, Final

from e2e.bed import Room
from e2e.bed.policy import LIMIT, LoanPolicy
from e2e.stories.test_approval import asked, say
from e2e.stories.test_containment import told
from knowngood.api.v1alpha1 import ActionState, ActionType
from knowngood.decisions.feeds import SUSPENDED_BY

Json = dict[str, Any]

FEED: Final = "hourly-features"
OTHER: Final = "nobodys-job"
WITHIN_S: Final = 10
"""What people say takes effect within this time."""
A_MINUTE_S: Final = 150
"""A job that has run in this minute already runs in the next one; a busy node takes as long again."""


def cron_job(name: str) -> Json:
    """One that runs every minute, and whose Jobs end at once."""
    container = {"name": "main", "image": "feed", "command": ["sh", "-c", "echo fed"]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {
            "schedule": "* * * * *",
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        },
    }


def policy(room: Room) -> Json:
    """The policy of the stories of containment, which wants the feeds suspended."""
    written = LoanPolicy(namespace=room.name, contains=True).manifest()
    when = {"roles": ["Stable"], "triggers": [LIMIT]}
    response = {"name": "stop-the-feed", "when": when, "actions": [{"suspendFeed": {}}]}
    written["spec"]["responses"] = [response]
    return written


def due(room: Room, name: str) -> None:
    """Write that its last run lies so far back that the next one is due: nobody waits for a full minute."""
    last = '{"status": {"lastScheduleTime": "2026-01-01T00:00:00Z"}}'
    room.kubectl("patch", "cronjob", name, "--subresource=status", "--type=merge", "-p", last)


def runs(room: Room, name: str) -> set[str]:
    """Names of the Jobs that a CronJob has started, as far as they are there."""
    jobs = json.loads(room.kubectl("get", "jobs", "-o", "json"))["items"]
    mine = (j for j in jobs if j["metadata"]["ownerReferences"][0]["name"] == name)
    return {job["metadata"]["name"] for job in mine}


def seen(room: Room) -> Json:
    """The CronJob that feeds the model."""
    found: Json = json.loads(room.kubectl("get", "cronjob", FEED, "-o", "json"))
    return found


def test_what_feeds_a_bad_model_stops_when_a_person_says_so_and_runs_again(room: Room) -> None:
    # Given a model that serves, and names the job that feeds it,
    model = room.model.manifest()
    model["spec"]["feeds"] = [{"cronJobRef": {"name": FEED}}]
    room.serve(cron_job(FEED), cron_job(OTHER), model, policy(room))
    due(room, FEED)
    room.wait_until(lambda: runs(room, FEED), "the feed runs", deadline_s=A_MINUTE_S)
    with room.load():
        # When it turns bad,
        room.order_errors("1", 0.5)

        # Then people are asked, the feed runs on meanwhile,
        action = asked(room)
        assert (action.type, action.feed) == (ActionType.SUSPEND_FEED, f"CronJob {FEED}")
        assert not seen(room)["spec"]["suspend"]

        # and what a person approves is done:
        name = say(room, "Approve", action)
        room.wait_until(lambda: seen(room)["spec"]["suspend"], "it is suspended", WITHIN_S)
        incident = room.incidents()[0].metadata.name
        assert seen(room)["metadata"]["annotations"][SUSPENDED_BY].endswith(f"/{incident}")
        room.wait_until(
            lambda: told(room).actions[-1].state is ActionState.VERIFIED, "it is told", WITHIN_S
        )
        assert f"{action.id}: decided by {name}" in [e.text for e in told(room).timeline]
        undo = told(room).undo
        assert undo is not None
        assert undo.command == f"knowngood feed resume loan {FEED} -n {room.name}"
        # no Job of it starts any more, while those of others do.
        held = starts_nothing(room)

        # When a person wants it to run again,
        room.command("resume-feed", FEED)

        # Then it does, and nothing of ours is left on it.
        room.wait_until(lambda: not seen(room)["spec"]["suspend"], "it is resumed", WITHIN_S)
        assert SUSPENDED_BY not in seen(room)["metadata"].get("annotations", {})
        room.wait_until(lambda: runs(room, FEED) - held, "it runs again", A_MINUTE_S)
        room.tells_once("FeedSuspended")
        room.tells_once("FeedResumed")


def starts_nothing(room: Room) -> set[str]:
    """See that the feed starts no Job although one is due, and somebody else's does; return those it has started."""
    held, others = runs(room, FEED), runs(room, OTHER)
    due(room, FEED)
    due(room, OTHER)
    room.wait_until(lambda: runs(room, OTHER) - others, "another job runs", A_MINUTE_S)
    room.holds(lambda _: runs(room, FEED) <= held, "the feed starts nothing", for_s=5)
    return held
