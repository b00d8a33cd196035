"""The `Receiver` port on a bot of Slack: one thread for each incident, and its timeline in it.

What is there is read from the channel: each message of ours says, unseen, which incident it is about and how far the
timeline has come. So a thread is opened once, also by a process that was killed before anybody could note it, and
nothing is written into the incident for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from knowngood.adapters.notify.slack import SECTION, button, post_of
from knowngood.adapters.notify.slack_api import Marks, SlackApi
from knowngood.api.v1alpha1 import TimelineEntry
from knowngood.errors import ReceiverError
from knowngood.exporting.texts import clean
from knowngood.messages.dispatches import TEST, Dispatch
from knowngood.messages.message import moment
from knowngood.receivers.arms import SlackBot
from knowngood.receivers.hooks import call_of

EVERY: Final = 15.0
ENTRIES: Final = 20
"""Entries of the timeline in one message: a channel takes a message a second."""

LONGEST_ENTRY: Final = 500
_BEFORE: Final = timedelta(minutes=5)
"""How much earlier than the incident the clock of Slack may say that its thread began."""


@dataclass(slots=True)
class _Thread:
    """What stands in the channel of one incident.

    Attributes:
        ts: Of its first message; empty where there is none.
        seq: The last entry of the timeline that was mirrored.
        keys: Messages that are there.
    """

    ts: str = ""
    seq: int = 0
    keys: set[str] = field(default_factory=set)


class SlackThreads:
    """Sends to one channel."""

    reminded_every: float | None = EVERY

    def __init__(self, config: SlackBot) -> None:
        self._config = config
        self._api = SlackApi(config)
        self._threads: dict[str, _Thread] = {}

    async def deliver(self, dispatch: Dispatch) -> None:
        """Begin the thread of an incident, or write into it; then what its timeline has that is not there."""
        if dispatch.why == TEST:
            await self._api.post(post_of(dispatch), None)
            return
        try:
            thread = await self._thread(dispatch)
            await self._say(dispatch, thread)
            await self._mirror(dispatch, thread)
        except ReceiverError:
            self._threads.pop(dispatch.thread, None)  # nobody knows what is there now
            raise
        if dispatch.closed is not None:
            self._threads.pop(dispatch.thread, None)

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """Mirror what was told in the timelines since."""
        for dispatch in dispatches:
            try:
                thread = await self._thread(dispatch)
                if thread.ts:
                    await self._mirror(dispatch, thread)
            except ReceiverError:
                self._threads.pop(dispatch.thread, None)
                raise

    async def _say(self, dispatch: Dispatch, thread: _Thread) -> None:
        if dispatch.key in thread.keys:
            return  # it was taken by a process that could not note it
        post: dict[str, Any] = post_of(dispatch)
        if dispatch.pages and self._config.signing_secret_file is not None:
            post["blocks"].append(button(call_of(dispatch.thread, dispatch.reopened)))
        if thread.ts:
            post |= {"thread_ts": thread.ts, "reply_broadcast": dispatch.pages}
        ts = await self._api.post(post, Marks(incident=dispatch.thread, key=dispatch.key))
        thread.ts = thread.ts or ts
        thread.keys.add(dispatch.key)

    async def _mirror(self, dispatch: Dispatch, thread: _Thread) -> None:
        for part in _parts([e for e in dispatch.entries if e.seq > thread.seq]):
            text = "\n".join(map(_line, part))
            block = {"type": "plain_text", "emoji": False, "text": text}
            post = {
                "text": f"{len(part)} more in the timeline",
                "blocks": [{"type": "section", "text": block}],
                "thread_ts": thread.ts,
            }
            await self._api.post(post, Marks(incident=dispatch.thread, seq=part[-1].seq))
            thread.seq = part[-1].seq

    async def _thread(self, dispatch: Dispatch) -> _Thread:
        """What is there of an incident: as it is known, else as it stands in the channel."""
        known = self._threads.get(dispatch.thread)
        if known is None:
            known = await self._look_up(dispatch)
            self._threads[dispatch.thread] = known
        return known

    async def _look_up(self, dispatch: Dispatch) -> _Thread:
        oldest = f"{(dispatch.began - _BEFORE).timestamp():.6f}"
        found = ""
        async for each in self._api.messages("conversations.history", oldest=oldest):
            if each.marks.incident == dispatch.thread:
                found = each.thread_ts or each.ts
                break
        thread = _Thread(found)
        if found:
            async for each in self._api.messages("conversations.replies", ts=found):
                if each.marks.incident == dispatch.thread:
                    thread.seq = max(thread.seq, each.marks.seq)
                    thread.keys.add(each.marks.key)
        return thread


def _parts(entries: Sequence[TimelineEntry]) -> Iterator[list[TimelineEntry]]:
    """Split a timeline into messages that are not too long."""
    part: list[TimelineEntry] = []
    for entry in entries:
        if part and (len(part) == ENTRIES or _length([*part, entry]) > SECTION):
            yield part
            part = []
        part.append(entry)
    if part:
        yield part


def _length(part: Sequence[TimelineEntry]) -> int:
    return sum(len(_line(entry)) + 1 for entry in part)


def _line(entry: TimelineEntry) -> str:
    return clean(f"{moment(entry.time)} {entry.text}", LONGEST_ENTRY)
