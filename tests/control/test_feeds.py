"""Feeds are suspended when what serves turns bad, under a running operator: asked about, done, seen, and resumed."""

import asyncio

import pytest

from knowngood.errors import Refused
from tests.control.feeding import (
    FEED,
    answer,
    asks,
    by,
    held,
    incident,
    is_fed,
    is_waiting,
    states,
    suspended,
    texts,
    turns_bad,
    value,
)
from tests.control.process import played, until
from tests.control.test_probation import told
from tests.control.world import World


def test_people_are_asked_by_default_and_nothing_is_suspended_before_they_have_approved() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        await turns_bad(world)
        await until(lambda: is_waiting(world))
        await asyncio.sleep(60)
        assert (value(world), by(world)) == ("false", "")
        assert "--action a2" in incident(world)["nextForHuman"]
        answer(world, "alice")
        await until(lambda: held(world)["state"] == "Suspended", within=5)

    world = played(story)

    assert value(world) == "true"
    assert by(world).startswith("lending/loan/")
    assert by(world).endswith("/loan-1")
    assert states(world) == [("Hold", "Verified"), ("SuspendFeed", "Verified")]
    assert "spec.suspend is true, and was false before" in incident(world)["actions"][1]["result"]
    assert "running on: nightly-1" in incident(world)["actions"][1]["result"]
    assert world.feeds.writes == [(FEED, "true")]
    assert len(told(world, "ApprovalNeeded")) == 1
    assert len(told(world, "FeedSuspended")) == 1


def test_it_is_written_down_what_the_field_was_before_anything_is_written() -> None:
    seen: list[object] = []

    async def story(world: World) -> None:
        world.feeds.meanwhile = lambda: seen.append(
            (held(world)["state"], held(world)["before"], value(world))
        )
        await suspended(world)

    played(story)

    assert seen == [("Suspending", "false", "false")]


def test_a_person_resumes_it_and_it_is_as_it_was() -> None:
    async def story(world: World) -> None:
        await suspended(world)
        undo = incident(world)["undo"]
        assert undo["command"] == "knowngood feed resume loan nightly -n lending"
        began = world.clock.monotonic()
        world.command(f"resume-feed {FEED}")
        await until(lambda: value(world) == "false")
        assert world.clock.monotonic() - began < 10
        await asyncio.sleep(60)

    world = played(story, seconds=300)

    assert (value(world), by(world)) == ("false", "")
    assert held(world)["state"] == "Resumed", "and it is not asked about again in this incident"
    assert world.status()["lastCommand"]["result"] == "Done"
    assert "nightly is resumed (spec.suspend is false again)" in texts(world)[-1]
    assert "unverified asked for CronJob nightly to be resumed" in texts(world)[-2]
    assert "undo" not in incident(world)
    assert len(told(world, "FeedResumed")) == 1


def test_to_close_the_incident_resumes_nothing_and_the_feed_can_be_resumed_later() -> None:
    async def story(world: World) -> None:
        await suspended(world)
        closed = {"resolution": "Resolved", "by": "alice"}
        world.server.patch(
            "Incident", "lending", "loan-1", lambda b: b["spec"].update(close=closed)
        )
        await until(lambda: incident(world)["phase"] == "Closed")
        await asyncio.sleep(30)
        assert value(world) == "true"
        assert held(world)["state"] == "Suspended"
        world.command(f"resume-feed {FEED}")
        await until(lambda: value(world) == "false")
        await until(lambda: held(world) == {})

    played(story, seconds=300)


def test_a_veto_holds_as_long_as_the_incident_is_open() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        await turns_bad(world, asks("VetoWindow", timeout="1m"))
        await until(lambda: is_waiting(world))
        answer(world, "bob", "Reject")
        await asyncio.sleep(150)

    world = played(story, seconds=300)

    assert value(world) == "false"
    assert states(world)[1:] == [("SuspendFeed", "Rejected")]
    assert "bob (unverified) said no" in incident(world)["actions"][1]["result"]
    assert held(world)["by"] == "bob"
    assert world.feeds.writes == []


def test_a_window_that_is_over_suspends_it() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        await turns_bad(world, asks("VetoWindow", timeout="30s"))
        await until(lambda: value(world) == "true", within=120)

    world = played(story)

    assert len(world.status()["suspensions"]) == 1


