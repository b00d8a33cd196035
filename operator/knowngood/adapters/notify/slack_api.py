"""Slack's Web API, as far as a bot needs it that writes into one channel.

What it looks like is on the pages "chat.postMessage", "conversations.history", "conversations.replies" and "Message
metadata" of Slack's developer documentation.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from knowngood.adapters.notify.posting import Poster, body_of
from knowngood.errors import ReceiverAway, ReceiverRefused
from knowngood.exporting.texts import SHORT, clean
from knowngood.receivers.arms import SlackBot
from knowngood.sources.credentials import line_of
from knowngood.sources.source import SourceProblem

EVENT: Final = "knowngood_incident"
"""The `event_type` of our metadata."""

AT_ONCE: Final = 200
MOST_PAGES: Final = 25
LARGEST_ANSWER: Final = 1 << 22
_SHOWN: Final = "slack"
_FAULTS: Final = frozenset(
    {"msg_too_long", "no_text", "invalid_blocks", "invalid_blocks_format", "metadata_too_large"}
)
"""Errors that say that what was sent is wrong, and not who sent it or when."""


class Marks(BaseModel):
    """What stands behind a message of ours, unseen: which incident, which message, and up to which entry."""

    incident: str = ""
    key: str = ""
    seq: int = 0


class _Metadata(BaseModel):
    event_type: str = ""
    event_payload: Marks = Marks()


class Posted(BaseModel):
    """A message that is there."""

    ts: str
    thread_ts: str | None = None
    metadata: _Metadata | None = None

    @property
    def marks(self) -> Marks:
        """Ours; empty in what others have written."""
        ours = self.metadata is not None and self.metadata.event_type == EVENT
        return self.metadata.event_payload if self.metadata and ours else Marks()


class _More(BaseModel):
    next_cursor: str = ""


class _Answer(BaseModel):
    ok: bool
    error: str = ""
    ts: str = ""
    messages: Annotated[tuple[Any, ...], Field(max_length=1000)] = ()
    response_metadata: _More | None = None


class SlackApi:
    """Writes to one channel, and reads what is there."""

    def __init__(self, config: SlackBot) -> None:
        self._config = config
        self._poster = Poster(config.deadline, config.tls)

    async def post(self, message: Mapping[str, Any], marks: Marks | None) -> str:
        """Write a message; returns the `ts` by which it is known in the channel.

        Raises:
            ReceiverError: It was not taken, or nobody knows whether it was.
        """
        shown = {"channel": self._config.channel, "unfurl_links": False, **message}
        if marks is not None:
            payload = marks.model_dump(exclude_defaults=True)
            shown["metadata"] = {"event_type": EVENT, "event_payload": payload}
        kind = "application/json; charset=utf-8"
        answer = await self._call("chat.postMessage", body_of(shown), kind)
        if not answer.ts:
            raise ReceiverAway(f"{_SHOWN} does not say which message it has taken")
        return answer.ts

    async def messages(self, method: str, **fields: str) -> AsyncIterator[Posted]:
        """Read `conversations.history` (the newest first) or `conversations.replies`, as far as that makes sense.

        Raises:
            ReceiverError: It can not be read.
        """
        cursor = ""
        for _ in range(MOST_PAGES):
            asked = {
                "channel": self._config.channel,
                "limit": str(AT_ONCE),
                "include_all_metadata": "true",
                **fields,
                **({"cursor": cursor} if cursor else {}),
            }
            kind = "application/x-www-form-urlencoded"
            answer = await self._call(method, urlencode(asked).encode(), kind)
            for each in answer.messages:
                try:
                    yield Posted.model_validate(each)
                except ValidationError:  # what somebody else has written there
                    continue
            cursor = answer.response_metadata.next_cursor if answer.response_metadata else ""
            if not cursor:
                return

    async def _call(self, method: str, body: bytes, kind: str) -> _Answer:
        config = self._config
        try:
            token = line_of(config.bot_token_file, "slackBot.botTokenFile")
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        found = await self._poster.post(
            f"{config.url}/api/{method}",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": kind},
            shown=_SHOWN,
            wanted=LARGEST_ANSWER,
        )
        try:
            answer = _Answer.model_validate_json(found)
        except ValidationError:
            raise ReceiverAway(f"{_SHOWN} answers to {method} what can not be read") from None
        if not answer.ok:
            words = f"{_SHOWN} answers to {method}: {clean(answer.error, SHORT)}"
            raise ReceiverRefused(words) if answer.error in _FAULTS else ReceiverAway(words)
        return answer
