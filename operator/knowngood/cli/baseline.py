"""`knowngood baseline from-csv`: what a version is held against, from the data that it was validated with."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, Final

import click
import yaml

from knowngood.analysis.remembered.frozen import check
from knowngood.api.v1alpha1 import AIModelDeployment, Baseline, ClusterSignalTemplate
from knowngood.api.v1alpha1.signal_template import SignalForm
from knowngood.cli.cluster import Cluster
from knowngood.cli.columns import Wanted, count, read_edges
from knowngood.cli.mapping import mapped
from knowngood.cli.options import MODEL, SIGNAL, VERSION, WORDS, Command, connect, placed
from knowngood.cli.ordering import annotations, written
from knowngood.cli.orders import answered
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Asked, NotThere, Problem
from knowngood.cli.reading import read
from knowngood.clock import SystemClock
from knowngood.decisions.commands import Verb
from knowngood.decisions.handing_in import BASELINES_ANNOTATION, FIRST, sealed

TEMPLATES: Final = "clustersignaltemplates"
_LEFT_OUT: Final = ("source", "acceptedBy", "acceptedAt")
_DAYS: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])
_NEEDS: Final = {
    SignalForm.HISTOGRAM: "edges, those of its buckets",
    SignalForm.RATIO: "the value that counts as the event",
    SignalForm.CATEGORIES: "neither edges nor an event",
}
_HELP: Final = """Hand in a baseline that is counted from rows of a CSV file, or of the standard input (-).

Triggers with comparedTo: Baseline hold VERSION against it at once, and it is never replaced by itself. It needs the
right remember on the model. Rows are counted as the model's own metrics count requests: a number into the bins of
--edges, a word as a category, the value of --event as a share. Several signals: --map, a YAML file of
SIGNAL: {column: …, edges: […] or event: …}.

