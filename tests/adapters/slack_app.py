"""A server that answers as the documentation of Slack's Web API says; Slack itself can not run here."""

import asyncio
from typing import Any, Final

from aiohttp import web

TOKEN: Final = "xoxb-of-nobody"  # noqa: S105  - of nobody
CHANNEL: Final = "C0123ABCD"

Posted = dict[str, Any]


class SlackApp:
    """One channel.

    Attributes:
        posts: What was written by us, in order.
        calls: Methods that were called, in order.
        errors: Words that the next calls are answered with, by method.
        loses: Whether the answer to the next message that is written is lost on the way.
    """

    def __init__(self, page: int = 200) -> None:
        self.posts: list[Posted] = []
        self.calls: list[str] = []
        self.errors: dict[str, list[str]] = {}
        self.loses = False
        self._page = page

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        method = request.path.removeprefix("/api/")
        self.calls.append(method)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _answer(ok=False, error="invalid_auth")
        if self.errors.get(method):
            return _answer(ok=False, error=self.errors[method].pop(0))
        if method == "chat.postMessage":
            return await self._write(await request.json())
        fields = await request.post()
        assert fields["include_all_metadata"] == "true"
        if fields["channel"] != CHANNEL:
            return _answer(ok=False, error="channel_not_found")
        if method == "conversations.history":
            oldest = float(str(fields["oldest"]))
            found = [p for p in self.posts[::-1] if float(p["ts"]) >= oldest and _is_shown(p)]
        else:
            ts = fields["ts"]
            found = [p for p in self.posts if ts in {p["ts"], p.get("thread_ts")}]
        first = int(str(fields.get("cursor", "0")))
        rest = first + self._page < len(found)
        cursor = {"next_cursor": str(first + self._page) if rest else ""}
        page = found[first : first + self._page]
        return _answer(ok=True, messages=page, has_more=rest, response_metadata=cursor)

    def say(self, text: str, **more: Any) -> Posted:
        """Write as somebody else, a second after what is there."""
        last = float(self.posts[-1]["ts"]) if self.posts else 1_796_000_000.0
        post = {"type": "message", "ts": f"{last + 1:.6f}", "text": text, **more}
        self.posts.append(post)
        return post

    async def _write(self, body: Posted) -> web.StreamResponse:
        if body["channel"] != CHANNEL:
            return _answer(ok=False, error="channel_not_found")
        assert body["text"], "Slack wants a text beside blocks, for small screens"
        assert all(len(b["text"]["text"]) <= 3000 for b in body["blocks"] if "text" in b)
        assert set(body.get("metadata", {})) <= {"event_type", "event_payload"}
        shown = {name: value for name, value in body.items() if name != "channel"}
        posted = self.say(shown.pop("text"), **shown)
        if self.loses:
            self.loses = False
            await asyncio.sleep(30)
        return _answer(ok=True, channel=CHANNEL, ts=posted["ts"], message=posted)


def _is_shown(post: Posted) -> bool:
    """Replies stand in a channel only where they were broadcast."""
    return "thread_ts" not in post or bool(post.get("reply_broadcast"))


def _answer(**body: Any) -> web.Response:
    return web.json_response(body)
