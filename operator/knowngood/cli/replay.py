"""`knowngood replay`: what would have been found and done in a span of the past."""

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from knowngood.cli.cluster import Object
from knowngood.cli.gathering import in_cluster, in_files, together
from knowngood.cli.options import MODEL, OUTPUT, VERSION, WORDS, Span, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Problem
from knowngood.cli.views.rehearsal import replayed, replayed_json
from knowngood.clock import SystemClock
from knowngood.rehearsal.told import Asked, Impossible
from knowngood.sources.source import Source, SourceProblem, load_sources, parse_sources

LASTS: Final = 2 * 3600.0


class Instant(click.ParamType[datetime]):
    """An instant like 2026-11-24T09:00Z."""

    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant like 2026-11-24T09:00Z", param, ctx)
        if found.tzinfo is None:
            self.fail(f"{value!r} names no time zone: end it with Z, or with +01:00", param, ctx)
        return found.astimezone(UTC)


@click.command(context_settings=WORDS)
@click.argument("model", type=MODEL)
@click.option("--from", "begins", type=Instant(), required=True, help="Where the span begins.")
@click.option("--for", "lasts", type=Span(), help="How long it is (default: 2h).")
@click.option("--to", "ends", type=Instant(), help="Or where it ends.")
@click.option(
    "--prometheus",
    metavar="URL",
    help="A Prometheus that still has the span; it is asked whatever source a signal names.",
)
@click.option(
    "--sources", metavar="FILE", help="Or sources by name, as the operator's: credentials, TLS."
)
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="Objects in the place of, or besides, the cluster's; more than once if need be.",
)
@click.option("--offline", is_flag=True, help="Ask no cluster: the files hold everything.")
@click.option("--stable", type=VERSION, help="The version that served then.")
@click.option(
    "--rollout", type=VERSION, help="Judge this version, which was rolled out beside the other one."
)
@click.option("--shadow", type=VERSION, help="The version that stood by then.")
@OUTPUT
@placed
def replay(model: str, *, begins: datetime, output: str, **said: Any) -> int:
    """Tell what would have been found and done in a span of the past; nothing is moved or written.

    The operator's own rules judge the version that served then by what a Prometheus has recorded, in minutes instead of
    hours, up to the first action on traffic.

    Exit codes: 0 replayed, whatever was found; 2 usage, or it can not be replayed.
    """
    from knowngood.rehearsal.of_prometheus import rehearse  # noqa: PLC0415  - every other command would wait for it

    ends = _ends(begins, said["ends"], said["lasts"])
    sources = _sources(said["prometheus"], said["sources"])
    place = {name: said[name] for name in ("namespace", "context", "kubeconfig")}
    objects, namespace = _objects(model, said["files"], place, offline=said["offline"])
    named = {"stable": "stable", "standby": "shadow", "rollout": "rollout"}
    versions = {field: said[option] or "" for field, option in named.items()}
    asked = Asked(namespace, model, begins, ends, **versions)
    # Passes that are tried again warn in the operator's log; faults are for people to report.
    logging.basicConfig(level=logging.ERROR)
    progress = _Progress(begins, ends)
    try:
        found = rehearse(objects, asked, sources, progress.tell)
    except Impossible as error:
        raise Problem(str(error)) from error
    finally:
        progress.end()
    if output == "json":
        click.echo(json.dumps(replayed_json(found), indent=2))
    else:
        Printer().show(replayed(found))
    return Exit.DONE


def _ends(begins: datetime, ends: datetime | None, lasts: float | None) -> datetime:
    if ends is not None and lasts is not None:
        raise click.UsageError("--to and --for say the same: give one of them")
    found = ends or begins + timedelta(seconds=LASTS if lasts is None else lasts)
    if found <= begins:
        raise click.UsageError("the span ends before it begins")
    now = SystemClock().now()
    if found > now:
        raise Problem(
            f"the span ends at {found:%Y-%m-%dT%H:%M:%SZ}, and it is {now:%Y-%m-%dT%H:%M:%SZ}: only what has passed "
            "can be replayed"
        )
    return found


def _objects(
    model: str, files: tuple[str, ...], place: Mapping[str, str | None], *, offline: bool
) -> tuple[list[Object], str]:
    if offline:
        if not files:
            raise click.UsageError("--offline asks no cluster: give all objects with --file")
        written = list(in_files(files, place["namespace"] or ""))
        spaces = sorted(_spaces(written, model))
        if place["namespace"] is None and len(spaces) > 1:
            raise Problem(
                f"{model} is in namespaces {', '.join(spaces)}: choose one with --namespace"
            )
        namespace = place["namespace"] or next(iter(spaces), "") or "default"
        return together((), (_in(namespace, body) for body in written)), namespace
    cluster = connect(**place)
    written = list(in_files(files, cluster.namespace))
    return together(in_cluster(cluster, model), written), cluster.namespace


def _spaces(written: list[Object], model: str) -> set[str]:
    mine = [o["metadata"] for o in written if o["kind"] == "AIModelDeployment"]
    return {meta.get("namespace") or "" for meta in mine if meta["name"] == model}


def _in(namespace: str, body: Object) -> Object:
    """Put what names no namespace into one."""
    meta = body["metadata"]
    if meta.get("namespace") == "":
        return {**body, "metadata": {**meta, "namespace": namespace}}
    return body


def _sources(url: str | None, path: str | None) -> Mapping[str, Source] | Source:
    if (url is None) == (path is None):
        raise click.UsageError(
            "give --prometheus URL, or --sources FILE: who has recorded the span?"
        )
    try:
        if path is not None:
            return load_sources(Path(path))
        return parse_sources({"default": {"url": url, "deadline": "30s"}})["default"]
    except SourceProblem as problem:
        raise Problem(str(problem)) from problem


@dataclass(slots=True)
class _Progress:
    """Tells on the error stream how far it is: on a terminal in one line, else not at all."""

    begins: datetime
    ends: datetime
    is_open: bool = False

    def tell(self, at: datetime) -> None:
        """It has come to an instant."""
        if not sys.stderr.isatty():
            return
        done = (at - self.begins) / (self.ends - self.begins)
        sys.stderr.write(f"\r{at:%Y-%m-%d %H:%M}Z  {max(0, min(100, round(100 * done)))} %")
        sys.stderr.flush()
        self.is_open = True

    def end(self) -> None:
        """Clear the line."""
        if self.is_open:
            sys.stderr.write("\r\x1b[K")
