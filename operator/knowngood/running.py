"""The life of one process: what runs beside what, and in which order it ends."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from knowngood.adapters.kubernetes.api import WRITE_TIMEOUT
from knowngood.adapters.kubernetes.connection import connect
from knowngood.clock import Clock
from knowngood.handlers import http, informer
from knowngood.handlers.hooks import Hooks
from knowngood.handlers.listening import listening
from knowngood.settings import Settings
from knowngood.wiring import Program


async def run(settings: Settings, clock: Clock) -> None:
    """Run the operator until SIGTERM or SIGINT.

    Args:
        settings: What it is told.
        clock: Where it gets the time from. The Lease is held by `monotonic`, whatever `now` says.

    Raises:
        ExceptionGroup: A part of it ended or crashed; the process ends with it and is started anew.
    """
    connection = await connect(settings.kubeconfig)
    program = Program(settings, connection, clock)
    stop, watching = asyncio.Event(), asyncio.Event()
    try:
        async with listening_to(program.hooks):
            await _serve(program, stop, watching)
    finally:
        await program.close()


@asynccontextmanager
async def listening_to(hooks: Hooks) -> AsyncIterator[None]:
    """Listen to receivers, where any can tell something."""
    if not hooks.known:
        yield
        return
    async with listening(hooks.application(), hooks.port):
        yield


async def _serve(program: Program, stop: asyncio.Event, watching: asyncio.Event) -> None:
    app = http.application(program.stuck, program.unready, program.current_metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=program.settings.port, reuse_address=True).start()
    kopf_stop, elector_stop, filled = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        # Kopf comes first: it cancels whatever was started after it when it ends.
        working = [
            group.create_task(program.filled(filled)),
            group.create_task(program.resync.run()),
            *(group.create_task(view.run()) for view in program.views.all()),
            group.create_task(program.loop.run(filled)),
            group.create_task(program.gateways.run()),
            group.create_task(program.golden.run()),
            group.create_task(program.exporter.run(filled)),
            group.create_task(program.playbook.run(filled)),
            group.create_task(program.notifier.run(filled)),
            *(group.create_task(pulse.run(filled)) for pulse in program.pulses),
        ]
        electing = group.create_task(_elect(program, filled, elector_stop))
        group.create_task(
            informer.watch(program.feed.event, program.connection.login, watching, kopf_stop)
        )
        await watching.wait()
        _on_signals(stop)
        await stop.wait()
        # In this order: stop deciding, give the Lease back, then let Kopf go; probes answer until the end.
        for task in working:
            task.cancel()
        await asyncio.wait(working, timeout=WRITE_TIMEOUT)
        elector_stop.set()
        await electing
        kopf_stop.set()
    await runner.cleanup()


async def _elect(program: Program, filled: asyncio.Event, stop: asyncio.Event) -> None:
    """Run for the Lease once the view is filled: a process that sees nothing must not lead."""
    waiting = asyncio.create_task(filled.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    stopping.cancel()
    await program.elector.run(stop)


def _on_signals(stop: asyncio.Event) -> None:
    """Take the signals over from Kopf, which installs its own when it starts; the last one wins."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
