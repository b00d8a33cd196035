"""The button by which people say in Slack that they have an incident, there and back again."""

import json
import ssl
from pathlib import Path

import pytest

from e2e.cluster.certificates import Authority
from knowngood.receivers.slack_hooks import SlackHook
from tests.adapters.loopback import HOST
from tests.adapters.test_receivers import dispatch, sent
from tests.exporting.cases import UID
from tests.messages.cases import NOW
from tests.receivers.paged import a_file, by_slack, press

LABEL = 75
"""Characters that Slack takes on a button."""


@pytest.fixture
def somebody(tmp_path: Path) -> tuple[Authority, ssl.SSLContext]:
    own = Authority(tmp_path / "ca")
    server = own.issue("server", "/CN=somebody", addresses=[f"IP:{HOST}"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)
    return own, context


async def test_slack_shows_a_button_where_its_app_is_heard_and_somebody_is_called(
    somebody: tuple[Authority, ssl.SSLContext], tmp_path: Path
) -> None:
    (own, tls), secret = somebody, str(tmp_path / "secret")
    calls, tells = dispatch("opened-and-held"), dispatch("acknowledged")

    seen = await sent("slack", own, tls, tmp_path, calls, tells, signingSecretFile=secret)

    shown = [json.loads(body)["blocks"] for _, body in seen]
    assert [len(blocks) for blocks in shown] == [3, 2]
    (button,) = shown[0][2]["elements"]
    assert (shown[0][2]["type"], button["type"]) == ("actions", "button")
    assert (button["value"], button["text"]["type"]) == (UID, "plain_text")
    assert 0 < len(button["text"]["text"]) <= LABEL
    pressed, now = press(button["value"], action=button["action_id"]), NOW.timestamp()
    said = SlackHook("one", a_file(tmp_path)).read(by_slack(pressed, now), pressed, NOW)
    assert said is not None
    assert said.uid == UID


async def test_without_the_secret_of_its_app_there_is_no_button(
    somebody: tuple[Authority, ssl.SSLContext], tmp_path: Path
) -> None:
    ((_, body),) = await sent("slack", *somebody, tmp_path, dispatch("opened-and-held"))

    assert [block["type"] for block in json.loads(body)["blocks"]] == ["header", "section"]
