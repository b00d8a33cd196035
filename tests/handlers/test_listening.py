"""Who only holds a connection open keeps nobody else out."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.handlers.paging import HOST, Process, a_server, closed, running
from tests.receivers.paged import by_pagerduty, event

PAGER = "/hooks/pagerduty/oncall"
HALF = b"POST /hooks/pagerduty/oncall HTTP/1.1\r\nHost: x\r\n"


async def test_headers_and_bodies_that_never_end_are_cut_off(tmp_path: Path) -> None:
    server, _ = a_server()
    async with running(Process(server, tmp_path), longest=0.2) as port:
        for start in (b"", b"P", HALF, HALF + b"Content-Length: 9\r\n\r\nx"):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(start)
            assert b"200" not in await closed(reader)
            writer.close()


async def test_more_connections_than_there_may_be_are_closed_and_one_that_ends_makes_room(
    tmp_path: Path,
) -> None:
    server, uid = a_server()
    process, body = Process(server, tmp_path), event(uid)
    async with running(process, most=2) as port, AsyncExitStack() as stack:
        held = [await asyncio.open_connection(HOST, port) for _ in range(2)]
        for _, writer in held:
            stack.callback(writer.close)
            writer.write(HALF)
            await writer.drain()
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(HALF + b"\r\n")
        assert await closed(reader) == b""
        writer.close()

        held[0][1].write(b"\r\n")
        assert b"401" in await closed(held[0][0])

        status, _ = await process.post(PAGER, body, by_pagerduty(body))
        assert status == 200


async def test_a_connection_is_for_one_request(tmp_path: Path) -> None:
    server, _ = a_server()
    async with running(Process(server, tmp_path)) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(HALF + b"\r\n")

        answer = await closed(reader)
        assert answer.count(b"HTTP/1.1 401") == 1
        assert b"\r\nConnection: close\r\n" in answer
        writer.close()
