"""The `Receiver` port on an incoming webhook of Slack. Nothing in a message is read as markup or calls anybody.

Where the app behind the webhook has a signing secret here, what calls people has a button by which they say that they
have it.
"""

from collections.abc import Sequence
from typing import Any, Final

from knowngood.adapters.notify.posting import Poster, body_of
from knowngood.errors import ReceiverAway
from knowngood.messages.dispatches import Dispatch
from knowngood.receivers.arms import Slack, secret_url
from knowngood.receivers.hooks import call_of
from knowngood.receivers.slack_hooks import ACTION
from knowngood.sources.source import SourceProblem

HEADER: Final = 150
"""Characters of a header block."""

SECTION: Final = 3000
"""Characters of a section block; what is above would be refused."""


class SlackReceiver:
    """Sends to one channel."""

    reminded_every: float | None = None

    def __init__(self, config: Slack) -> None:
        self._config = config
        self._poster = Poster(config.deadline, config.tls)

    async def deliver(self, dispatch: Dispatch) -> None:
        """Write the message into the channel."""
        try:
            url = secret_url(self._config.url_file, "slack.urlFile")
        except SourceProblem as problem:
            raise ReceiverAway(str(problem)) from problem
        await self._poster.post(url, body_of(self._post(dispatch)), {}, shown="slack")

    def _post(self, dispatch: Dispatch) -> dict[str, Any]:
        post = post_of(dispatch)
        if dispatch.pages and self._config.signing_secret_file is not None:
            post["blocks"].append(button(call_of(dispatch.thread, dispatch.reopened)))
        return post

    async def remind(self, dispatches: Sequence[Dispatch]) -> None:
        """It forgets nothing."""


def post_of(dispatch: Dispatch) -> dict[str, Any]:
    """Write what is posted: blocks of plain text, and the title alone for small screens."""
    message = dispatch.message
    rest = message.text.removeprefix(f"{message.title}\n")
    return {
        "text": _escaped(message.title),
        "mrkdwn": False,
        "blocks": [
            {"type": "header", "text": _plain(message.title, HEADER)},
            {"type": "section", "text": _plain(rest, SECTION)},
        ],
    }


def button(call: str) -> dict[str, Any]:
    """Write the block with the button by which somebody says that they have it."""
    words = _plain("I have it", HEADER)
    found = {"type": "button", "action_id": ACTION, "text": words, "value": call}
    return {"type": "actions", "elements": [found]}


def _plain(text: str, most: int) -> dict[str, Any]:
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"type": "plain_text", "emoji": False, "text": cut}


def _escaped(text: str) -> str:
    """The three characters that Slack reads also where nothing else is markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
