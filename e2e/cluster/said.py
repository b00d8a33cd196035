"""What a person is told once a cluster is up: where everything is, and what to do with it."""

import shlex
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from e2e.cluster.cluster import Cluster
from e2e.cluster.options import Part

_CHECKOUT: Final = Path(__file__).parents[2]
EXAMPLE: Final = "examples/loan-approval"
PAGE: Final = "docs/first-model.md"


def places(cluster: Cluster, parts: Collection[Part]) -> Iterator[str]:
    """Tell where the parts of a cluster answer, one a line."""
    yield f"export KUBECONFIG={cluster.kubeconfig}"
    yield f"kubectl      {cluster.tools.kubectl}"
    if Part.GATEWAY in parts:
        yield f"gateway      {cluster.gateway_url} (routed by host name)"
    if Part.SECOND_GATEWAY in parts:
        yield f"second one   {cluster.second_gateway_url} (likewise)"
    if Part.PROMETHEUS in parts:
        yield f"Prometheus   {cluster.prometheus_url}"
    yield f"pod output   {cluster.run_dir}/pods"


def first_steps(cluster: Cluster) -> Iterator[str]:
    """Tell how Knowngood and the example model get onto a cluster with a node, a gateway and Prometheus."""
    programs = (Path(sys.executable), cluster.tools.kubectl, cluster.tools.helm)
    path = ":".join(shlex.quote(str(program.parent)) for program in programs)
    yield "\nKnowngood is not installed yet; its image is known here. In another terminal:\n"
    yield f"  cd {shlex.quote(str(_CHECKOUT))}"
    yield f"  export KUBECONFIG={cluster.kubeconfig}"
    yield f"  export PATH={path}:$PATH"
    yield f"  export GATEWAY={cluster.gateway_url} PROMETHEUS={cluster.prometheus_url}"
    yield "  helm install knowngood charts/knowngood --namespace knowngood --create-namespace --wait \\"
    yield "    --set sources.default=$PROMETHEUS"
    files = ("namespace", "signal-templates", "policy", "model-v1")
    yield f"  kubectl apply {' '.join(f'-f {EXAMPLE}/{name}.yaml' for name in files)}"
    yield f"\nRoutes attach to parentRefs [{{name: public, namespace: gateways}}]. {PAGE} goes on from here."
