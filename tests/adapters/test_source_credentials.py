"""What a source is shown, and what nobody else is: on small real servers."""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from e2e.cluster.certificates import Authority
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.errors import ObserverError, QueryRefused
from knowngood.signals.planning import Query, QueryKind
from knowngood.sources.source import parse_sources
from tests.adapters.loopback import HOST, Handler, answering

VECTOR = Query("latency", QueryKind.VALUE, "latency", 1_700_000_000.0)
EMPTY = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}})
SECRET = "s3cr3t&<token>+/="  # noqa: S105 - of nobody


@contextlib.asynccontextmanager
async def reading(url: str, **fields: object) -> AsyncIterator[PrometheusSignals]:
    signals = PrometheusSignals(parse_sources({"default": {"url": url, **fields}}))
    try:
        yield signals
    finally:
        signals.close()


def noting(seen: list[dict[str, str]], text: str = EMPTY, status: int = 200) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.Response(text=text, status=status, content_type="application/json")

    return answer


async def test_a_replaced_token_is_used_without_a_restart(tmp_path: Path) -> None:
    token, tenant = tmp_path / "token", tmp_path / "tenant"
    token.write_text("t0")
    tenant.write_text("lending")
    seen: list[dict[str, str]] = []
    headers = {"X-Scope-OrgID": {"file": str(tenant)}}
    async with (
        answering(noting(seen)) as url,
        reading(url, bearerTokenFile=str(token), headers=headers) as signals,
    ):
        await signals.read("default", VECTOR)
        token.write_text("t1")
        tenant.write_text("cards")
        await signals.read("default", VECTOR)

    shown = [(one["Authorization"], one["X-Scope-OrgID"]) for one in seen]
    assert shown == [("Bearer t0", "lending"), ("Bearer t1", "cards")]


async def test_a_new_token_is_tried_at_once_however_often_the_old_one_failed(
    tmp_path: Path,
) -> None:
    token = tmp_path / "token"
    token.write_text("expired")

    async def guard(request: web.Request) -> web.Response:
        good = request.headers["Authorization"] == "Bearer fresh"
        return web.Response(text=EMPTY if good else "no", status=200 if good else 401)

    async with answering(guard) as url, reading(url, bearerTokenFile=str(token)) as signals:
        for _ in range(20):
            with pytest.raises(ObserverError, match=r"does not accept its credentials \(HTTP 401"):
                await signals.read("default", VECTOR)
        assert signals.queries < 20

        token.write_text("fresh")

        assert await signals.read("default", VECTOR) == ()


