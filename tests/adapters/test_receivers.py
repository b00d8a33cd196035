"""What PagerDuty, Slack and servers of one's own are sent: on small real servers that check the documented shape."""

import asyncio
import hashlib
import hmac
import json
import re
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from e2e.cluster.certificates import Authority
from knowngood.adapters.notify.opening import open_receivers
from knowngood.control.receivers import Receiver
from knowngood.errors import ReceiverAway, ReceiverRefused
from knowngood.messages.dispatches import Dispatch, dispatch_of
from knowngood.messages.dispatches import test_dispatch as a_test
from knowngood.messages.message import Audience
from knowngood.messages.occasions import noted, owed
from knowngood.receivers.receiver import parse_receivers
from tests.adapters.loopback import HOST, Handler, answering, unused_port
from tests.exporting.cases import UID, longest
from tests.messages.cases import CASES, CHAIN, NOW, told

SECRET = "s3cr3t-of-nobody"  # noqa: S105  - of nobody
DOCUMENTED = {
    "dedup_key": 255,
    "summary": 1024,
}
SEVERITIES = {"critical", "error", "warning", "info"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    server = authority.issue("server", "/CN=somebody", addresses=[f"IP:{HOST}"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)
    return context


def receiver(arm: str, url: str, authority: Authority, folder: Path, **more: object) -> Receiver:
    """One that believes the test's authority; its secret is in a file."""
    file = folder / "secret"
    file.write_text(f"{url}/services/T0/B0/{SECRET}\n" if arm == "slack" else f"{SECRET}\n")
    name = {"slack": "urlFile", "pagerDuty": "routingKeyFile", "webhook": "secretFile"}[arm]
    address = {} if arm == "slack" else {"url": url}
    entry = {name: str(file), "tls": {"caFile": str(authority.own.certificate)}, **address, **more}
    return open_receivers(parse_receivers({"one": {arm: entry}}), lambda: NOW)["one"]


def dispatch(name: str) -> Dispatch:
    """What somebody is sent in one of the cases."""
    before, now = CASES[name]
    note = None
    if before is not None:
        first = owed(told(before), None, now=NOW)
        assert first is not None
        note = noted(told(before), None, first, "one", NOW)
    occasion = owed(told(now), note, now=NOW)
    assert occasion is not None
    return dispatch_of(told(now), occasion, "one", Audience.OPERATIONS, note)


def worst() -> Dispatch:
    """With all that an incident may hold, in the words of somebody else."""
    incident = longest("<!channel> *bold* & `x` <http://evil|ok> \N{SNOWMAN}" * 60)
    assert incident.status is not None
    status = incident.status.model_copy(update={"phase": "Detected"})
    incident = incident.model_copy(update={"status": status})
    occasion = owed(incident, None, now=NOW)
    assert occasion is not None
    found = dispatch_of(incident, occasion, "one", Audience.OPERATIONS, None)
    return replace(found, pages=True)  # somebody has taken it, so it would call nobody


def noting(seen: list[tuple[web.Request, bytes]], status: int = 200) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        seen.append((request, await request.read()))
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    return handle


async def sent(
    arm: str, authority: Authority, tls: ssl.SSLContext, folder: Path, *what: Dispatch, **more: str
) -> list[tuple[web.Request, bytes]]:
    seen: list[tuple[web.Request, bytes]] = []
    async with answering(noting(seen), tls) as url:
        one = receiver(arm, url, authority, folder, **more)
        for each in what:
            await one.deliver(each)
    return seen


def as_documented(event: dict[str, Any]) -> None:
    """PagerDuty, Events API v2: required fields, their words, and how long they may be."""
    assert event["routing_key"] == SECRET
    assert event["event_action"] in {"trigger", "acknowledge", "resolve"}
    assert len(event["dedup_key"]) <= DOCUMENTED["dedup_key"]
    if event["event_action"] == "trigger":
        payload = event["payload"]
        assert 0 < len(payload["summary"]) <= DOCUMENTED["summary"]
        assert payload["source"]
        assert payload["severity"] in SEVERITIES
        known = {"summary", "source", "severity", "timestamp", "component", "group", "class"}
        assert payload.keys() <= known | {"custom_details"}
    else:
        assert "payload" not in event


async def test_pagerduty_is_triggered_acknowledged_and_resolved_under_one_key(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    names = ("opened-and-held", "contained", "severity-raised", "acknowledged", "closed")

    seen = await sent("pagerDuty", authority, tls, tmp_path, *map(dispatch, names), worst())

    events = [json.loads(body) for _, body in seen]
    for event in events:
        as_documented(event)
    assert {request.path for request, _ in seen} == {"/v2/enqueue"}
    actions = [event["event_action"] for event in events]
    # That it is contained calls nobody, and PagerDuty has no word for it.
    assert actions == ["trigger", "trigger", "acknowledge", "resolve", "trigger"]
    assert {event["dedup_key"] for event in events} == {UID}
    details = events[0]["payload"]["custom_details"]
    assert details["record"] == CHAIN["head"]
    assert details.keys() >= {"Harm", "Done", "Verified", "You must", "Stop"}


async def test_slack_shows_plain_text_that_calls_nobody(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    seen = await sent("slack", authority, tls, tmp_path, dispatch("opened-and-held"), worst())

    for (request, body), whole in zip(seen, (dispatch("opened-and-held"), worst()), strict=True):
        post = json.loads(body)
        assert request.path == f"/services/T0/B0/{SECRET}"
        assert request.content_type == "application/json"
        header, section = post["blocks"]
        for block, most in ((header, 150), (section, 3000)):
            assert block["text"]["type"] == "plain_text"
            assert 0 < len(block["text"]["text"]) <= most
        assert section["text"]["text"].endswith(whole.message.text[-60:])
        assert post["mrkdwn"] is False
        assert not re.search(r"<|>|&(?!amp;|lt;|gt;)", post["text"])


async def test_a_webhook_can_be_verified_and_says_everything_as_json(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    whole = dispatch("acknowledged")

    ((request, body),) = await sent("webhook", authority, tls, tmp_path, whole)

    stamp = request.headers["Knowngood-Timestamp"]
    assert int(stamp) == NOW.timestamp()
    wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert request.headers["Knowngood-Signature"] == f"v1={wanted}"
    assert request.headers["Idempotency-Key"] == whole.key
    found = json.loads(body)
    assert found["key"] == whole.key
    assert (found["occasion"], found["page"], found["severity"]) == (
        "Acknowledged",
        False,
        "Critical",
    )
    assert (found["namespace"], found["incident"]) == ("lending", "loan-approval-1")
    assert found["incidentUid"] == UID
    assert found["lines"][0]["head"] == "Harm"
    assert found["record"] == CHAIN["head"]
    assert "parent" not in found


async def test_a_cloud_event_is_one_and_holds_the_same(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    """Required by CloudEvents 1.0: specversion, id, source (a URI reference) and type; structured mode has one type."""
    whole = dispatch("containment-failed")

    ((request, body),) = await sent(
        "webhook", authority, tls, tmp_path, whole, format="CloudEvents"
    )
    ((_, plain),) = await sent("webhook", authority, tls, tmp_path, whole)

    assert request.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    event = json.loads(body)
    assert event["specversion"] == "1.0"
    assert event["id"] == whole.key
    assert event["type"] == "dev.knowngood.incident.containmentfailed"
    source = "/apis/knowngood.dev/v1alpha1/namespaces/lending/incidents/loan-approval-1"
    assert event["source"] == source
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in event)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"])
    assert event["data"] == json.loads(plain)


ARMS = ["pagerDuty", "slack", "webhook"]


@pytest.mark.parametrize("arm", ARMS)
async def test_a_secret_that_was_replaced_is_used_without_a_restart(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path, arm: str
) -> None:
    seen: list[tuple[web.Request, bytes]] = []
    async with answering(noting(seen), tls) as url:
        one = receiver(arm, url, authority, tmp_path)
        await one.deliver(dispatch("opened-and-held"))
        file = tmp_path / "secret"
        file.write_text(file.read_text().replace(SECRET, "another"))
        await one.deliver(dispatch("opened-and-held"))

    shown = [f"{r.path}{r.headers.get('Knowngood-Signature')}{b!r}" for r, b in seen]
    assert shown[0] != shown[1]
    assert SECRET not in shown[1]


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize(
    "case",
    [
        (400, ReceiverRefused),
        (403, ReceiverAway),
        (404, ReceiverAway),
        (429, ReceiverAway),
        (500, ReceiverAway),
        (307, ReceiverAway),
    ],
)
async def test_only_what_is_wrong_with_a_message_is_held_against_it(
    authority: Authority,
    tls: ssl.SSLContext,
    tmp_path: Path,
    arm: str,
    case: tuple[int, type[Exception]],
) -> None:
    status, raised = case
    seen: list[tuple[web.Request, bytes]] = []
    async with answering(noting(seen, status), tls) as url:
        with pytest.raises(raised, match=f"HTTP {status}") as failure:
            await receiver(arm, url, authority, tmp_path).deliver(dispatch("opened-and-held"))

    assert len(seen) == 1
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize("arm", ARMS)
async def test_one_that_is_silent_absent_or_somebody_else_is_away_and_no_secret_is_told(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path, arm: str
) -> None:
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    stranger = Authority(tmp_path / "stranger")
    cases = []
    async with answering(silent, tls) as url:
        cases.append(await away(receiver(arm, url, authority, tmp_path, deadline="200ms")))
        released.set()
        cases.append(await away(receiver(arm, url, stranger, tmp_path)))
    nowhere = f"https://{HOST}:{unused_port()}"
    gone = receiver(arm, nowhere, authority, tmp_path)
    cases.append(await away(gone))
    (tmp_path / "secret").unlink()
    cases.append(await away(gone))

    assert "File" in cases[-1]
    for words in cases:
        assert SECRET not in words


async def away(one: Receiver) -> str:
    with pytest.raises(ReceiverAway) as failure:
        await one.deliver(dispatch("opened-and-held"))
    return str(failure.value)


@pytest.mark.parametrize("arm", ARMS)
async def test_a_test_says_that_it_is_one(
    authority: Authority, tls: ssl.SSLContext, tmp_path: Path, arm: str
) -> None:
    ((_, body),) = await sent(arm, authority, tls, tmp_path, a_test("one", NOW))

    assert b"This is a test of the receiver one: no model is in trouble" in body
    if arm == "pagerDuty":
        as_documented(json.loads(body))
