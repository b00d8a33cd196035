"""`knowngood wait`: follow a rollout to its end."""

from datetime import UTC
from typing import Final

import click

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.cluster import Cluster
from knowngood.cli.following import follow
from knowngood.cli.options import MODEL, VERSION, WORDS, Span, connect, placed
from knowngood.cli.outcome import Exit, Goal, Outcome, Wanted, deleted, outcome
from knowngood.cli.printing import Printer, complain
from knowngood.cli.views.changes import changes
from knowngood.cli.views.going import going_on
from knowngood.cli.views.lines import Tone
from knowngood.clock import SystemClock

_HELP: Final = """Follow a rollout until it is over.

It prints a line for each change. The exit code says how it ended:

\b
  0  promoted: the version answers all requests
  1  the version was rejected or taken back, or the model is deleted
  2  usage, or the API server cannot be reached or refuses
  3  it does not go on without a person (only with --stop-at-person)
  4  --timeout is over
  5  superseded: the spec asks for another version
  130  interrupted

--for promoted ends when the version answers all requests, or was taken back. --for settled waits a little longer: until
the other version has answered its last request. What was written to the spec before is always taken into account, so it
can be called right after kubectl apply.
"""


@click.command(context_settings=WORDS, help=_HELP)
@click.argument("model", type=MODEL)
@click.option(
    "--for",
    "goal",
    type=click.Choice([g.value for g in Goal]),
    default=Goal.PROMOTED.value,
    show_default=True,
    help="What is waited for.",
)
@click.option(
    "--version", type=VERSION, help="Which version (default: the one that the spec asks for)."
)
@click.option(
    "--timeout", type=Span(), default="1h", show_default=True, help="How long to wait at most."
)
@click.option(
    "--stop-at-person", is_flag=True, help="End with 3 where it does not go on without a person."
)
@placed
def wait(
    model: str,
    goal: str,
    version: str | None,
    timeout: float,
    *,
    stop_at_person: bool,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Follow a rollout."""
    cluster, printer = connect(namespace, context, kubeconfig), Printer()
    found = cluster.model(model)
    chosen = version or found.spec.model.version
    wanted = Wanted(chosen, Goal(goal), stop_at_person)
    reason = "as you said" if version else "the spec asks for it"
    printer.say(f"waiting for version {chosen} of {model} ({reason})")
    end = _follow(cluster, model, wanted, timeout, printer)
    printer.say(end.text, Tone.GOOD if end.code is Exit.DONE else Tone.BAD)
    return end.code


def _follow(
    cluster: Cluster, name: str, wanted: Wanted, timeout: float, printer: Printer
) -> Outcome:
    before: AIModelDeployment | None = None
    clock = SystemClock()
    for seen in follow(cluster, name, timeout, complain, clock):
        if seen is None:
            return deleted(name)
        for fact in changes(before, seen):
            printer.event(clock.now().astimezone(UTC), fact)
        before = seen
        end = outcome(seen, wanted)
        if end is not None:
            return end
    said = f": {going_on(before)}" if before else ""
    return Outcome(
        Exit.TIMEOUT,
        f"version {wanted.version} does not answer all requests after {timeout:g} seconds{said}",
    )
