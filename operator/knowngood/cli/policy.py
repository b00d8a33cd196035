"""`knowngood policy lint`: what a policy promises and sees, before it is applied."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import yaml

from knowngood.analysis.seeing import Traffic
from knowngood.api.v1alpha1 import ClusterIncidentPolicy, IncidentPolicy
from knowngood.cli.options import WORDS, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Asked, NotThere, Problem
from knowngood.cli.views.faults import Policy, faults
from knowngood.cli.views.lint import has_traps, linted

_KINDS: Final[Mapping[str, type[Policy]]] = {
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
}
_OF_FILES: Final = (".yaml", ".yml", ".json")


@click.group(context_settings=WORDS)
def policy() -> None:
    """Look at policies."""


@policy.command(context_settings=WORDS)
@click.argument("target", metavar="FILE|NAME")
@click.option(
    "--per-hour",
    type=click.FloatRange(min=0),
    default=480.0,
    show_default=True,
    help="Requests of the canary in an hour.",
)
@click.option(
    "--weight",
    type=click.IntRange(1, 99),
    default=10,
    show_default=True,
    help="Share of the requests that the canary gets, in percent.",
)
@click.option(
    "--base",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    default=50.0,
    show_default=True,
    help="Share of events of the stable version, in percent; 50 is the most cautious.",
)
@placed
def lint(  # noqa: PLR0917  - click passes every option by its name
    target: str,
    per_hour: float,
    weight: int,
    base: float,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
) -> int:
    """Tell what each trigger of a policy sees at a traffic, what it promises, and its traps.

    FILE is read without a cluster. A NAME without such a file is that of a policy in the cluster.

    Exit codes: 0 nothing odd; 1 there is a trap; 2 the policy is not valid, or cannot be read.
    """
    traffic, printer = Traffic(per_hour, weight / 100, base / 100), Printer()
    is_file = target.endswith(_OF_FILES) or Path(target).exists()
    bodies = _in_file(target) if is_file else [_in_cluster(target, namespace, context, kubeconfig)]
    odd = False
    for number, body in enumerate(bodies):
        found = _valid(body)
        name = f"{found.kind} {found.metadata.name}"
        if number:
            printer.say("")
        printer.show(linted(name, found.spec, traffic))
        odd = odd or has_traps(found.spec, traffic)
    return Exit.TAKEN_BACK if odd else Exit.DONE


def _in_file(path: str) -> list[Mapping[str, Any]]:
    try:
        documents = list(yaml.safe_load_all(Path(path).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {path}: {' '.join(str(error).split())}") from error
    found: list[Mapping[str, Any]] = [
        d for d in documents if isinstance(d, dict) and d.get("kind") in _KINDS
    ]
    if not found:
        raise Problem(f"there is no IncidentPolicy and no ClusterIncidentPolicy in {path}")
    return found


def _in_cluster(
    name: str, namespace: str | None, context: str | None, kubeconfig: str | None
) -> Mapping[str, Any]:
    cluster = connect(namespace, context, kubeconfig)
    for plural, where in (("incidentpolicies", cluster.namespace), ("clusterincidentpolicies", "")):
        try:
            return cluster.get(Asked("get", plural, where, name))
        except NotThere:
            continue
    raise Problem(
        f"there is no file {name}, no IncidentPolicy {name} in namespace {cluster.namespace}, and no "
        f"ClusterIncidentPolicy {name}"
    )


def _valid(body: Mapping[str, Any]) -> Policy:
    """Read a policy.

    Raises:
        Problem: It is not valid; the text names all fields that are wrong.
    """
    kind = _KINDS[body["kind"]]
    if wrong := faults(kind, body):
        raise Problem(f"{_name(body)}: {'; '.join(wrong)}")
    return kind.model_validate(body)


def _name(body: Mapping[str, Any]) -> str:
    meta = body.get("metadata")
    return f"{body['kind']} {meta.get('name', '?') if isinstance(meta, dict) else '?'}"