def test_a_feed_that_was_suspended_before_is_left_alone_and_that_is_said() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        world.feeds.put("lending", "cronjobs", FEED, "true")
        await turns_bad(world)
        await until(lambda: held(world) != {})
        await asyncio.sleep(20)
        world.command(f"resume-feed {FEED}")
        await asyncio.sleep(5)

    world = played(story)

    assert states(world)[1:] == [("SuspendFeed", "Skipped")]
    assert "was suspended already" in incident(world)["actions"][1]["result"]
    assert world.feeds.writes == []
    assert world.status()["lastCommand"]["result"] == "Refused"
    assert len(told(world, "FeedNotSuspended")) == 1


def test_what_a_person_resumes_by_hand_is_not_fought_and_is_told() -> None:
    async def story(world: World) -> None:
        await suspended(world)
        world.feeds.put("lending", "cronjobs", FEED, "false")
        await until(lambda: held(world)["state"] == "ResumedByHand", within=30)
        await asyncio.sleep(60)

    world = played(story, seconds=300)

    assert value(world) == "false"
    assert world.feeds.writes == [(FEED, "true")]
    assert "was resumed by hand" in texts(world)[-1]


@pytest.mark.parametrize("state", ["Failed", "Suspended"])
def test_a_refusal_is_the_result_and_is_not_tried_again_and_again(state: str) -> None:
    async def story(world: World) -> None:
        if state == "Suspended":
            await suspended(world)
            world.feeds.refused = Refused("cronjobs is forbidden")
            world.command(f"resume-feed {FEED}")
            await until(lambda: bool(told(world, "FeedNotResumed")))
            world.feeds.reads = 0
            await asyncio.sleep(60)
            assert world.feeds.reads < 15
            world.feeds.refused = None
            world.command(f"resume-feed {FEED}")
            await until(lambda: held(world)["state"] == "Resumed")
            return
        world.feeds.refused = Refused("cronjobs is forbidden")
        is_fed(world)
        await turns_bad(world, asks("Act"))
        await until(lambda: held(world).get("state") == "Failed")
        world.feeds.reads = 0
        await asyncio.sleep(60)
        assert world.feeds.reads == 0

    world = played(story, seconds=400)

    told_in = incident(world)["actions"][1]
    assert told_in["state"] == ("Failed" if state == "Failed" else "Verified")
    if state == "Failed":
        assert "cronjobs is forbidden" in told_in["result"]


def test_what_is_not_in_the_list_is_refused_with_the_setting() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        other = {"apiVersion": "argoproj.io/v1alpha1", "kind": "CronWorkflow", "name": "spread"}
        world.edit(lambda body: body["spec"].update(feeds=[{"ref": other}]))
        await turns_bad(world)
        await until(lambda: ("SuspendFeed", "Skipped") in states(world))

    world = played(story)

    text = incident(world)["actions"][1]["result"]
    assert "spec.feeds: argoproj.io/v1alpha1 CronWorkflow is not in feeds.suspendable" in text
    assert world.feeds.reads == 0


def test_a_limit_counts_feeds_for_themselves() -> None:
    async def story(world: World) -> None:
        is_fed(world)
        await turns_bad(world, asks("Act"), limits={"cooldown": "5m"})
        await until(lambda: value(world) == "true")
        first = world.clock.monotonic()
        world.command(f"resume-feed {FEED}")
        await until(lambda: held(world)["state"] == "Resumed")
        closed = {"resolution": "Resolved", "by": "alice"}
        world.server.patch(
            "Incident", "lending", "loan-1", lambda b: b["spec"].update(close=closed)
        )
        world.error_rates["7"] = 0.0
        await until(lambda: world.status().get("servingBreaches", []) == [])
        world.error_rates["7"] = 0.3
        await until(lambda: held(world).get("state") == "Limited")
        assert value(world) == "false"
        await until(lambda: value(world) == "true")
        assert world.clock.monotonic() - first >= 300

    world = played(story, seconds=600)

    assert world.status().get("shifts", []) == []
    assert len(world.status()["suspensions"]) == 2
    entries = [e["text"] for e in incident(world, 2)["timeline"]]
    assert any("the limit cooldown: 5m of the policies is reached" in text for text in entries)
