"""What there is to try while the demo stays up."""

import shlex
from pathlib import Path

from e2e.demo.stage import EXAMPLES, HOST, MODEL, NAMESPACE

_CHECKOUT = EXAMPLES.parents[1]


_EXAMPLES = EXAMPLES.relative_to(_CHECKOUT)

OF_A_ROLLOUT = f"""
Roll version 1 out again, in steps, and take it in hand: pause, resume, promote,
abort or rollback; undo reverses what was done last. With model-v2.yaml, which
was rejected: retry, or force past the verdict; where people decide, restore. What
each does is said in docs/rollouts.md.

  knowngood why {MODEL} 2 -n {NAMESPACE}
  kubectl -n {NAMESPACE} apply -f {_EXAMPLES}/model-v1.yaml
  knowngood abort {MODEL} -n {NAMESPACE}"""

OF_WHAT_SERVES = f"""
Read what happened as somebody who saw nothing else, and end it. What the incident
asks people, and what each command does, is said in docs/containment.md.

  knowngood incident show {MODEL}-1 -n {NAMESPACE}
  knowngood incident verify {MODEL}-1 -n {NAMESPACE}
  knowngood incident close {MODEL}-1 --resolution Resolved -n {NAMESPACE}
  knowngood feed list {MODEL} -n {NAMESPACE}"""


def invitation(
    to_try: str,
    *,
    kubeconfig: Path,
    programs: Path,
    run_dir: Path,
    gateway_url: str,
    prometheus_url: str,
) -> str:
    """Return the lines to copy into another terminal.

    Args:
        to_try: What there is to try after this course.
        kubeconfig: Of the cluster.
        programs: Where kubectl is.
        run_dir: Of the cluster.
        gateway_url: Where the gateway answers.
        prometheus_url: Where Prometheus answers.
    """
    return f"""
It stays up, and clients go on. In another terminal:

  cd {shlex.quote(str(_CHECKOUT))}
  export KUBECONFIG={kubeconfig} PATH=$PWD/.venv/bin:{programs}:$PATH
  knowngood status -n {NAMESPACE}
  kubectl -n {NAMESPACE} get aimd,aimv,ipol,incidents
  kubectl -n {NAMESPACE} describe incident
  kubectl explain incidentpolicy.spec.triggers.test
  curl -H 'Host: {HOST}' {gateway_url}/predict -d @{_EXAMPLES}/application.json
{to_try}

Prometheus answers at {prometheus_url}; pods write to {run_dir}/pods.

Ctrl-C ends it."""
