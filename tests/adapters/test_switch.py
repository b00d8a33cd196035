"""A dead man's switch is told by HTTPS, and its URL, which is a secret, is in no words of ours."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from e2e.cluster.certificates import Authority
from knowngood.adapters.notify.switch import HttpSwitch
from knowngood.errors import ReceiverAway
from knowngood.sources.source import Tls
from tests.adapters.loopback import HOST, answering

SECRET = "c0ffee-of-nobody"  # noqa: S105  - of nobody


class Monitor:
    """Whoever listens."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path))
        headers = {"Location": "/elsewhere"} if self.status == web.HTTPFound.status_code else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    server = authority.issue("server", "/CN=monitor", addresses=[f"IP:{HOST}"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)
    return context


def switch(authority: Authority, file: Path) -> HttpSwitch:
    return HttpSwitch(file, Tls.model_validate({"caFile": str(authority.own.certificate)}))


async def test_it_is_told_at_the_url_that_the_file_holds_now(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    monitor, file = Monitor(), tmp_path / "url"
    async with answering(monitor.answer, tls) as url:
        file.write_text(f"{url}/{SECRET}\n")
        told = switch(authority, file)
        await told.beat()
        file.write_text(f"{url}/another")
        await told.beat()

    assert monitor.asked == [("POST", f"/{SECRET}"), ("POST", "/another")]


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
async def test_any_other_answer_is_told_without_the_url(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path, status: int
) -> None:
    monitor, file = Monitor(), tmp_path / "url"
    monitor.status = status
    async with answering(monitor.answer, tls) as url:
        file.write_text(f"{url}/{SECRET}")
        with pytest.raises(ReceiverAway, match=f"answers HTTP {status}") as told:
            await switch(authority, file).beat()

    assert SECRET not in str(told.value)
    assert monitor.asked == [("POST", f"/{SECRET}")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"https://{HOST}:1/{SECRET}", "does not answer"),
        (f"http://{HOST}/{SECRET}", "must hold a URL with https://"),
        (f"https://{SECRET}:port/", "does not answer: InvalidUrl"),
        ("", "is empty"),
        (None, "No such file"),
    ],
)
async def test_what_can_not_be_told_is_said_without_the_url(
    authority: Authority, tmp_path: Path, text: str | None, words: str
) -> None:
    file = tmp_path / "url"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ReceiverAway, match=words) as told:
        await switch(authority, file).beat()

    assert SECRET not in str(told.value)


async def test_who_can_not_prove_to_be_it_is_not_told(tls: ssl.SSLContext, tmp_path: Path) -> None:
    monitor, file = Monitor(), tmp_path / "url"
    async with answering(monitor.answer, tls) as url:
        file.write_text(f"{url}/{SECRET}")
        with pytest.raises(ReceiverAway, match="does not answer"):
            await HttpSwitch(file).beat()

    assert monitor.asked == []
