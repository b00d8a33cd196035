"""The program as it is put together: where receivers tell who has an incident, and only where any can."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
import yaml

from knowngood.adapters.kubernetes.connection import connect
from knowngood.clock import SystemClock
from knowngood.running import listening_to
from knowngood.settings import parse
from knowngood.wiring import Program
from tests.adapters.loopback import HOST, unused_port
from tests.receivers.paged import a_file, by_pagerduty, event

NOBODY = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": f"http://{HOST}:1"}}],
    "users": [{"name": "u", "user": {"token": "x"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}


async def a_program(folder: Path, port: int, *secrets: str) -> Program:
    """One that has no API server, so it never leads."""
    secret = str(a_file(folder))
    arm = {"routingKeyFile": secret, **dict.fromkeys(secrets, secret)}
    receivers, access = folder / "receivers.yaml", folder / "access"
    receivers.write_text(yaml.safe_dump({"oncall": {"pagerDuty": arm}}))
    access.write_text(yaml.safe_dump(NOBODY))
    words = ["--receivers", receivers, "--kubeconfig", access, "--hooks-port", port]
    settings = parse([str(word) for word in words])
    return Program(settings, await connect(settings.kubeconfig), SystemClock())


async def test_what_is_signed_is_to_be_sent_again_to_who_does_not_lead(tmp_path: Path) -> None:
    port, body = unused_port(), event("u1")
    program = await a_program(tmp_path, port, "webhookSecretFile")
    url = f"http://{HOST}:{port}"
    async with listening_to(program.hooks), aiohttp.ClientSession() as session:
        for headers, status in ((by_pagerduty(body), 503), ({}, 401)):
            path = f"{url}/hooks/pagerduty/oncall"
            async with session.post(path, data=body, headers=headers) as answer:
                assert answer.status == status
        async with session.get(f"{url}/metrics") as answer:
            assert answer.status == 404, "nothing else answers there"
    shown = program.current_metrics().render().decode()
    await program.close()

    assert 'knowngood_hooks_total{outcome="failed",receiver="oncall"} 1.0' in shown


async def test_where_nobody_can_say_anything_no_port_is_open(tmp_path: Path) -> None:
    port = unused_port()
    program = await a_program(tmp_path, port)
    async with listening_to(program.hooks):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, port)
    await program.close()
