"""The operator's command line: which options there are, and what they are unless somebody says otherwise."""

import argparse
import os
import secrets
import socket
from pathlib import Path
from typing import Final

DESCRIPTION: Final = """Knowngood: watches every version of an AI model and puts traffic back on a known-good one.

Runs inside a cluster with the rights that its chart grants, or outside of it with --kubeconfig. All replicas watch;
the one that holds the Lease judges and writes."""


def parser() -> argparse.ArgumentParser:
    """The parser; what the values mean is checked by whoever takes them."""
    options = argparse.ArgumentParser(
        "knowngood-operator",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = options.add_argument
    pod, namespace = os.environ.get("POD_NAME"), os.environ.get("POD_NAMESPACE")
    add("--source", action="append", default=[], metavar="NAME=URL",
        help="a Prometheus-compatible endpoint that ClusterSignalTemplates may name; repeat for more")  # fmt: skip
    add("--sources", type=Path, metavar="FILE",
        help="YAML of endpoints by name, with deadlines, headers and files of credentials")  # fmt: skip
    add("--siem", type=Path, metavar="FILE",
        help="YAML of SIEMs by name, to which incidents are exported")  # fmt: skip
    add("--receivers", type=Path, metavar="FILE",
        help="YAML of receivers by name, who are told of incidents")  # fmt: skip
    add("--dead-mans-switch", type=Path, metavar="FILE",
        help="holds the URL that is told while Knowngood watches, so that its silence calls people")  # fmt: skip
    add(
        "--namespace",
        default=namespace or "knowngood",
        help="where the Lease is (default: %(default)s)",
    )
    add(
        "--identity",
        default=pod or _lone_identity(),
        help="unique name of this process (default: %(default)s)",
    )
    add("--lease", default="knowngood", help="name of the Lease (default: %(default)s)")
    _add_numbers(options)
    _add_feeds(options)
    add("--people-proved", action="store_true",
        help="believe who commands and answers: the chart's ValidatingAdmissionPolicies are in force")  # fmt: skip
    add("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"],
        help="(default: %(default)s)")  # fmt: skip
    add("--address", default=os.environ.get("POD_IP", ""),
        help="where gateways and other replicas reach this process (default: $POD_IP)")  # fmt: skip
    add("--kubeconfig", help="run outside of the cluster that this file names")
    return options


def _add_feeds(options: argparse.ArgumentParser) -> None:
    add = options.add_argument
    add("--suspendable", action="append", default=[], metavar="JSON",
        help="a kind of feeds that may be suspended: apiVersion, kind, path, value; repeat for more")  # fmt: skip
    add("--suspend-in", action="append", default=[], metavar="NAMESPACE",
        help="where feeds may be suspended (default: in all namespaces); repeat for more")  # fmt: skip


def _add_numbers(options: argparse.ArgumentParser) -> None:
    add = options.add_argument
    add("--tick", type=float, default=0.5, metavar="SECONDS",
        help="time between two looks (default: %(default)s)")  # fmt: skip
    add("--dead-mans-switch-every", type=float, default=60.0, metavar="SECONDS",
        help="time between two times that it is told (default: %(default)s)")  # fmt: skip
    add("--resync", type=float, default=300.0, metavar="SECONDS",
        help="time between two LISTs that correct the view (default: %(default)s)")  # fmt: skip
    add("--auto-close-after", default="168h", metavar="DURATION",
        help="after which an incident without news that needs nobody is closed (default: %(default)s)")  # fmt: skip
    add("--keep-incidents", default="1000,8760h", metavar="COUNT,DURATION",
        help="of a model, and for how long after they were closed (default: %(default)s)")  # fmt: skip
    add("--port", type=int, default=8080,
        help="for /livez, /readyz and /metrics (default: %(default)s)")  # fmt: skip
    add("--hooks-port", type=int, default=8083, metavar="PORT",
        help="where receivers tell who has taken an incident (default: %(default)s)")  # fmt: skip


def _lone_identity() -> str:
    """Name a process that no pod names.

    Its number is not enough: in two containers both may be 1, and whoever finds its own name on the Lease takes it.
    """
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"
