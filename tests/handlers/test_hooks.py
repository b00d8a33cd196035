"""Who was paged says over HTTP that they have an incident: real requests on the loopback."""

from pathlib import Path

import aiohttp
import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.errors import Unavailable
from knowngood.handlers.hooks import LARGEST
from tests.handlers.paging import HOST, Process, a_server, now, running, said
from tests.receivers.paged import ALICE, SECRET, a_file, by_pagerduty, by_slack, event, press

PAGER, SLACK = "/hooks/pagerduty/oncall", "/hooks/slack/channel"
TAKEN = f"acknowledged by {ALICE} (PagerDuty receiver oncall)"


async def test_who_acknowledges_where_they_were_paged_has_the_incident(tmp_path: Path) -> None:
    server, uid = a_server()
    process, body = Process(server, tmp_path), event(uid)

    async with running(process):
        assert await process.post(PAGER, body, by_pagerduty(body)) == (200, "taken")

    assert said(server) == (ALICE, [TAKEN])
    clocks = server.list("Incident")[0]["status"]["clocks"]
    assert clocks["acknowledged"]
    assert process.counted() == {("oncall", "taken"): 1}


async def test_who_presses_the_button_has_it_and_the_next_one_changes_nothing(
    tmp_path: Path,
) -> None:
    server, uid = a_server()
    process, body, pressed = Process(server, tmp_path), event(uid), press(uid)

    async with running(process):
        assert (await process.post(SLACK, pressed, by_slack(pressed, now())))[0] == 200
        writes = len(server.writes)
        assert await process.post(PAGER, body, by_pagerduty(body)) == (200, "known")

    assert said(server) == ("alice", ["acknowledged by alice (Slack receiver channel)"])
    assert len(server.writes) == writes


async def test_what_is_not_agreed_on_is_refused_by_its_own_status_and_writes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, uid = a_server()
    process, body, pressed = Process(server, tmp_path), event(uid), press(uid)
    good, large = by_pagerduty(body), b"x" * (LARGEST + 1)
    packed = {**good, "Content-Encoding": "gzip"}
    old = by_slack(pressed, now() - 301)
    before = len(server.writes)

    async with running(process):
        post = process.post
        assert (await post(PAGER, body, {}))[0] == 401
        assert (await post(PAGER, body, by_pagerduty(body, "another")))[0] == 401
        assert (await post(SLACK, pressed, old))[0] == 401
        assert (await post(SLACK, body, good))[0] == 401
        assert (await post(PAGER, large, by_pagerduty(large)))[0] == 413
        assert (await post(PAGER, b"{", by_pagerduty(b"{")))[0] == 400
        for path in ("/hooks/pagerduty/nobody", "/hooks/slack/oncall", "/hooks/mail/oncall"):
            assert (await post(path, body, good))[0] == 404
        assert (await post("/metrics", body, good))[0] == 404
        assert len(server.writes) == before
        assert (await post(PAGER, body, packed))[0] == 200, "what is signed are the bytes that came"

    refused = {("oncall", "refused"): 4, ("channel", "refused"): 2, ("", "refused"): 3}
    assert process.counted() == refused | {("oncall", "taken"): 1}
    for secret in (SECRET, uid, good["X-PagerDuty-Signature"], ALICE):
        assert all(secret not in r.getMessage() for r in caplog.records if "taken by" not in r.msg)


async def test_a_body_that_does_not_say_how_long_it_is_is_not_read_to_its_end(
    tmp_path: Path,
) -> None:
    server, _ = a_server()
    process = Process(server, tmp_path)

    async def endless() -> object:
        for _ in range(64):
            yield b"x" * 4096

    async with running(process):
        status, _ = await process.post(PAGER, endless(), {})  # type: ignore[arg-type]  # sent in chunks

    assert status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_hook_takes_nothing_but_a_post(tmp_path: Path, method: str) -> None:
    server, _ = a_server()
    process = Process(server, tmp_path)
    async with (
        running(process),
        aiohttp.ClientSession() as session,
        session.request(method, f"{process.url}{PAGER}") as answer,
    ):
        assert answer.status == 405


