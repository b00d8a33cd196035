"""`knowngood why`: why a version was taken back, or is held."""

import click

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.cli.options import MODEL, VERSION, WORDS, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Problem
from knowngood.cli.views.about import About, asked_about, told_in
from knowngood.cli.views.phrases import names
from knowngood.cli.views.why import why as view


@click.command(context_settings=WORDS)
@click.argument("model", type=MODEL)
@click.argument("version", required=False, type=VERSION)
@placed
def why(
    model: str,
    version: str | None,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Tell why a version was taken back or held.

    Also what you can do about it. Without VERSION: the one that is being rolled out, or that was taken back last.

    Exit codes: 0 told, whatever it says; 2 usage, or the API server cannot be reached or refuses.
    """
    cluster, printer = connect(namespace, context, kubeconfig), Printer()
    found = cluster.model(model)
    records = cluster.versions(found)
    if version is None:
        version, reason = asked_about(found, records)
        printer.say(f"about version {version}: {reason}")
    record = next((r for r in records if r.spec.model.version == version), None)
    _is_known(found, records, version)
    told = told_in(found, record, version)
    printer.show(view(About(found, version, record, cluster.incident(told) if told else None)))
    return Exit.DONE


def _is_known(model: AIModelDeployment, records: list[AIModelVersion], version: str) -> None:
    rejected = model.status.rejected if model.status else ()
    known = {r.spec.model.version for r in records} | {r.version for r in rejected}
    known |= {v for v in names(model).wire().values() if v} | {model.spec.model.version}
    if version not in known:
        raise Problem(
            f"version {version} of {model.metadata.name} is not known; known are: {', '.join(sorted(known))}"
        )
