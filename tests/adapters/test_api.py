"""The border to the API server: every way in which a request can fail, in our own words."""

import json

import pytest
from aiohttp import web
from kubernetes.aio import client

from knowngood.adapters.kubernetes.answers import Conflict, Expired, NotFound
from knowngood.adapters.kubernetes.api import Api
from knowngood.adapters.memory.people import MemoryFence
from knowngood.errors import ApiError, Gone, NotLeader, Refused, Unavailable
from tests.adapters.loopback import HOST, Handler, api_of, connected, unused_port

PATH = "/apis/knowngood.dev/v1alpha1/namespaces/lending/aimodeldeployments/loan"
UNTYPED = (
    "failed to create typed patch object (lending/loan; apps/v1, Kind=Deployment): "
    ".spec.template.spec.contianers: field not declared in schema"
)


def saying(code: int, message: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "code": code, "message": message}, status=code)

    return answer


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        pytest.param(400, "bad", Refused, id="bad request"),
        pytest.param(401, "unauthorized", Unavailable, id="a token that is being rotated"),
        pytest.param(403, "forbidden", Refused, id="no right"),
        pytest.param(404, "not found", NotFound, id="absent"),
        pytest.param(405, "no such method", Refused, id="method"),
        pytest.param(409, "conflict", Conflict, id="changed meanwhile"),
        pytest.param(410, "too old", Expired, id="version too old"),
        pytest.param(422, "invalid", Refused, id="invalid"),
        pytest.param(429, "slow down", Unavailable, id="too many requests"),
        pytest.param(500, "etcdserver: leader changed", Unavailable, id="a fault of the server"),
        pytest.param(500, UNTYPED, Refused, id="a typo that comes as a fault of the server"),
        pytest.param(503, "starting", Unavailable, id="not ready"),
        pytest.param(504, "timeout", Unavailable, id="too slow"),
    ],
)
async def test_every_refusal_is_translated(code: int, message: str, error: type[ApiError]) -> None:
    async with api_of(saying(code, message)) as api:
        with pytest.raises(error, match=message[:30].replace("(", r"\(")):
            await api.apply(PATH, {"a": 1})


def test_what_is_gone_is_told_from_what_will_pass() -> None:
    assert issubclass(NotFound, Gone)
    assert issubclass(Conflict, Unavailable)
    assert issubclass(Expired, Unavailable)
    assert not issubclass(Refused, Unavailable)


async def test_a_page_of_a_proxy_is_quoted_in_part() -> None:
    async def proxy(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>Bad Gateway</html>" * 100)

    async with api_of(proxy) as api:
        with pytest.raises(Unavailable, match="HTTP 502: <html>Bad Gateway") as failed:
            await api.get(PATH)

    assert len(str(failed.value)) < 1100


async def test_an_answer_that_is_no_json_is_passing() -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(text="<html>Log in</html>")

    async with api_of(odd) as api:
        with pytest.raises(Unavailable, match="GET"):
            await api.get(PATH)


async def test_a_server_that_is_away_is_passing() -> None:
    away = client.Configuration(host=f"http://{HOST}:{unused_port()}")
    async with connected(away) as api:
        with pytest.raises(Unavailable, match="Cannot connect"):
            await api.get(PATH)


async def test_a_connection_that_breaks_is_passing() -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with api_of(cut) as api:
        with pytest.raises(Unavailable):
            await api.create(PATH, {})


async def test_a_write_without_the_lease_is_never_sent() -> None:
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.method)
        return web.json_response({"metadata": {}})

    fence = MemoryFence(leads=False)
    async with api_of(note, fence) as api:
        for write in (api.apply, api.create, api.replace, api.merge):
            with pytest.raises(NotLeader):
                await write(PATH, {})
        with pytest.raises(NotLeader):
            await api.patch(PATH, [])
        with pytest.raises(NotLeader):
            await api.delete(PATH)
        await api.get(PATH)

        assert (seen, api.writes, api.reads) == (["GET"], 0, 1)
        fence.leads = True
        await api.create(PATH, {})
        assert (seen, api.writes) == (["GET", "POST"], 1)


async def test_deleting_what_is_gone_is_fine() -> None:
    async with api_of(saying(404, "not found")) as api:
        await api.delete(PATH)


async def test_a_list_is_read_in_pages_of_one_snapshot() -> None:
    pages = {"": (["a", "b"], "next"), "next": (["c"], "")}

    async def page(request: web.Request) -> web.Response:
        names, more = pages[request.query.get("continue", "")]
        meta = {"resourceVersion": "7", "continue": more}
        assert request.query["limit"] == "500"
        items = [{"metadata": {"name": name}} for name in names]
        return web.json_response({"metadata": meta, "items": items})

    async with api_of(page) as api:
        items, version = await api.list("/apis/x")

    assert [item["metadata"]["name"] for item in items] == ["a", "b", "c"]
    assert version == "7"


async def watched(api: Api) -> list[str]:
    return [f"{kind} {body['metadata']['name']}" async for kind, body in api.watch("/apis/x", "5")]


def streaming(*events: object, broken: bool = False) -> Handler:
    async def stream(request: web.Request) -> web.StreamResponse:
        assert request.query["resourceVersion"] == "5"
        response = web.StreamResponse()
        await response.prepare(request)
        for event in events:
            await response.write(json.dumps(event).encode() + b"\n")
        if broken:
            assert request.transport is not None
            request.transport.abort()
        return response

    return stream


def event(kind: str, name: str) -> dict[str, object]:
    return {"type": kind, "object": {"metadata": {"name": name}}}


async def test_a_watch_tells_what_comes_until_the_server_ends_it() -> None:
    async with api_of(streaming(event("ADDED", "a"), event("DELETED", "a"))) as api:
        assert await watched(api) == ["ADDED a", "DELETED a"]


async def test_an_object_may_be_as_large_as_the_server_takes_it() -> None:
    name = "a" * 1_500_000
    async with api_of(streaming(event("ADDED", name), event("DELETED", "b"))) as api:
        assert await watched(api) == [f"ADDED {name}", "DELETED b"]


@pytest.mark.parametrize("text", ["<html>Log in</html>\n", '{"type": "MODI'])
async def test_a_line_that_is_no_event_is_passing(text: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text)

    async with api_of(answer) as api:
        with pytest.raises(Unavailable):
            await watched(api)


async def test_a_watch_from_too_long_ago_asks_for_a_new_list() -> None:
    too_old = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}
    for handler in (streaming(too_old), saying(410, "too old resource version")):
        async with api_of(handler) as api:
            with pytest.raises(Expired):
                await watched(api)


async def test_a_watch_that_breaks_is_passing() -> None:
    async with api_of(streaming(event("ADDED", "a"), broken=True)) as api:
        with pytest.raises(Unavailable):
            await watched(api)
