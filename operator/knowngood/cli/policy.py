"""`knowngood policy lint`: what a policy promises and sees, before it is applied."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import click
import yaml

from knowngood.analysis.seeing import Traffic
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ClusterIncidentPolicy,
    ClusterSignalTemplate,
    IncidentPolicy,
    PolicySpec,
)
from knowngood.cli.baseline import TEMPLATES
from knowngood.cli.cluster import MODELS, Cluster
from knowngood.cli.options import WORDS, connect, placed
from knowngood.cli.outcome import Exit
from knowngood.cli.printing import Printer
from knowngood.cli.problems import Asked, NotThere, Problem, Unreachable
from knowngood.cli.reading import Kind, read
from knowngood.cli.views.faults import Policy, faults
from knowngood.cli.views.lint import Around, Templates, linted
from knowngood.cli.views.whole import There, meanings, serving, whole_traps
from knowngood.decisions.linting import lint as look_at

_KINDS: Final[Mapping[str, type[Policy]]] = {
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
}
_PLURALS: Final = ("incidentpolicies", "clusterincidentpolicies")
_TEMPLATE: Final = "ClusterSignalTemplate"
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

    FILE is read without a cluster, unless --namespace, --context or --kubeconfig names one; it may hold the templates
    of the signals too. A NAME without such a file is that of a policy in the cluster.

    Exit codes: 0 nothing odd; 1 there is a trap; 2 the policy is not valid, or cannot be read.
    """
    traffic, printer = Traffic(per_hour, weight / 100, base / 100), Printer()
    is_file = target.endswith(_OF_FILES) or Path(target).exists()
    cluster = None
    if not is_file or any((namespace, context, kubeconfig)):
        cluster = connect(namespace, context, kubeconfig)
    policies, templates = _in_file(target) if is_file else ([], {})
    if cluster is not None:
        policies = policies or _in_cluster(target, cluster)
        for one in policies:
            templates = {**templates_of(one.spec, cluster), **templates}
    odd = False
    for number, one in enumerate(policies):
        if number:
            printer.say("")
        found = look_at(one.spec, traffic, templates)
        around = _around(one, templates, cluster)
        printer.show(linted(around, one.spec, found, traffic, templates))
        odd = odd or any(trigger.traps for trigger in found) or bool(around.traps)
    return Exit.TAKEN_BACK if odd else Exit.DONE


def _in_file(path: str) -> tuple[list[Policy], Templates]:
    try:
        documents = list(yaml.safe_load_all(Path(path).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {path}: {' '.join(str(error).split())}") from error
    found = [d for d in documents if isinstance(d, dict)]
    policies = [_valid(_KINDS[d["kind"]], d) for d in found if str(d.get("kind")) in _KINDS]
    if not policies:
        raise Problem(f"there is no IncidentPolicy and no ClusterIncidentPolicy in {path}")
    templates = [_valid(ClusterSignalTemplate, d) for d in found if d.get("kind") == _TEMPLATE]
    return policies, {template.metadata.name: template for template in templates}


class Readable(Protocol):
    """Where objects can be read."""

    def get(self, asked: Asked) -> Mapping[str, Any]:
        """Read an object."""


def _around(policy: Policy, templates: Templates, cluster: Cluster | None) -> Around:
    there = None if cluster is None else _there(policy, templates, cluster)
    title = f"{policy.kind} {policy.metadata.name}"
    spec = policy.spec
    return Around(title, tuple(meanings(spec)), tuple(whole_traps(policy, there)), serving(spec))


def _there(policy: Policy, templates: Templates, cluster: Cluster) -> There:
    """What of the cluster a policy is about; of what one may not list, nothing is said."""
    wide = isinstance(policy, ClusterIncidentPolicy)
    space = "" if wide else policy.metadata.namespace or cluster.namespace
    models = _listed(cluster, Asked("list", MODELS, space))
    signals = _listed(cluster, Asked("list", TEMPLATES))
    names = None if signals is None else {s["metadata"]["name"] for s in signals}
    return There(
        None if models is None else tuple(read(AIModelDeployment, m) for m in models),
        None if names is None else frozenset(names.union(templates)),
    )


def _listed(cluster: Cluster, asked: Asked) -> list[Any] | None:
    try:
        return cluster.all(asked)
    except Unreachable:
        raise
    except Problem:  # one may not
        return None


def _in_cluster(name: str, cluster: Cluster) -> list[Policy]:
    kinds = zip(_KINDS.values(), _PLURALS, (cluster.namespace, ""), strict=True)
    for kind, plural, where in kinds:
        try:
            return [_valid(kind, cluster.get(Asked("get", plural, where, name)))]
        except NotThere:
            continue
    raise Problem(
        f"there is no file {name}, no IncidentPolicy {name} in namespace {cluster.namespace}, and no "
        f"ClusterIncidentPolicy {name}"
    )


def templates_of(spec: PolicySpec, cluster: Readable) -> Templates:
    """The templates of a policy's signals; without those that are not there, or that one may not read."""
    found: dict[str, ClusterSignalTemplate] = {}
    for name in sorted({trigger.signal.name for trigger in spec.triggers}):
        try:
            body = cluster.get(Asked("get", TEMPLATES, "", name))
            found[name] = read(ClusterSignalTemplate, body)
        except Unreachable:
            raise
        except Problem:  # it is told that its segments are not counted
            continue
    return found


def _valid(kind: type[Kind], body: Mapping[str, Any]) -> Kind:
    """Read an object that people wrote.

    Raises:
        Problem: It is not valid; the text names all fields that are wrong.
    """
    if wrong := faults(kind, body):
        raise Problem(f"{_name(body)}: {'; '.join(wrong)}")
    return kind.model_validate(body)


def _name(body: Mapping[str, Any]) -> str:
    meta = body.get("metadata")
    return f"{body['kind']} {meta.get('name', '?') if isinstance(meta, dict) else '?'}"