async def test_a_token_that_is_gone_is_an_observer_error_until_it_is_back(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0")
    async with answering(noting([])) as url, reading(url, bearerTokenFile=str(token)) as signals:
        token.unlink()
        with pytest.raises(
            ObserverError, match=r"source default: bearerTokenFile: .* No such file"
        ):
            await signals.read("default", VECTOR)
        token.write_text("t1")
        assert await signals.read("default", VECTOR) == ()


async def test_nobody_is_followed_to_another_address(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0")
    seen: list[dict[str, str]] = []

    async with answering(noting(seen)) as elsewhere:

        async def send_on(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"{elsewhere}/api?t={SECRET}"})

        async with (
            answering(send_on) as url,
            reading(url, bearerTokenFile=f"{tmp_path}/token") as signals,
        ):
            with pytest.raises(ObserverError, match=f"redirects to http://{HOST}, where") as failed:
                await signals.read("default", VECTOR)

    assert seen == []
    assert SECRET not in str(failed.value)


async def test_no_file_of_the_user_logs_in_where_nobody_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {HOST} login alice password {SECRET}\n")
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    seen: list[dict[str, str]] = []

    async with answering(noting(seen)) as url, reading(url) as signals:
        await signals.read("default", VECTOR)

    assert "Authorization" not in seen[0]


@pytest.mark.parametrize("status", [200, 400, 401, 422, 429, 500, 503])
@pytest.mark.parametrize("kind", ["json", "warnings", "page"])
async def test_a_source_that_repeats_what_it_was_shown_tells_it_to_nobody(
    status: int, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(SECRET)
    basic = {"username": "alice", "passwordFile": f"{tmp_path}/token"}
    both = base64.b64encode(f"alice:{SECRET}".encode()).decode()
    words = f"bad token {SECRET} or Basic {both} or s3cr3t%26%3Ctoken%3E%2B%2F%3D"
    text = {
        "json": json.dumps({"status": "error", "errorType": "x", "error": words}),
        "warnings": json.dumps({"data": {"result": []}, "warnings": [words]}),
        "page": f"<html>{words}, s3cr3t&amp;&lt;token&gt;+/=</html>",
    }[kind]
    async with answering(noting([], text, status)) as url, reading(url, basicAuth=basic) as signals:
        with pytest.raises(ObserverError) as failed:
            await signals.read("default", VECTOR)

    told = str(failed.value)
    assert "source default" in told
    assert not any(part in told for part in ("s3cr3t", both[:8]))


async def test_certificates_prove_both_sides_and_are_replaced_without_a_restart(
    tmp_path: Path,
) -> None:
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    mounted = tmp_path / "mounted"

    def mount(authority: Authority) -> None:
        client = authority.issue("client", "/CN=knowngood")
        fresh = tmp_path / "fresh"
        fresh.mkdir()
        for name, path in (
            ("ca", authority.own.certificate),
            ("cert", client.certificate),
            ("key", client.key),
        ):
            (fresh / name).write_bytes(path.read_bytes())
        for path in sorted(fresh.iterdir()):
            path.replace(mounted / path.name)
        fresh.rmdir()

    mounted.mkdir()
    mount(old)
    tls = {"caFile": f"{mounted}/ca", "certFile": f"{mounted}/cert", "keyFile": f"{mounted}/key"}
    async with contextlib.AsyncExitStack() as stack:
        urls = [
            await stack.enter_async_context(answering(noting([]), server_of(authority)))
            for authority in (old, new)
        ]
        at_old, at_new = [await stack.enter_async_context(reading(url, tls=tls)) for url in urls]
        assert await at_old.read("default", VECTOR) == ()
        with pytest.raises(ObserverError, match="there is no TLS connection"):
            await at_new.read("default", VECTOR)

        mount(new)

        assert await at_new.read("default", VECTOR) == ()
        with pytest.raises(ObserverError, match="there is no TLS connection"):
            await at_old.read("default", VECTOR)


async def test_a_server_that_wants_a_certificate_gets_none_from_a_source_without_one(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    ca = {"caFile": str(authority.own.certificate)}
    async with (
        answering(noting([]), server_of(authority)) as url,
        reading(url, tls=ca) as signals,
    ):
        with pytest.raises(ObserverError, match="source default"):
            await signals.read("default", VECTOR)


def server_of(authority: Authority) -> ssl.SSLContext:
    pair = authority.issue("server", "/CN=prometheus", addresses=[f"IP:{HOST}"])
    context = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=str(authority.own.certificate)
    )
    context.load_cert_chain(pair.certificate, pair.key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def test_a_refused_query_is_told_from_a_source_that_is_away() -> None:
    error = json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error"})
    async with answering(noting([], error, 400)) as url, reading(url) as signals:
        for _ in range(20):
            with pytest.raises(QueryRefused, match="parse error"):
                await signals.read("default", VECTOR)
        assert signals.queries == 20
        assert signals.well() == {"default": True}


async def test_a_body_that_drips_is_given_up() -> None:
    """requests alone only limits the pause between two pieces."""
    gone = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while not gone.is_set():
                await response.write(b" ")
                await asyncio.sleep(0.02)
        return response

    async with answering(drip) as url, reading(url, deadline="300ms") as signals:
        with pytest.raises(ObserverError, match=r"did not answer within 0\.3 s"):
            await signals.read("default", VECTOR)
        gone.set()
