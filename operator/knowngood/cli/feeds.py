"""`knowngood feed list` and `feed resume`: what feeds a model, and which of it is suspended."""

import secrets

import click
from pydantic import TypeAdapter

from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.cli.options import MODEL, WORDS, Named, connect, placed
from knowngood.cli.ordering import annotations, written
from knowngood.cli.orders import answered
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer, complain
from knowngood.cli.views.feeds import feeds_of
from knowngood.clock import SystemClock
from knowngood.decisions.commands import Verb

FEED = Named("feed", TypeAdapter[str](ObjectName), "lower case letters, digits, '-' and '.'")


@click.group(context_settings=WORDS)
def feed() -> None:
    """See which feeds of a model are suspended, and resume them."""


@feed.command("list", context_settings=WORDS)
@click.argument("model", type=MODEL)
@placed
def list_all(model: str, **place: str | None) -> int:
    """Tell what feeds a model, and how far the suspension of each is.

    Exit codes: 0 told, whatever it says; 2 usage, or the API server cannot be reached or refuses.
    """
    found = connect(**place).model(model)
    told = feeds_of(found)
    if told is None:
        complain(f"{model} names no feeds (spec.feeds), and none of it is suspended")
    else:
        Printer().show([told])
    return Exit.DONE


@feed.command("resume", context_settings=WORDS)
@click.argument("model", type=MODEL)
@click.argument("name", metavar="FEED", type=FEED)
@click.option("--no-wait", is_flag=True, help="Do not wait for the operator's answer.")
@placed
def resume(model: str, name: str, *, no_wait: bool, **place: str | None) -> int:
    """Resume a feed that Knowngood has suspended: its field is what it was before.

    It is known by the name of its object. What somebody else has suspended is left alone.

    Exit codes: 0 done (with --no-wait: written); 1 refused, the reason is printed; 2 usage, or the API server cannot be
    reached or refuses; 4 the operator did not answer within 20 seconds.
    """
    cluster, printer = connect(**place), Printer()
    found = cluster.model(model)
    text = written(Verb.RESUME_FEED, name, SystemClock().now(), secrets.token_hex(4))
    cluster.annotate(found, annotations(text, cluster.whoami()))
    if no_wait:
        printer.say("written; the operator's answer is not awaited")
        return Exit.DONE
    return answered(cluster, found, text, printer)
