"""`knowngood incident`: read incidents, verify them, and answer them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from pydantic import TypeAdapter

from knowngood.api.v1alpha1 import Incident, Resolution
from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.cli.archived import held_against, older_of, with_older
from knowngood.cli.cluster import INCIDENTS, Cluster, Object
from knowngood.cli.options import WORDS, Named, connect, placed
from knowngood.cli.outcome import REFUSED, Exit
from knowngood.cli.printing import Printer, complain
from knowngood.cli.problems import Asked, NotThere, Problem
from knowngood.cli.reading import read
from knowngood.cli.saying import this_time
from knowngood.cli.views.incident import is_open, overview
from knowngood.cli.views.incident import show as view
from knowngood.cli.views.lines import Tone
from knowngood.cli.views.unsaid import unsaid
from knowngood.decisions.acknowledging import acknowledged_by
from knowngood.decisions.chaining import Fault, Older, first_fault

NAME: Final = Named(
    "incident", TypeAdapter[str](ObjectName), "lower case letters, digits, '-' and '.'"
)
NOTE: Final = 1024
"""Characters that a note may have."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@click.group(context_settings=WORDS)
def incident() -> None:
    """Read incidents, verify them, and answer them."""


@incident.command("list", context_settings=WORDS)
@click.option("-A", "--all-namespaces", is_flag=True, help="The incidents of all namespaces.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not closed.")
@placed
def list_all(*, all_namespaces: bool, only_open: bool, **place: str | None) -> int:
    """Tell the incidents of a namespace, open ones first and then the newest.

    Exit codes: 0 told, whatever it says; 2 usage, or the API server cannot be reached or refuses.
    """
    cluster = connect(**place)
    found, unread = _read(cluster.all(Asked("list", INCIDENTS, _where(cluster, all_namespaces))))
    told = [each for each in found if is_open(each) or not only_open]
    if told:
        Printer().show([overview(told, namespaces=all_namespaces)])
    elif not unread:
        kind = "open incident" if only_open else "incident"
        place_ = "the cluster" if all_namespaces else f"namespace {cluster.namespace}"
        complain(f"there is no {kind} in {place_}")
    for problem in unread:
        complain(str(problem))
    return Exit.TROUBLE if unread else Exit.DONE


@incident.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option("--all", "everything", is_flag=True, help="Also what was moved to ConfigMaps.")
@placed
def show(name: str, *, everything: bool, **place: str | None) -> int:
    """Tell an incident: what, since when, who was harmed, what was done, and what is left to do.

    Exit codes: 0 told, whatever it says; 2 usage, or the API server cannot be reached or refuses.
    """
    cluster = connect(**place)
    found, raw = incident_called(cluster, name)
    older = older_of(cluster, found) if everything else None
    fault = _fault(found, raw, older)
    Printer().show(view(with_older(found, older) if isinstance(older, Older) else found, fault))
    return Exit.DONE


@incident.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option("--head", metavar="HASH", help="A head that was kept elsewhere: log, ticket, mail.")
@placed
def verify(name: str, head: str | None, **place: str | None) -> int:
    """Verify that no entry of an incident's timeline was changed, removed, inserted or moved.

    Whoever may write the status can compute all hashes anew. So give a --head that was kept elsewhere: all up to the
    entry that has it is as it was then.

    Exit codes: 0 whole; 1 not, and the first entry that is wrong is named; 2 usage, or the API server cannot be reached
    or refuses.
    """
    if head is not None and not _HASH.fullmatch(head.lower()):
        raise click.UsageError(f"--head: {head!r} is not a hash of 64 hexadecimal digits")
    cluster = connect(**place)
    found, raw = incident_called(cluster, name)
    older = older_of(cluster, found)
    printer, fault = Printer(), _fault(found, raw, older)
    if fault is not None:
        printer.say(f"{name} is not whole: entry {fault.seq}: {fault.text}", Tone.BAD)
        return REFUSED
    moved = older if isinstance(older, Older) else None
    said, whole = held_against(found, _timeline(raw), moved, head.lower() if head else "")
    printer.say(f"{name} {said}", Tone.PLAIN if whole else Tone.BAD)
    return Exit.DONE if whole else REFUSED


