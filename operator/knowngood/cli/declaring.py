"""`knowngood incident open` and `decide`: people say that something is wrong, and what becomes of it."""

import click

from knowngood.api.v1alpha1 import (
    GROUP,
    VERSION,
    AIModelDeployment,
    IncidentStatus,
    Outcome,
    Severity,
)
from knowngood.cli.cluster import INCIDENTS, Cluster
from knowngood.cli.incident import (
    NAME,
    NOTE,
    answer,
    incident_called,
    is_closed,
    whoever_asks,
)
from knowngood.cli.options import MODEL, WORDS, connect, placed
from knowngood.cli.options import VERSION as VERSION_NAME
from knowngood.cli.outcome import REFUSED, Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Asked, Problem, Unreachable
from knowngood.cli.saying import this_time
from knowngood.cli.views.about import unknown
from knowngood.cli.views.incident import is_open
from knowngood.cli.views.lines import Tone
from knowngood.decisions.declaring import MARK
from knowngood.decisions.naming import MODEL_LABEL
from knowngood.decisions.this_time import decision_of


@click.command("open", context_settings=WORDS)
@click.argument("model", type=MODEL)
@click.option("--summary", required=True, metavar="TEXT", help="What is wrong, in a sentence.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    help="How bad it is (default: High).",
)
@click.option(
    "--version",
    type=VERSION_NAME,
    metavar="VERSION",
    help="Which version it is about (default: the one that answers users).",
)
@placed
def open_incident(
    model: str, summary: str, severity: str | None, version: str | None, **place: str | None
) -> int:
    """Declare an incident of a model. Nothing is done because of it: it is told, kept and exported as others are.

    Exit codes: 0 opened; 2 usage, or the API server cannot be reached or refuses.
    """
    _fits("--summary", summary)
    cluster = connect(**place)
    found = cluster.model(model)
    if version:
        _is_known(cluster, found, version)
    me = whoever_asks(cluster)
    declared = {"by": me, "summary": summary, **({"version": version} if version else {})}
    made = cluster.create(
        Asked("create", INCIDENTS, cluster.namespace),
        {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "Incident",
            "metadata": {"generateName": f"{model}-{MARK}-", "labels": {MODEL_LABEL: model}},
            "spec": {
                "modelRef": {"name": model, "uid": found.metadata.uid},
                "origin": "Manual",
                "declared": declared,
                **({"severity": severity} if severity else {}),
            },
        },
    )
    Printer().say(f"{made['metadata']['name']} is opened by {me}; nothing is done by itself")
    return Exit.DONE


@click.command(context_settings=WORDS)
@click.argument("name", type=NAME)
@click.option(
    "--outcome",
    required=True,
    type=click.Choice([each.value for each in Outcome]),
    help="What becomes of it. None: nothing has to be done.",
)
@click.option("--rationale", required=True, metavar="TEXT", help="Why; everybody reads it.")
@placed
def decide(name: str, outcome: str, rationale: str, **place: str | None) -> int:
    """Say what becomes of an incident. It moves no traffic.

    It can be said once, and once more after the incident was opened again.

    Exit codes: 0 written; 1 something is decided already, or it is closed; 2 usage, or the API server cannot be reached
    or refuses.
    """
    _fits("--rationale", rationale)
    cluster = connect(**place)
    found, _ = incident_called(cluster, name)
    said = decision_of(found, found.status or IncidentStatus())
    if said is not None:
        Printer().say(f"{name} is decided already, by {said.by}: {said.outcome}")
        return (
            Exit.DONE if said.outcome == outcome and said.by == whoever_asks(cluster) else REFUSED
        )
    if not is_open(found):
        return is_closed(found)
    me = whoever_asks(cluster)
    mine = {"by": me, "outcome": outcome, "rationale": rationale}
    answer(cluster, found, {"decision": this_time(found, mine, found.spec.decision)})
    Printer().say(f"{name} is decided by {me}: {outcome}; no traffic moves", Tone.GOOD)
    return Exit.DONE


def _is_known(cluster: Cluster, model: AIModelDeployment, version: str) -> None:
    """Refuse a version that the model never had.

    Raises:
        Problem: It has no such version; the text names those that it has.
    """
    try:
        records = cluster.versions(model)
    except Unreachable:
        raise
    except Problem:  # who may not list versions may say all the same that something is wrong
        return
    if text := unknown(model, records, version):
        raise Problem(text)


def _fits(option: str, text: str) -> None:
    if not text.strip() or len(text) > NOTE:
        raise Problem(f"{option}: 1 to {NOTE} characters")
