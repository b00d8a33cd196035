"""`knowngood notify test`: send a test message to a receiver, from where its credentials are."""

import asyncio
from pathlib import Path
from typing import Final

import click

from knowngood.cli.options import WORDS
from knowngood.cli.outcome import Exit
from knowngood.cli.problems import Problem
from knowngood.clock import SystemClock
from knowngood.errors import ReceiverError
from knowngood.messages.dispatches import test_dispatch
from knowngood.receivers.receiver import ReceiverConfig, ReceiverProblem, load_receivers

MOUNTED: Final = Path("/etc/knowngood/receivers/receivers.yaml")
"""Where the chart puts the file in the operator's pod."""

_IN_THE_POD: Final = "kubectl -n knowngood exec deploy/knowngood -- knowngood notify test"


@click.group(context_settings=WORDS)
def notify() -> None:
    """Try whether people can be told."""


@notify.command(context_settings=WORDS)
@click.argument("receiver")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=MOUNTED,
    show_default=True,
    help="The file of receivers that the operator has.",
)
def test(receiver: str, config: Path) -> int:
    """Send a test message to RECEIVER, or say what is wrong.

    It uses no cluster: it reads the operator's own file, with the credentials that are named there, and sends the
    message itself. So run it where they are, in the operator's pod:
    kubectl -n knowngood exec deploy/knowngood -- knowngood notify test RECEIVER

    Exit codes: 0 the receiver has taken it; 2 it has not, or it is not configured.
    """
    if config == MOUNTED and not config.exists():
        raise Problem(
            f"there is no {config}: run this in the operator's pod ({_IN_THE_POD} {receiver}), where receivers are "
            "configured, or name a file with --config"
        )
    try:
        receivers = load_receivers(config)
    except ReceiverProblem as problem:
        raise Problem(str(problem)) from problem
    if receiver not in receivers:
        known = ", ".join(sorted(receivers)) or "none"
        raise Problem(f"there is no receiver {receiver} in {config}; there are: {known}")
    try:
        asyncio.run(_send(receiver, receivers[receiver]))
    except ReceiverError as error:
        raise Problem(f"receiver {receiver} has not taken it: {error}") from error
    click.echo(f"receiver {receiver} has taken a test message: see whether it has come to people")
    return Exit.DONE


async def _send(name: str, config: ReceiverConfig) -> None:
    from knowngood.adapters.notify.opening import (  # noqa: PLC0415  - no other command waits for it to be loaded
        open_receivers,
    )

    now = SystemClock().now
    await open_receivers({name: config}, now)[name].deliver(test_dispatch(name, now()))