@incident.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option("--note", metavar="TEXT", help="What you want to say; everybody reads it.")
@placed
def acknowledge(name: str, note: str | None, **place: str | None) -> int:
    """Say that you have taken an incident. It can be said once, and once more after it was opened again.

    Exit codes: 0 written; 1 somebody else has taken it, or it is closed; 2 usage, or the API server cannot be reached
    or refuses.
    """
    if note is not None and len(note) > NOTE:
        raise Problem(f"--note: at most {NOTE} characters")
    cluster = connect(**place)
    found, _ = incident_called(cluster, name)
    me, taken = whoever_asks(cluster), acknowledged_by(found)
    if taken:
        Printer().say(f"{name} is acknowledged already, by {taken}")
        return Exit.DONE if taken == me else REFUSED
    if not is_open(found):
        return is_closed(found)
    said = {"by": me, **({"note": note} if note else {})}
    answer(cluster, found, {"acknowledgement": this_time(found, said, found.spec.acknowledgement)})
    Printer().say(f"{name} is acknowledged by {me}", Tone.GOOD)
    return Exit.DONE


@incident.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option(
    "--resolution",
    required=True,
    type=click.Choice([each.value for each in Resolution]),
    help="How it ended. A FalsePositive says that the trigger was wrong about this version.",
)
@placed
def close(name: str, resolution: str, **place: str | None) -> int:
    """Close an incident. It can be said once, and moves no traffic.

    Exit codes: 0 written; 1 it is closed already; 2 usage, or the API server cannot be reached or refuses.
    """
    cluster = connect(**place)
    found, _ = incident_called(cluster, name)
    if found.spec.close is not None or not is_open(found):
        return is_closed(found)
    me = whoever_asks(cluster)
    answer(cluster, found, {"close": {"by": me, "resolution": resolution}})
    printer = Printer()
    printer.say(f"{name} is closed as {resolution} by {me}; no traffic moves", Tone.GOOD)
    for line in unsaid(found):
        printer.say(f"  {line}", Tone.WARNING)
    return Exit.DONE


def _where(cluster: Cluster, everywhere: bool) -> str:  # noqa: FBT001  - what the option says
    return "" if everywhere else cluster.namespace


def _read(found: Sequence[Object]) -> tuple[list[Incident], list[Problem]]:
    """Read incidents one by one: a newer one that is not understood must not hide the others."""
    incidents, unread = [], []
    for each in found:
        try:
            incidents.append(read(Incident, each))
        except Problem as problem:
            unread.append(problem)
    newest = sorted(incidents, key=_detected, reverse=True)
    return sorted(newest, key=lambda each: not is_open(each)), unread


def _detected(each: Incident) -> str:
    clocks = each.status.clocks if each.status else None
    return clocks.wire().get("detected", "") if clocks else ""


def incident_called(cluster: Cluster, name: str) -> tuple[Incident, Object]:
    """Read an incident, and as it came: what only a newer release knows is hashed too.

    Raises:
        Problem: There is none of this name.
    """
    try:
        raw = cluster.get(Asked("get", INCIDENTS, cluster.namespace, name))
    except NotThere:
        raise Problem(
            f"there is no incident {name} in namespace {cluster.namespace}; see: knowngood incident list "
            f"-n {cluster.namespace}"
        ) from None
    return read(Incident, raw), raw


def _timeline(raw: Object) -> Sequence[Mapping[str, Any]]:
    timeline: Sequence[Mapping[str, Any]] = raw.get("status", {}).get("timeline", ())
    return timeline


def _fault(found: Incident, raw: Object, older: Older | Fault | None = None) -> Fault | None:
    if isinstance(older, Fault):
        return older
    chain = found.status.chain if found.status else None
    return first_fault(found.metadata, _timeline(raw), chain, older)


def whoever_asks(cluster: Cluster) -> str:
    """The name by which the API server knows whoever asks.

    Raises:
        Problem: It does not say.
    """
    me = cluster.whoami()
    if not me:
        raise Problem("the API server does not say who you are: write spec by hand, with your name")
    return me


def answer(cluster: Cluster, found: Incident, spec: Object) -> None:
    """Write what a person says into the spec of exactly this incident, not of another one that has its name by now.

    Raises:
        Problem: The API server refuses it.
    """
    meta = found.metadata
    asked = Asked("patch", INCIDENTS, cluster.namespace, meta.name)
    cluster.patch(asked, {"metadata": {"uid": meta.uid}, "spec": spec})


def is_closed(found: Incident) -> int:
    """Say that an incident is closed; returns the exit code."""
    said, resolution = found.spec.close, found.status.resolution if found.status else None
    by = f", by {said.by}" if said else ""
    words = said.resolution if said else resolution
    Printer().say(f"{found.metadata.name} is closed already as {words}{by}")
    return REFUSED
