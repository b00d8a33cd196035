"""A cluster for a person at a prompt.

up      start a cluster, keep it in the foreground, stop it with Ctrl-C
build   build and fetch every program that a cluster needs, once
status  list those programs, and the clusters that run now
"""

import argparse
import contextlib
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from e2e.bed.images import own_images
from e2e.cluster.binaries import Tools
from e2e.cluster.cluster import Cluster
from e2e.cluster.errors import BuildError, ClusterError
from e2e.cluster.images_file import SHAPE, read_images
from e2e.cluster.local import check_run_dir
from e2e.cluster.network import running
from e2e.cluster.options import USUAL, ClusterOptions, Image, Part, default_cache_dir
from e2e.cluster.progress import Terminal
from e2e.cluster.said import first_steps, places


def main() -> int:
    """Run as `python -m e2e.cluster`; returns the exit code."""
    arguments = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # both end a cluster tidily
        signal.signal(number, signal.default_int_handler)
    try:
        {"up": _up, "build": _build, "status": _status}[arguments.command](arguments)
    except ClusterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m e2e.cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cache", type=Path, default=default_cache_dir(), help="of programs")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start a cluster and keep it until Ctrl-C")
    up.add_argument("--parts", nargs="+", type=Part, choices=list(Part), default=USUAL)
    up.add_argument("--run-dir", type=Path, help="keep logs and data here")
    up.add_argument("--scrape-interval", default="1s", help="of Prometheus")
    up.add_argument(
        "--images",
        type=Path,
        metavar="FILE",
        help=f"images beside Knowngood's own, as a JSON file: {SHAPE}",
    )
    commands.add_parser("build", help="build and fetch every program, once")
    commands.add_parser("status", help="list the programs, and running clusters")
    return parser


def _up(arguments: argparse.Namespace) -> None:
    progress = Terminal()
    added = read_images(arguments.images) if arguments.images else {}
    if arguments.run_dir is not None:
        check_run_dir(arguments.run_dir)  # before anything is built
    try_it = all(part in arguments.parts for part in (Part.NODE, Part.GATEWAY, Part.PROMETHEUS))
    if try_it:
        Tools(arguments.cache, progress).prepare(arguments.parts, helm=True)
    options = ClusterOptions(
        parts=arguments.parts,
        images={**_own_images(arguments.parts, progress), **added},
        scrape_interval=arguments.scrape_interval,
        run_dir=arguments.run_dir,
        cache_dir=arguments.cache,
    )
    with Cluster.start(options, progress) as cluster:
        lines = [*places(cluster, options.parts), *(first_steps(cluster) if try_it else ())]
        sys.stdout.write("\n".join(["", *lines, "", "Ctrl-C ends it.", ""]))
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end
            signal.pause()


def _own_images(parts: Collection[Part], progress: Terminal) -> dict[str, Image]:
    """What the node knows unasked; a cluster is of use without it, so that it can not be had is only told."""
    if Part.NODE not in parts:
        return {}
    try:
        return own_images(progress)
    except BuildError as error:
        progress(f"the images of Knowngood and of the loan model are left out: {error}")
        return {}


def _build(arguments: argparse.Namespace) -> None:
    # Also what only tests use: built within one, it would take longer than a test may.
    tools = Tools(arguments.cache, Terminal())
    tools.prepare(frozenset(Part), helm=True, alertmanager=True)


def _status(arguments: argparse.Namespace) -> None:
    for name, place in Tools(arguments.cache, Terminal()).state():
        sys.stdout.write(f"{name:14} {place or 'not there yet'}\n")
    for address, run_dir in running().items():
        sys.stdout.write(f"running        {address}, KUBECONFIG={run_dir}/admin.kubeconfig\n")


if __name__ == "__main__":
    sys.exit(main())
