"""Messages by apprise, to a real mail server and a real HTTP server, and what is said when one does not come."""

import asyncio
import email
import io
import json
import logging
import sys
import time
from collections.abc import Iterator
from email.message import Message as Mail
from pathlib import Path

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from knowngood.adapters.notify.apprised import without
from knowngood.adapters.notify.opening import open_receivers
from knowngood.control.receivers import Receiver
from knowngood.errors import ReceiverAway
from knowngood.receivers.receiver import ReceiverProblem, load_receivers, parse_receivers
from tests.adapters.loopback import HOST, answering, unused_port
from tests.adapters.test_receivers import dispatch, noting, worst
from tests.messages.cases import CHAIN, NOW

SECRET = "t0ken-of-nobody"  # noqa: S105  - of nobody


def receiver(folder: Path, url: str, **more: object) -> Receiver:
    file = folder / "url"
    file.write_text(f"{url}\n")
    entry = {"apprise": {"urlFile": str(file), **more}}
    return open_receivers(parse_receivers({"one": entry}), lambda: NOW)["one"]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the operator would log: pytest itself also shows what is kept out of that."""
    found = io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


class Inbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  - as the server calls it
        del server, session
        if self.refuses:
            return "554 not from you"
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 kept"


def text_of(mail: Mail) -> str:
    parts = [p for p in mail.walk() if p.get_content_type() == "text/plain"]
    body = parts[0].get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")


async def test_a_mail_comes_as_it_was_written_and_a_refused_one_is_told(tmp_path: Path) -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname=HOST, port=unused_port())
    server.start()
    try:
        url = f"mailto://{HOST}:{server.port}?smtp={HOST}&mode=insecure&from=kg@example.com&format=text"
        one = receiver(tmp_path, f"{url}&to=oncall@example.com")
        sent = dispatch("opened-and-held")

        await one.deliver(sent)
        inbox.refuses = True
        with pytest.raises(ReceiverAway, match=r"^apprise has not sent it: "):
            await one.deliver(sent)
    finally:
        server.stop()

    (mail,) = inbox.mails
    assert mail["To"] == "oncall@example.com"
    subject, encoding = email.header.decode_header(mail["Subject"])[0]
    title = subject.decode(encoding or "ascii") if isinstance(subject, bytes) else subject
    assert title.replace("\r\n", "") == sent.message.title
    assert [str(line) for line in sent.message.lines] == text_of(mail).strip().splitlines()[:-1]
    assert text_of(mail).strip().endswith(f"Record: {CHAIN['head']}")


async def test_where_a_mail_is_html_nothing_that_somebody_else_wrote_is(tmp_path: Path) -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname=HOST, port=unused_port())
    server.start()
    try:
        url = f"mailto://{HOST}:{server.port}?smtp={HOST}&mode=insecure&from=kg@example.com&format=html"
        await receiver(tmp_path, f"{url}&to=oncall@example.com").deliver(worst())
    finally:
        server.stop()

    (part,) = [p for p in inbox.mails[0].walk() if p.get_content_type() == "text/html"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert b"&lt;http://evil|ok&gt;" in body
    assert b"<http" not in body


async def test_what_calls_people_what_ends_and_what_somebody_else_wrote_come_over_http(
    tmp_path: Path,
) -> None:
    seen: list[tuple[web.Request, bytes]] = []
    async with answering(noting(seen)) as url:
        one = receiver(tmp_path, f"json://{url.removeprefix('http://')}/{SECRET}")
        for each in (
            dispatch("opened-and-held"),
            dispatch("contained"),
            dispatch("closed"),
            worst(),
        ):
            await one.deliver(each)

    found = [json.loads(body) for _, body in seen]
    assert [each["type"] for each in found] == ["failure", "info", "success", "failure"]
    assert {request.path for request, _ in seen} == {f"/{SECRET}"}
    last = found[-1]
    assert f"{last['title']}\n{last['message']}" == worst().message.text, "nothing is markup"


async def test_what_was_not_taken_is_told_with_the_reason_and_without_the_url(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with answering(noting([], status=500)) as url:
        place = url.removeprefix("http://")
        one = receiver(tmp_path, f"json://alice:{SECRET}@{place}/{SECRET}?x={SECRET}")
        with pytest.raises(ReceiverAway) as told:
            await one.deliver(dispatch("contained"))
    assert "500" in str(told.value)
    assert SECRET not in str(told.value)

    with pytest.raises(ReceiverAway, match=r"[Cc]onnection error") as told:
        await receiver(tmp_path, f"json://{HOST}:{unused_port()}/{SECRET}").deliver(
            dispatch("closed")
        )
    assert HOST not in str(told.value), "it may be a key, of other services"
    with pytest.raises(ReceiverAway, match=r"^apprise\.urlFile: the file holds no URL that"):
        await receiver(tmp_path, f"nonsense://{SECRET}").deliver(dispatch("contained"))
    (tmp_path / "url").unlink()
    gone = open_receivers(
        parse_receivers({"one": {"apprise": {"urlFile": str(tmp_path / "url")}}}), lambda: NOW
    )
    with pytest.raises(ReceiverAway, match=r"^apprise\.urlFile: "):
        await gone["one"].deliver(dispatch("contained"))
    assert log.getvalue() == "", "its own words may hold more"


async def test_who_never_answers_is_given_up_in_time_and_holds_up_nobody_meanwhile(
    tmp_path: Path,
) -> None:
    silent, ticks = asyncio.Event(), 0

    async def hang(_: web.Request) -> web.Response:
        await silent.wait()
        return web.Response()

    async with answering(hang) as url:
        one = receiver(tmp_path, f"json://{url.removeprefix('http://')}/", deadline="500ms")
        began = time.monotonic()
        sending = asyncio.create_task(one.deliver(dispatch("contained")))
        while not sending.done():
            ticks += 1
            await asyncio.wait([sending], timeout=0.05)
        silent.set()
        with pytest.raises(ReceiverAway, match=r"^apprise has not sent it: \S"):
            await sending

    assert ticks > 3, "everything else goes on"
    assert time.monotonic() - began < 4.0


def test_without_the_library_nothing_starts_and_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("json://a\n")
    file = tmp_path / "receivers.yaml"
    file.write_text(f"mail: {{apprise: {{urlFile: {tmp_path / 'url'}}}}}\n")
    assert load_receivers(file)["mail"].apprise is not None

    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ReceiverProblem, match=r"receiver mail: apprise: .* knowngood\[apprise\]"):
        load_receivers(file)


def test_nothing_that_stands_in_the_url_stands_in_the_reason() -> None:
    url = "slack://tokenA/tokenBBBB/#channel?verify=no"

    told = without(url, "tokenBBBB of tokenA was refused by slack, no\nsecond line" + "x" * 5000)

    assert told.startswith("… of … was refused by …, no second line")
    assert len(told) <= 300
