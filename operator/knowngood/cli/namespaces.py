"""What the command line asks of namespaces, which are not of our own kinds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import urllib3
from kubernetes import client

from knowngood.cli.cluster import ANSWER, CONNECT, FIELD_MANAGER, Cluster, Object
from knowngood.cli.problems import Asked, Problem, problem_of, reason_of, unreachable

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


def annotate(cluster: Cluster, name: str, annotations: Mapping[str, str | None]) -> None:
    """Write annotations of a namespace; None takes one away.

    Raises:
        Problem: The API server refuses it.
    """
    change = {"metadata": {"annotations": annotations}}

    def patch(api: Any) -> Any:
        words = {"field_manager": FIELD_MANAGER, "_request_timeout": (CONNECT, ANSWER)}
        return api.patch_namespace(name, change, **words)

    _call(cluster, "patch", name, patch)


def labels(cluster: Cluster, name: str) -> Object:
    """Read the labels of a namespace.

    Raises:
        Problem: The API server refuses it.
    """

    def read(api: Any) -> Any:
        return api.read_namespace(name, _request_timeout=(CONNECT, ANSWER))

    return dict(_call(cluster, "get", name, read).metadata.labels or {})


def _call(cluster: Cluster, verb: str, name: str, call: Callable[[Any], Any]) -> Any:
    api: Any = client.CoreV1Api(cluster.client)  # the client ships no types
    try:
        return call(api)
    except client.ApiException as error:
        if error.status == _NOT_FOUND:
            raise Problem(f"there is no namespace {name}") from error
        if error.status == _FORBIDDEN and "denied request" not in str(error.body):
            raise Problem(
                f"you may not {verb} namespace {name}: ask for a role with this right"
            ) from error
        raise problem_of(error, Asked(verb, "namespaces", "", name)) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise unreachable(reason_of(error)) from error
