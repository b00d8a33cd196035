"""`knowngood why`: why a version was taken back, or is held."""

import click

from knowngood.cli.options import MODEL, VERSION, WORDS, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Problem
from knowngood.cli.views.about import About, asked_about, told_in, unknown
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
    if text := unknown(found, records, version):
        raise Problem(text)
    told = told_in(found, record, version)
    printer.show(view(About(found, version, record, cluster.incident(told) if told else None)))
    return Exit.DONE