Exit codes: 0 done (with --no-wait: written; with --dry-run: printed); 1 refused, the reason is printed; 2 usage, or a
row that can not be counted, or the API server cannot be reached or refuses; 4 the operator did not answer within 20
seconds."""

_COUNTING: Final = (
    click.option(
        "--signal", type=SIGNAL, metavar="NAME", help="The signal template that is counted."
    ),
    click.option("--column", metavar="NAME", help="Its column."),
    click.option("--edges", metavar="1,2,3", help="Of a histogram: upper edges of the buckets."),
    click.option(
        "--event", "events", multiple=True, metavar="VALUE", help="Of a ratio: the event."
    ),
    click.option("--map", "map_file", metavar="FILE", help="Several signals, as YAML."),
    click.option("--from", "from_", type=_DAYS, help="When the first row is from (default: now)."),
    click.option("--to", type=_DAYS, help="When the last row is from (default: now)."),
)


@click.group(context_settings=WORDS)
def baseline() -> None:
    """Say what versions are held against."""


def _counting(command: Command) -> Command:
    """Add the options that say what is counted, in the order in which they are shown."""
    for option in reversed(_COUNTING):
        command = option(command)
    return command


@baseline.command("from-csv", context_settings=WORDS, help=_HELP)
@click.argument("model", type=MODEL)
@click.argument("version", type=VERSION)
@click.argument("file", metavar="FILE|-")
@_counting
@click.option("--dry-run", is_flag=True, help="Print what would be handed in; ask no cluster.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the operator's answer.")
@placed
def from_csv(
    model: str,
    version: str,
    file: str,
    *,
    dry_run: bool,
    no_wait: bool,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
    **said: Any,
) -> int:
    """Count, and hand in."""
    printer, now = Printer(), SystemClock().now()
    wanted = _wanted(**{k: said[k] for k in ("signal", "column", "edges", "events", "map_file")})
    found = _counted(file, wanted, (_utc(said["from_"]) or now, _utc(said["to"]) or now))
    bodies = [_body(one) for one in found]
    if dry_run:
        text = yaml.safe_dump({"baselines": bodies}, sort_keys=False, allow_unicode=True)
        for line in text.splitlines():
            printer.say(line)
        return Exit.DONE
    cluster = connect(namespace, context, kubeconfig)
    known = cluster.model(model)
    for one in wanted:
        _fits(cluster, one)
    for each in found:
        printer.say(f"{each.signal}: {each.samples} requests in {_parts(each)}")
    return _hand_in(cluster, known, version, bodies, wait=not no_wait)


def _hand_in(
    cluster: Cluster,
    model: AIModelDeployment,
    version: str,
    bodies: Sequence[Mapping[str, Any]],
    *,
    wait: bool,
) -> int:
    printer = Printer()
    data = json.dumps(bodies, separators=(",", ":"), ensure_ascii=False)
    text = written(Verb.REMEMBER, version, SystemClock().now(), sealed(data))
    said = annotations(text, cluster.whoami())
    cluster.annotate(model, {**said, BASELINES_ANNOTATION: data})
    if not wait:
        printer.say("written; the operator's answer is not awaited")
        return Exit.DONE
    code = answered(cluster, model, text, printer)
    if code != Exit.TIMEOUT:  # it may still be read
        cluster.annotate(model, {BASELINES_ANNOTATION: None})
    return code


def _wanted(
    signal: str | None,
    column: str | None,
    edges: str | None,
    events: Sequence[str],
    map_file: str | None,
) -> tuple[Wanted, ...]:
    if map_file is not None:
        if signal or column or edges or events:
            raise Problem("--map goes with none of --signal, --column, --edges and --event")
        return mapped(map_file)
    if not signal or not column:
        raise Problem("say what is counted: --signal and --column, or --map for several signals")
    if edges is not None and events:
        raise Problem("--edges are of a histogram and --event is of a ratio: give one of them")
    cut = () if edges is None else read_edges(edges.split(","), "--edges")
    return (Wanted(signal, column, cut, tuple(events)),)


def _counted(
    file: str, wanted: Sequence[Wanted], span: tuple[datetime, datetime]
) -> tuple[Baseline, ...]:
    name = "standard input" if file == "-" else file
    for option, at in zip(("--from", "--to"), span, strict=True):
        if not FIRST <= at <= SystemClock().now():
            raise Problem(f"{option}: a time from {FIRST.year} to now is wanted")
    if span[0] > span[1]:
        raise Problem("--from is later than --to")
    try:
        with _opened(file) as stream:
            reader = csv.DictReader(stream)
            rows = ((reader.line_num, row) for row in reader)
            found = tuple(count(rows, reader.fieldnames or (), wanted, name, span))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problem(f"cannot read {name}: {' '.join(str(error).split())}") from error
    for one in found:
        try:
            check(one)
        except ValueError as error:
            raise Problem(f"{name}: {error}") from error
    return found


@contextmanager
def _opened(file: str) -> Iterator[IO[str]]:
    # Spreadsheets write a mark before the first name. The standard input stays open.
    here: str | int = sys.stdin.fileno() if file == "-" else file
    with open(here, encoding="utf-8-sig", newline="", closefd=file != "-") as stream:
        yield stream


def _body(found: Baseline) -> dict[str, Any]:
    body = found.wire()
    lists = ("events", "totals", "categories", "edges", "counts")
    return {k: v for k, v in body.items() if k not in _LEFT_OUT and (k not in lists or v)}


def _fits(cluster: Cluster, wanted: Wanted) -> None:
    """Make sure that the signal is there, and counts in this way."""
    try:
        body = cluster.get(Asked("get", TEMPLATES, "", wanted.signal))
    except NotThere:
        raise Problem(f"there is no ClusterSignalTemplate {wanted.signal}") from None
    spec = read(ClusterSignalTemplate, body).spec
    if spec.segments is not None:
        raise Problem(f"signal {wanted.signal} has segments, and rows are counted as a whole")
    form = spec.form
    if form is not None and form is not wanted.form:
        needs = _NEEDS.get(form, "no baseline")
        raise Problem(f"signal {wanted.signal} is of the kind {form}: it needs {needs}")


def _parts(found: Baseline) -> str:
    if found.totals:
        return f"a share, {sum(found.events)} of them with the event"
    return f"{len(found.counts)} {'categories' if found.categories else 'bins'}"


def _utc(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)