async def test_an_incident_that_is_not_there_is_no_reason_to_try_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, _ = a_server()
    elsewhere, uid = a_server("fraud")
    for process, key in (
        (Process(server, tmp_path), "somebody-else's\nkey"),
        (Process(elsewhere, tmp_path), uid),
    ):
        before, body = len(process.server.writes), event(key)
        async with running(process):
            assert await process.post(PAGER, body, by_pagerduty(body)) == (200, "unknown")
        assert len(process.server.writes) == before
    assert "no incident that it is told of has the key" in caplog.text
    assert "else's\nkey" not in caplog.text


@pytest.mark.parametrize("kind", ["incident.resolved", "incident.triggered", "pagey.ping"])
async def test_what_else_happens_there_changes_nothing_and_is_taken(
    tmp_path: Path, kind: str
) -> None:
    server, uid = a_server()
    process, body = Process(server, tmp_path), event(uid, kind=kind)
    before = len(server.writes)

    async with running(process):
        assert await process.post(PAGER, body, by_pagerduty(body)) == (200, "ignored")

    assert len(server.writes) == before


async def test_a_secret_that_is_changed_is_used_at_once(tmp_path: Path) -> None:
    server, uid = a_server()
    process, body = Process(server, tmp_path), event(uid)

    async with running(process):
        a_file(tmp_path, "of-after")
        assert (await process.post(PAGER, body, by_pagerduty(body)))[0] == 401
        process.secret.unlink()
        assert (await process.post(PAGER, body, by_pagerduty(body, "of-after")))[0] == 503
        a_file(tmp_path, "of-after")
        assert (await process.post(PAGER, body, by_pagerduty(body, SECRET, "of-after")))[0] == 200

    assert said(server)[0] == ALICE


async def test_who_does_not_lead_hands_it_to_who_does(tmp_path: Path) -> None:
    server, uid = a_server()
    leading, body, pressed = Process(server, tmp_path), event(uid), press(uid)
    async with running(leading) as port:
        standing_by = Process(
            server, tmp_path, MemoryFence(leads=False), leader=HOST, hooks_port=port
        )
        async with running(standing_by):
            signed = by_slack(pressed, now())
            assert await standing_by.post(SLACK, pressed, signed) == (200, "relayed")
            assert await standing_by.post(PAGER, body, by_pagerduty(body)) == (200, "relayed")
            assert (await standing_by.post(PAGER, body, {}))[0] == 401

    assert said(server) == ("alice", ["acknowledged by alice (Slack receiver channel)"])
    assert leading.counted() == {("channel", "taken"): 1, ("oncall", "known"): 1}


@pytest.mark.parametrize("leader", ["", HOST, "evil.example.com", "127.0.0.1:80/x", "::1"])
async def test_while_nobody_leads_it_is_to_be_sent_again(tmp_path: Path, leader: str) -> None:
    """Two that stand by and take each other for the leader do not hand it to and fro."""
    server, uid = a_server()
    other, body = Process(server, tmp_path, MemoryFence(leads=False)), event(uid)
    async with running(other) as port:
        fence = MemoryFence(leads=False)
        process = Process(server, tmp_path, fence, leader=leader, hooks_port=port)
        other.leader, other.hooks.port = HOST, port
        async with running(process):
            assert (await process.post(PAGER, body, by_pagerduty(body)))[0] == 503
            assert said(server) == ("", [])
            fence.leads = True
            assert (await process.post(PAGER, body, by_pagerduty(body)))[0] == 200

    assert said(server) == (ALICE, [TAKEN])
    assert sum(other.counted().values()) == (1 if leader == HOST else 0)


async def test_what_could_not_be_written_is_to_be_sent_again(tmp_path: Path) -> None:
    server, uid = a_server()
    process, body = Process(server, tmp_path), event(uid)

    async with running(process):
        process.line.broken = Unavailable("the API server is away")
        assert (await process.post(PAGER, body, by_pagerduty(body)))[0] == 503
        process.line.broken = None
        assert (await process.post(PAGER, body, by_pagerduty(body)))[0] == 200

    assert said(server) == (ALICE, [TAKEN])
