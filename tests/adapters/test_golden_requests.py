"""Golden requests as a pod gets them, and what becomes of answers of any kind: on small real servers."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from knowngood.adapters.kubernetes.endpoints import EndpointIndex, reduce_slice
from knowngood.adapters.pods.asking import LARGEST, HttpAsker
from knowngood.api.v1alpha1 import GoldenRequest
from knowngood.control.pod_ports import Address
from knowngood.decisions.golden_answers import Answer
from tests.adapters.loopback import HOST, answering, unused_port

URL = "http://127.0.0.1:"


def golden(**request: Any) -> GoldenRequest:
    asked = {"path": "/predict?full=1", **request}
    return GoldenRequest.model_validate({"name": "typical", "request": asked})


async def asked(url: str, one: GoldenRequest, deadline: float = 5.0) -> Answer:
    return await HttpAsker(deadline).ask(Address(HOST, int(url.removeprefix(URL))), one)


@pytest.mark.parametrize(
    ("request_", "method", "headers"),
    [
        ({}, "GET", {"User-Agent": "knowngood (golden request)"}),
        ({"body": '{"a": 1}'}, "POST", {"Content-Type": "application/json"}),
        ({"body": "a", "method": "POST", "headers": [{"name": "content-type", "value": "text/csv"}]},
         "POST", {"Content-Type": "text/csv"}),
        ({"headers": [{"name": "X-Tenant", "value": "a b"}]}, "GET", {"X-Tenant": "a b"}),
    ],
)  # fmt: skip
async def test_a_pod_is_asked_what_the_user_wrote_and_is_told_not_to_count_it(
    request_: dict[str, Any], method: str, headers: dict[str, str]
) -> None:
    seen: list[tuple[str, str, dict[str, str], bytes]] = []

    async def keep(request: web.Request) -> web.Response:
        kept = dict(request.headers)
        seen.append((request.method, request.path_qs, kept, await request.read()))
        return web.json_response({"approved": True}, status=201)

    async with answering(keep) as url:
        answer = await asked(url, golden(**request_))

    ((how, where, got, body),) = seen
    assert (how, where, body) == (method, "/predict?full=1", request_.get("body", "").encode())
    assert headers.items() <= got.items()
    assert got["X-Knowngood-Test"] == "true"
    assert (answer.status, answer.body) == (201, b'{"approved": true}')


async def test_nobody_is_followed_elsewhere() -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})

    async with answering(away) as url:
        assert (await asked(url, golden())).status == 302


async def test_a_pod_that_hangs_is_given_up_in_time() -> None:
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with answering(hang) as url:
        answer = await asked(url, golden(), deadline=0.2)
        released.set()

    assert answer == Answer(0, error="there was no answer within 0.2 s")


async def test_a_pod_that_is_gone_is_told_so() -> None:
    answer = await HttpAsker().ask(Address(HOST, unused_port()), golden())

    assert answer.error.startswith("there was no answer (Client")


async def test_no_more_of_an_answer_is_read_than_is_looked_at() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * LARGEST)
        except ConnectionError:
            return response

    async with answering(flood) as url:
        answer = await asked(url, golden())

    assert len(answer.body) == LARGEST


def a_slice(*endpoints: dict[str, Any]) -> dict[str, Any]:
    labels = {"kubernetes.io/service-name": "loan-8"}
    ports = [{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}]
    return {
        "metadata": {"name": "loan-8-x", "namespace": "lending", "labels": labels},
        "endpoints": list(endpoints),
        "ports": ports,
    }


def an_endpoint(
    host: str, name: str = "a", kind: str = "Pod", **conditions: bool
) -> dict[str, Any]:
    target = {"targetRef": {"kind": kind, "name": name}}
    return {"addresses": [host], "conditions": conditions, **target}


@pytest.mark.parametrize(
    ("endpoint", "reached"),
    [
        (an_endpoint("10.1.2.3", ready=True), {"a": Address("10.1.2.3", 8080)}),
        (an_endpoint("fd00::7"), {"a": Address("fd00::7", 8080)}),
        (an_endpoint("10.1.2.3", ready=False), {}),
        (an_endpoint("10.1.2.3", kind="Node"), {}),
        (an_endpoint("169.254.169.254"), {}),
        (an_endpoint("127.0.0.1"), {}),
        (an_endpoint("::1"), {}),
        (an_endpoint("0.0.0.0"), {}),  # noqa: S104  - nobody binds to it here
        (an_endpoint("metadata.internal"), {}),
        ({"addresses": ["10.1.2.3"]}, {}),
    ],
)
def test_only_ready_pods_are_asked_and_never_a_machine(
    endpoint: dict[str, Any], reached: dict[str, Address]
) -> None:
    index, view = EndpointIndex(), reduce_slice(a_slice(endpoint))
    index.changed("lending", "loan-8-x", None, view)

    assert len({view, reduce_slice(a_slice(endpoint))}) == 1
    assert index.addresses("lending", "loan-8", "http") == reached
    assert index.addresses("lending", "loan-8", "grpc") == {}
    assert index.addresses("other", "loan-8", "http") == {}
