"""What a real Alertmanager understands of incidents."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from e2e.cluster.binaries import Tools
from e2e.cluster.options import default_cache_dir
from e2e.cluster.progress import Terminal
from knowngood.adapters.notify.alertmanager import LASTS, AlertmanagerReceiver
from knowngood.api.v1alpha1 import Severity
from knowngood.clock import SystemClock
from knowngood.errors import ReceiverAway
from knowngood.messages.dispatches import Dispatch, dispatch_of, reminder_of
from knowngood.messages.dispatches import test_dispatch as a_test
from knowngood.messages.message import Audience
from knowngood.messages.occasions import noted, owed
from knowngood.receivers.receiver import parse_receivers
from tests.adapters.alertmanager import RealAlertmanager, ended
from tests.adapters.loopback import HOST, answering, unused_port
from tests.exporting.cases import longest
from tests.messages.cases import MANY, NOW, Object, held, taken_back, told
from tests.messages.cases import ended as closed

BEGINNING = SystemClock().now()


class Time:
    """The time of day, as the test wants it."""

    def __init__(self) -> None:
        self.at = SystemClock().now()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
def program() -> Path:
    return Tools(default_cache_dir(), Terminal()).alertmanager


@pytest.fixture
def server(program: Path, tmp_path: Path) -> Iterator[RealAlertmanager]:
    with ended(RealAlertmanager(program, tmp_path / "alertmanager")) as one:
        yield one


def receiver(url: str, now: Time, **fields: object) -> AlertmanagerReceiver:
    config = parse_receivers({"am": {"alertmanager": {"url": url, **fields}}})["am"]
    assert config.alertmanager is not None
    return AlertmanagerReceiver(config.alertmanager, now)


def first(body: Object) -> Dispatch:
    """What somebody is told of an incident that is new to them."""
    occasion = owed(told(body), None, now=NOW)
    assert occasion is not None
    return today(dispatch_of(told(body), occasion, "am", Audience.OPERATIONS, None))


def today(dispatch: Dispatch) -> Dispatch:
    """The same, of an hour ago: Alertmanager goes by a clock of its own."""
    closed_at = dispatch.closed and BEGINNING
    return replace(dispatch, opened=BEGINNING - timedelta(hours=1), closed=closed_at)


def reminder(body: Object, known: Object) -> Dispatch:
    occasion = owed(told(known), None, now=NOW)
    assert occasion is not None
    note = noted(told(known), None, occasion, "am", NOW)
    return today(reminder_of(told(body), "am", Audience.OPERATIONS, note))


def raised(body: Object, severity: str) -> Dispatch:
    """What somebody is told who knew another severity."""
    known = held(severity=severity)
    occasion = owed(told(known), None, now=NOW)
    assert occasion is not None
    note = noted(told(known), None, occasion, "am", NOW)
    again = owed(told(body), note, now=NOW)
    assert again is not None
    return today(dispatch_of(told(body), again, "am", Audience.OPERATIONS, note))


async def test_an_incident_is_an_alert_with_all_lines_and_the_record(
    server: RealAlertmanager,
) -> None:
    await server.start()
    now = Time()

    await receiver(server.url, now).deliver(first(held(parent=MANY)))

    (alert,) = await server.alerts()
    assert alert["labels"] == {
        "alertname": "KnowngoodIncident",
        "namespace": "lending",
        "model": "loan-approval",
        "incident": "loan-approval-1",
        "severity": "critical",
    }
    assert alert["status"]["state"] == "active"
    notes = alert["annotations"]
    lines = {"harm", "done", "verified", "you_must", "stop"}
    assert notes.keys() == {"summary", "description", "record", "parent", *lines}
    assert notes["description"].splitlines()[0] == notes["summary"]
    assert datetime.fromisoformat(alert["startsAt"]) < now.at
    assert datetime.fromisoformat(alert["endsAt"]) - now.at == pytest.approx(
        LASTS, abs=timedelta(milliseconds=2)
    )


async def test_a_reminder_prolongs_the_same_alert_and_without_one_it_ends_by_itself(
    server: RealAlertmanager,
) -> None:
    await server.start()
    now = Time()
    am = receiver(server.url, now)
    await am.deliver(first(taken_back()))
    (before,) = await server.alerts()

    now.at += timedelta(minutes=1)
    await am.remind([reminder(taken_back(), taken_back()), first(other())])

    after = {a["labels"]["incident"]: a for a in await server.alerts()}
    assert after.keys() == {"loan-approval-1", "other-1"}
    same = after["loan-approval-1"]
    assert same["fingerprint"] == before["fingerprint"]
    longer = datetime.fromisoformat(same["endsAt"]) - datetime.fromisoformat(before["endsAt"])
    assert longer == timedelta(minutes=1)
    now.at -= timedelta(hours=1)
    await am.remind([first(third())])  # ended fifty minutes ago: nobody has sent it since
    assert {a["labels"]["incident"] for a in await server.alerts()} == after.keys()


async def test_what_is_closed_is_resolved(server: RealAlertmanager) -> None:
    await server.start()
    am = receiver(server.url, Time())
    await am.deliver(first(taken_back()))
    assert len(await server.alerts()) == 1

    await am.deliver(first(closed()))

    assert await server.alerts() == []


async def test_another_severity_takes_the_place_of_the_one_before(server: RealAlertmanager) -> None:
    await server.start()
    now = Time()
    am = receiver(server.url, now)
    before = first(held(severity="High"))
    await am.deliver(before)
    now.at += timedelta(milliseconds=1)
    await am.deliver(raised(held(severity="Critical"), "High"))

    async def severities() -> set[str]:
        return {a["labels"]["severity"] for a in await server.alerts()}

    assert before.severity is Severity.HIGH
    found = [await severities()]
    while "high" in found[-1]:
        found.append(await severities())  # it ended just now
    assert found[-1] == {"critical"}


async def test_the_longest_incident_and_the_worst_words_of_others_come_whole(
    server: RealAlertmanager,
) -> None:
    await server.start()
    incident = longest('"\\</>&{{ .Labels }}*_`\N{RIGHT-TO-LEFT OVERRIDE}\N{SNOWMAN}' * 90)
    assert incident.status is not None
    status = incident.status.model_copy(update={"phase": "Detected"})
    occasion = owed(incident.model_copy(update={"status": status}), None, now=NOW)
    assert occasion is not None
    sent = today(
        dispatch_of(
            incident.model_copy(update={"status": status}),
            occasion,
            "am",
            Audience.OPERATIONS,
            None,
        )
    )

    await receiver(server.url, Time()).deliver(sent)

    (alert,) = await server.alerts()
    assert alert["annotations"]["description"] == sent.message.text


async def test_a_test_ends_by_itself(server: RealAlertmanager) -> None:
    await server.start()
    now = Time()

    await receiver(server.url, now).deliver(a_test("am", now.at))

    (alert,) = await server.alerts()
    assert alert["labels"] == {"alertname": "KnowngoodTest", "severity": "low"}
    assert datetime.fromisoformat(alert["endsAt"]) - now.at < timedelta(minutes=2)


async def test_one_that_is_down_or_somewhere_else_is_away(
    server: RealAlertmanager,
) -> None:
    await server.start()
    broken = first(held())
    with pytest.raises(ReceiverAway, match="HTTP 404"):
        await receiver(f"{server.url}/elsewhere", Time()).deliver(broken)
    with pytest.raises(ReceiverAway, match="does not answer"):
        await receiver(f"http://{HOST}:{unused_port()}", Time()).deliver(broken)
    server.end()
    with pytest.raises(ReceiverAway, match="does not answer"):
        await receiver(server.url, Time()).deliver(broken)


def other() -> Object:
    body = held()
    body["metadata"] = {**body["metadata"], "name": "other-1", "uid": "u-1"}
    return body


def third() -> Object:
    body = other()
    body["metadata"]["name"] = "third-1"
    return body


async def test_many_are_reminded_of_in_parts_that_a_proxy_takes() -> None:
    seen: list[tuple[int, int]] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append((len(json.loads(body)), len(body)))
        return web.Response()

    text = '"\u00e4' * 1000
    body = longest(text)
    assert body.status is not None
    open_one = body.status.model_copy(update={"phase": "Detected", "next_for_human": text})
    incident = body.model_copy(update={"status": open_one})
    occasion = owed(incident, None, now=NOW)
    assert occasion is not None
    worst = dispatch_of(incident, occasion, "am", Audience.OPERATIONS, None)
    async with answering(handle) as url:
        await receiver(url, Time()).remind([worst] * 250)

    assert [count for count, _ in seen] == [100, 100, 50]
    assert all(size < 1_000_000 for _, size in seen)
