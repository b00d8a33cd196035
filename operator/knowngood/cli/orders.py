"""`knowngood promote`, `abort`, `undo` and the others: commands to the operator."""

import secrets
from typing import Final

import click

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.cluster import Cluster
from knowngood.cli.following import follow
from knowngood.cli.options import MODEL, VERSION, WORDS, connect, placed
from knowngood.cli.ordering import REACH, Guess, annotations, answer, guess, silence, written
from knowngood.cli.outcome import REFUSED, Exit
from knowngood.cli.printing import Printer, complain
from knowngood.cli.problems import Problem
from knowngood.cli.views.lines import Tone
from knowngood.clock import SystemClock
from knowngood.decisions.commands import Verb

PATIENCE: Final = 20.0
"""Seconds that the operator has for an answer."""

HELP: Final = {
    Verb.PROMOTE: (
        "Let a version go past its wait.",
        "That is the pause, or the last gate, that it waits at; a wait for pods or for the gateway is not passed.",
    ),
    Verb.ABORT: (
        "Take a version back, without an incident.",
        "It is the one that is being rolled out.",
    ),
    Verb.ROLLBACK: (
        "Take a version back, with an incident.",
        "It is the one that is being rolled out, or, where you name it, the one that was promoted last.",
    ),
    Verb.RETRY: ("Roll a rejected version out again.", "The spec must ask for it."),
    Verb.RESTORE: (
        "Let a version answer users again.",
        (
            "While the safe path is taken it gets all requests back at once; after a containment it is tried again "
            "from its first step."
        ),
    ),
    Verb.UNDO: (
        "Reverse what Knowngood did last.",
        "A share is lowered again, a rollback is followed by a new trial, a promotion is taken back: see `status`.",
    ),
    Verb.FORCE: (
        "Promote a version although a trigger is breached.",
        "It needs a right of its own, and is recorded as an override.",
    ),
    Verb.PAUSE: (
        "Take no further step with a version.",
        "It keeps its share, and is taken back as always when a trigger is breached.",
    ),
    Verb.RESUME: ("Let a version go on that was paused.", "A freeze is not ended by it."),
    Verb.KEEP: (
        "Keep weights that were set by hand for another hour.",
        "They are kept while an incident is open or rollouts are frozen.",
    ),
    Verb.RELEASE: ("Put a route back whose weights were set by hand.", "It takes effect at once."),
    Verb.ATTEST: (
        "Call a version known good on your own word.",
        "Requests may be sent back to it at once, without steps. It needs a right of its own.",
    ),
    Verb.REVOKE: (
        "Call a version known good no more.",
        "It is suspect then: it goes on answering where it does, but nobody is sent back to it.",
    ),
}
"""What each verb does: in a word, and in full."""

_MEANT: Final = {
    Verb.RETRY: "the version that the spec asks for",
    Verb.RESTORE: "the one that served before the safe path was taken, or the version that the spec asks for",
    Verb.UNDO: "the one that was acted on last",
    Verb.FORCE: "the one that is or was rolled out last",
    Verb.KEEP: "the one that answers users",
    Verb.RELEASE: "the one that answers users",
    Verb.ATTEST: "the one that answers users",
    Verb.REVOKE: "the one that answers users",
}
"""Which version a verb without one means."""

_CODES: Final = (
    "Exit codes: 0 done (with --no-wait: written); 1 refused, the reason is printed; 2 usage, or the API server cannot "
    "be reached or refuses; 4 the operator did not answer within 20 seconds."
)


def order(verb: Verb) -> click.Command:
    """Make the command for a verb."""
    meant = _MEANT.get(verb, "the one that is being rolled out")

    @click.command(verb.value, context_settings=WORDS, help="\n\n".join((*HELP[verb], _CODES)))
    @click.argument("model", type=MODEL)
    @click.option(
        "--version",
        type=VERSION,
        help=f"The version that is meant (default: {meant}, where that is plain).",
    )
    @click.option("--no-wait", is_flag=True, help="Do not wait for the operator's answer.")
    @placed
    def command(
        model: str,
        version: str | None,
        *,
        no_wait: bool,
        namespace: str | None,
        context: str | None,
        kubeconfig: str | None,
    ) -> int:
        cluster, printer = connect(namespace, context, kubeconfig), Printer()
        found = cluster.model(model)
        chosen = Guess(version, "as you said") if version else guess(found, verb)
        if isinstance(chosen, str):
            raise Problem(chosen)
        printer.say(f"{verb} {chosen.version} ({chosen.why}): {REACH[verb]}")
        text = written(verb, chosen.version, SystemClock().now(), secrets.token_hex(4))
        cluster.annotate(found, annotations(text, cluster.whoami()))
        if no_wait:
            printer.say("written; the operator's answer is not awaited")
            return Exit.DONE
        return answered(cluster, found, text, printer)

    return command


def answered(cluster: Cluster, model: AIModelDeployment, text: str, printer: Printer) -> int:
    """Wait for the operator's answer to a command, and print it; returns the exit code."""
    for seen in follow(cluster, model.metadata.name, PATIENCE, complain):
        if seen is None:
            printer.say("Refused: the model is deleted", Tone.BAD)
            return REFUSED
        got = answer(seen, text)
        if got is not None:
            printer.say(got.text, Tone.GOOD if got.done else Tone.BAD)
            return Exit.DONE if got.done else REFUSED
    complain(silence(model, PATIENCE))
    return Exit.TIMEOUT


COMMANDS: Final = tuple(order(verb) for verb in HELP)
"""One for each verb that needs nothing but a version; `baseline` hands in more."""
