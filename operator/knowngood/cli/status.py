"""`knowngood status`: all models, or one."""

import json
from typing import Final

import click

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.cluster import Cluster, Object
from knowngood.cli.options import MODEL, OUTPUT, WORDS, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer, complain
from knowngood.cli.problems import Problem
from knowngood.cli.reading import read
from knowngood.cli.views.machine import model_json, models_json
from knowngood.cli.views.one import one
from knowngood.cli.views.overview import overview

NOTHING: Final = "there is no model in namespace {}; try another --namespace, or --all-namespaces for all of them"


@click.command(context_settings=WORDS)
@click.argument("model", required=False, type=MODEL)
@click.option("-A", "--all-namespaces", is_flag=True, help="The models of all namespaces.")
@OUTPUT
@placed
def status(
    model: str | None,
    output: str,
    *,
    all_namespaces: bool,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Tell how all models are, or one of them.

    The table says for every model which version is stable, which one is tried and with which share of the requests, and
    whether it is Ready (the wanted version answers all requests), Available (users are answered well) and Guarded
    (somebody watches the canary).

    Exit codes: 0 told, whatever it says; 2 usage, or the API server cannot be reached or refuses.
    """
    if model is not None and all_namespaces:
        raise click.UsageError(
            "--all-namespaces is for the table: leave out the model, or give its --namespace"
        )
    cluster = connect(namespace, context, kubeconfig)
    if model is None:
        return _all(cluster, output, everywhere=all_namespaces)
    return _one(cluster, model, output)


def _one(cluster: Cluster, name: str, output: str) -> int:
    model = cluster.model(name)
    records = cluster.versions(model)
    reference = model.status.incident_ref if model.status else None
    incident = cluster.incident(reference.name) if reference else None
    if output == "json":
        click.echo(json.dumps(model_json(model, records, incident), indent=2))
    else:
        Printer().show(one(model, records, incident))
    return Exit.DONE


def _all(cluster: Cluster, output: str, *, everywhere: bool) -> int:
    models, unread = _read(cluster.models(everywhere=everywhere))
    if output == "json":
        click.echo(json.dumps(models_json(models), indent=2))
    elif models:
        Printer().show([overview(models, namespaces=everywhere)])
    elif not unread:
        where = "the cluster" if everywhere else cluster.namespace
        complain(f"there is no model in {where}" if everywhere else NOTHING.format(where))
    for problem in unread:
        complain(str(problem))
    return Exit.TROUBLE if unread else Exit.DONE


def _read(found: list[Object]) -> tuple[list[AIModelDeployment], list[Problem]]:
    """Read models one by one: a newer one that is not understood must not hide the others."""
    models, unread = [], []
    for each in found:
        try:
            models.append(read(AIModelDeployment, each))
        except Problem as problem:
            unread.append(problem)
    return sorted(models, key=lambda m: (m.metadata.namespace, m.metadata.name)), unread
