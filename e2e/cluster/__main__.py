"""A cluster for a person at a prompt.

up      start a cluster, keep it in the foreground, stop it with Ctrl-C
build   build and fetch every program that a cluster needs, once
status  list those programs, and the clusters that run now
"""

import argparse
import contextlib
import json
import signal
import sys
from pathlib import Path

from e2e.cluster.binaries import Tools
from e2e.cluster.cluster import Cluster
from e2e.cluster.errors import ClusterError
from e2e.cluster.network import running
from e2e.cluster.options import USUAL, ClusterOptions, Image, Part, default_cache_dir
from e2e.cluster.progress import Terminal


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
        help='JSON: {"image prefix": {"argv": ["program", "argument"], "env": {"NAME": "value"}}}',
    )
    commands.add_parser("build", help="build and fetch every program, once")
    commands.add_parser("status", help="list the programs, and running clusters")
    return parser


def _up(arguments: argparse.Namespace) -> None:
    images = json.loads(arguments.images.read_text()) if arguments.images else {}
    options = ClusterOptions(
        parts=arguments.parts,
        images={p: Image(tuple(i["argv"]), i.get("env", {})) for p, i in images.items()},
        scrape_interval=arguments.scrape_interval,
        run_dir=arguments.run_dir,
        cache_dir=arguments.cache,
    )
    with Cluster.start(options) as cluster:
        sys.stdout.write(f"\nexport KUBECONFIG={cluster.kubeconfig}\n")
        sys.stdout.write(f"kubectl      {cluster.tools.kubectl}\n")
        if Part.GATEWAY in options.parts:
            sys.stdout.write(f"gateway      {cluster.gateway_url} (routed by host name)\n")
        if Part.SECOND_GATEWAY in options.parts:
            sys.stdout.write(f"second one   {cluster.second_gateway_url} (likewise)\n")
        if Part.PROMETHEUS in options.parts:
            sys.stdout.write(f"Prometheus   {cluster.prometheus_url}\n")
        sys.stdout.write(f"pod output   {cluster.run_dir}/pods\n\nCtrl-C ends it.\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):  # the way it is meant to end
            signal.pause()


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
