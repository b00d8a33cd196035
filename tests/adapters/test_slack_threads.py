"""A bot of Slack opens one thread for each incident, whoever is killed, and mirrors its timeline there."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.certificates import Authority
from knowngood.adapters.notify.opening import open_receivers
from knowngood.api.v1alpha1 import TimelineEntry
from knowngood.control.receivers import Receiver
from knowngood.errors import ReceiverAway, ReceiverRefused
from knowngood.messages.dispatches import Dispatch
from knowngood.messages.dispatches import test_dispatch as a_test
from knowngood.receivers.receiver import parse_receivers
from tests.adapters.loopback import HOST, answering
from tests.adapters.slack_app import CHANNEL, TOKEN, SlackApp
from tests.adapters.test_receivers import dispatch
from tests.exporting.cases import DETECTED
from tests.messages.cases import NOW

OPENED, CONTAINED, CLOSED = (dispatch(n) for n in ("opened-and-held", "contained", "closed"))


class Room:
    """A channel, and processes that write there one after the other."""

    def __init__(self, app: SlackApp, url: str, authority: Authority, folder: Path) -> None:
        self.app = app
        self._url = url
        self._ca = str(authority.own.certificate)
        self._token = folder / "token"
        self._token.write_text(f"{TOKEN}\n")

    def process(self, **more: object) -> Receiver:
        """A process that knows nothing yet."""
        bot = {
            "botTokenFile": str(self._token),
            "channel": CHANNEL,
            "url": self._url,
            "tls": {"caFile": self._ca},
            **more,
        }
        return open_receivers(parse_receivers({"one": {"slackBot": bot}}), lambda: NOW)["one"]

    @property
    def roots(self) -> list[dict[str, Any]]:
        """Messages that begin a thread."""
        return [p for p in self.app.posts if "thread_ts" not in p]

    @property
    def mirrored(self) -> list[str]:
        """Lines of timelines, as they stand there."""
        posts = [p for p in self.app.posts if p["text"].endswith("more in the timeline")]
        return [ln for p in posts for ln in p["blocks"][0]["text"]["text"].splitlines()]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
async def room(authority: Authority, tmp_path: Path) -> AsyncIterator[Room]:
    server = authority.issue("server", "/CN=slack", addresses=[f"IP:{HOST}"])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(server.certificate, server.key)
    app = SlackApp(page=3)
    async with answering(app.handle, tls) as url:
        yield Room(app, url, authority, tmp_path)


def with_entries(sent: Dispatch, number: int, text: str = "it was looked at") -> Dispatch:
    entries = [
        TimelineEntry(seq=n + 1, time=DETECTED, actor="knowngood", text=f"{text} {n + 1}")
        for n in range(number)
    ]
    return replace(sent, entries=tuple(entries))


async def test_an_incident_has_one_thread_with_its_timeline_in_it(room: Room) -> None:
    assert OPENED.entries, "a message brings the timeline with it"
    one = room.process()
    await one.deliver(with_entries(OPENED, 2))
    await one.remind([with_entries(OPENED, 3)])
    await one.remind([with_entries(OPENED, 3)])
    await one.deliver(with_entries(CONTAINED, 4))
    await one.deliver(with_entries(CLOSED, 5))

    (root,) = room.roots
    assert root["text"] == OPENED.message.title
    assert {p["thread_ts"] for p in room.app.posts[1:]} == {root["ts"]}
    assert [line.split("UTC ")[1] for line in room.mirrored] == [
        f"it was looked at {n}" for n in range(1, 6)
    ]
    titles = [p["text"] for p in room.app.posts if "reply_broadcast" in p]
    assert titles == [CONTAINED.message.title, CLOSED.message.title]


async def test_a_process_that_is_killed_before_anybody_noted_it_opens_no_second_thread(
    room: Room,
) -> None:
    room.app.say("good morning")
    await room.process().deliver(with_entries(OPENED, 2))
    for word in range(7):  # the thread is on a later page of what is there
        room.app.say(f"lunch? {word}")
    before = len(room.app.posts)

    await room.process().deliver(with_entries(OPENED, 2))

    assert len(room.app.posts) == before, "it is there, and so is its timeline"
    await room.process().remind([with_entries(OPENED, 3)])
    assert len(room.mirrored) == 3
    assert len([p for p in room.roots if "metadata" in p]) == 1


async def test_an_answer_that_is_lost_makes_nothing_stand_there_twice(room: Room) -> None:
    one = room.process(deadline="500ms")
    room.app.loses = True
    with pytest.raises(ReceiverAway):
        await one.deliver(with_entries(OPENED, 1))

    await one.deliver(with_entries(OPENED, 1))

    assert [p["text"] for p in room.app.posts] == [OPENED.message.title, "1 more in the timeline"]


async def test_each_incident_has_its_own_thread_and_strangers_words_are_none_of_ours(
    room: Room,
) -> None:
    marks = {"incident": OPENED.thread, "seq": 99}
    room.app.say("not ours", metadata={"event_type": "other", "event_payload": marks})
    room.app.say(
        "odd", metadata={"event_type": "knowngood_incident", "event_payload": {"seq": "x"}}
    )
    other = replace(OPENED, thread="other", key="k2")

    one = room.process()
    await one.deliver(with_entries(OPENED, 1))
    await one.deliver(with_entries(other, 1))

    assert len([p for p in room.roots if p["text"] == OPENED.message.title]) == 2
    assert len(room.mirrored) == 2


async def test_a_long_timeline_comes_in_parts_that_slack_takes(room: Room) -> None:
    await room.process().deliver(with_entries(OPENED, 200, "x" * 2000))

    assert len(room.mirrored) == 200
    assert all(len(line) <= 500 for line in room.mirrored)


async def test_nothing_is_mirrored_where_no_thread_was_begun(room: Room) -> None:
    one = room.process()
    for _ in range(2):
        await one.remind([with_entries(OPENED, 3)])

    assert room.app.posts == []
    assert room.app.calls == ["conversations.history"], "it is looked for once"


async def test_a_button_is_there_where_the_app_is_heard(room: Room, tmp_path: Path) -> None:
    await room.process(signingSecretFile=str(tmp_path / "x")).deliver(OPENED)
    again = replace(OPENED, key="k2", reopened=1)
    await room.process(signingSecretFile=str(tmp_path / "x")).deliver(again)

    found = [
        p["blocks"][-1]["elements"][0]["value"]
        for p in room.app.posts[::1]
        if len(p["blocks"]) == 3
    ]
    assert found == [OPENED.thread, f"{OPENED.thread}/1"]


async def test_what_slack_says_is_told_and_a_wrong_message_keeps_no_other_one_back(
    room: Room,
) -> None:
    room.app.errors["conversations.history"] = ["ratelimited"]
    with pytest.raises(
        ReceiverAway, match=r"^slack answers to conversations.history: ratelimited$"
    ):
        await room.process().deliver(OPENED)
    room.app.errors["chat.postMessage"] = ["invalid_blocks"]
    with pytest.raises(ReceiverRefused, match="invalid_blocks"):
        await room.process().deliver(OPENED)
    with pytest.raises(ReceiverAway, match="channel_not_found"):
        await room.process(channel="C999").deliver(OPENED)


async def test_a_test_message_begins_no_thread(room: Room) -> None:
    await room.process().deliver(a_test("one", NOW))

    (post,) = room.app.posts
    assert "metadata" not in post
    assert room.app.calls == ["chat.postMessage"]


async def test_what_calls_people_is_shown_in_the_channel_too_and_stays_in_the_thread(
    room: Room,
) -> None:
    await room.process().deliver(OPENED)
    worse = replace(OPENED, key="k2", why="ContainmentLost")
    await room.process().deliver(worse)
    await room.process().deliver(CONTAINED)

    (root,) = room.roots
    replies = [p for p in room.app.posts if "reply_broadcast" in p]
    assert [p["reply_broadcast"] for p in replies] == [True, False]
    assert {p["thread_ts"] for p in replies} == {root["ts"]}
