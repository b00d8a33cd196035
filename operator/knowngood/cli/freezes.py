"""`knowngood freeze` and `unfreeze`: stop rollouts of a model, of a namespace, or of all models, and let them go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

from knowngood.api.v1alpha1 import AIModelDeployment, ConditionType
from knowngood.cli.cluster import Cluster
from knowngood.cli.namespaces import annotate
from knowngood.cli.options import MODEL, NAMESPACE, WORDS, Command, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer, complain
from knowngood.cli.problems import Problem
from knowngood.cli.reading import read
from knowngood.cli.views.phrases import condition
from knowngood.clock import SystemClock
from knowngood.decisions.freezing import FREEZE_ANNOTATION
from knowngood.decisions.freezing import WORDS as REASON_LENGTH

PATIENCE: Final = 20.0
"""Seconds that the operator has to say so of every model."""

AGAIN: Final = 0.5
"""Seconds until the models are looked at once more."""

NO_REASON: Final = "no reason was given"
"""What everybody reads where nobody says why."""

_CODES: Final = (
    "Exit codes: 0 done, and every model says so (with --no-wait: written); 2 usage, or the API server cannot be "
    "reached or refuses; 4 the operator did not say so within 20 seconds."
)
_FREEZE: Final = (
    "Start no rollout, and take no further step of one.\n\nGive a MODEL, or --namespace for every model of a "
    "namespace, or --all. What protects users acts as always, and the way back stays open. "
    + _CODES
)
_UNFREEZE: Final = (
    "Let rollouts start and go on again.\n\nGive what was frozen: a MODEL, or --namespace, or --all. "
    + _CODES
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is frozen.

    Attributes:
        model: Empty for more than one.
        namespace: The one that is annotated; empty for that of the context.
        everything: Every model of the cluster.
    """

    model: str
    namespace: str
    everything: bool


def target(model: str | None, namespace: str | None, home: str, *, everything: bool) -> Target:
    """Say what is meant.

    Raises:
        Problem: It is not plain.
    """
    if everything and (model or namespace):
        raise Problem("--all goes with neither a model nor a --namespace")
    if not (model or namespace or everything):
        raise Problem("say what is meant: a MODEL, a --namespace for all of its models, or --all")
    return Target(model or "", home if everything else namespace or "", everything)


def _options(command: Command) -> Command:
    for option in (
        click.option("--no-wait", is_flag=True, help="Do not wait until the models say so."),
        click.option(
            "--operator-namespace",
            type=NAMESPACE,
            default="knowngood",
            show_default=True,
            help="Where the operator runs; with --all.",
        ),
        click.option("--all", "everything", is_flag=True, help="Every model of the cluster."),
    ):
        command = option(command)
    return command


@click.command(context_settings=WORDS, help=_FREEZE)
@click.argument("model", type=MODEL, required=False)
@click.option(
    "--reason", default=NO_REASON, metavar="TEXT", help="Why; everybody reads it."
)  # not required: who has to stop everything at once may say later why
@_options
@placed
def freeze(model: str | None, *, reason: str, **options: Any) -> int:
    """Freeze."""
    if not reason.strip() or len(reason.strip()) > REASON_LENGTH:
        raise Problem(f"--reason: say why, in at most {REASON_LENGTH} characters")
    return _write(model, reason.strip(), **options)


@click.command(context_settings=WORDS, help=_UNFREEZE)
@click.argument("model", type=MODEL, required=False)
@_options
@placed
def unfreeze(model: str | None, **options: Any) -> int:
    """Unfreeze."""
    return _write(model, None, **options)


def _write(
    model: str | None,
    reason: str | None,
    *,
    everything: bool,
    operator_namespace: str,
    no_wait: bool,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    meant = target(model, namespace, operator_namespace, everything=everything)
    cluster, printer = connect(namespace, context, kubeconfig), Printer()
    said = {FREEZE_ANNOTATION: reason}
    if meant.model:
        cluster.annotate(cluster.model(meant.model), said)
    else:
        annotate(cluster, meant.namespace, said)
    done = f"{_words(meant, cluster)}: {'frozen' if reason else 'not frozen any more'}"
    if no_wait:
        printer.say(f"{done} (written; the models were not asked)")
        return Exit.DONE
    left = _awaited(cluster, meant, lambda seen: is_frozen(seen) is (reason is not None))
    if left:
        # What else is frozen, and where the operator runs, only the models tell.
        why = next((found.message for m in left if (found := _condition(m))), "")
        named = ", ".join(sorted(m.metadata.name for m in left)[:8])
        complain(f"written, but {PATIENCE:g} seconds later not so for: {named}. {why}".strip())
        return Exit.TIMEOUT
    printer.say(done)
    return Exit.DONE


def is_frozen(model: AIModelDeployment) -> bool:
    """Say whether a model says that its rollouts are frozen."""
    found = _condition(model)
    return found is not None and found.status == "True"


def _condition(model: AIModelDeployment) -> Any:
    return condition(model, ConditionType.ROLLOUTS_FROZEN)


def _awaited(
    cluster: Cluster, meant: Target, holds: Callable[[AIModelDeployment], bool]
) -> list[AIModelDeployment]:
    """Wait until it holds for every model; return those for which it does not when the time is over."""
    clock = SystemClock()
    end = clock.monotonic() + PATIENCE
    while True:
        left = [m for m in _models(cluster, meant) if not holds(m)]
        if not left or clock.monotonic() >= end:
            return left
        time.sleep(AGAIN)


def _models(cluster: Cluster, meant: Target) -> list[AIModelDeployment]:
    if meant.model:
        return [cluster.model(meant.model)]
    found = cluster.models(everywhere=meant.everything)
    return [m for m in (read(AIModelDeployment, each) for each in found) if not m.spec.suspend]


def _words(meant: Target, cluster: Cluster) -> str:
    if meant.model:
        return f"rollouts of {meant.model} in {cluster.namespace}"
    return "rollouts of every model" if meant.everything else f"rollouts in {meant.namespace}"
