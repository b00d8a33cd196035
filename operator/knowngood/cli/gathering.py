"""Objects of files and of a cluster, together: what is in a file takes the place of what is in the cluster."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from knowngood.api.v1alpha1 import (
    ClusterIncidentPolicy,
    ClusterSignalTemplate,
    IncidentPolicy,
    ObjectMeta,
)
from knowngood.api.v1alpha1.wire import Wire
from knowngood.cli.cluster import MODELS, VERSIONS, Cluster, Object
from knowngood.cli.namespaces import labels
from knowngood.cli.problems import Asked, Problem
from knowngood.cli.views.faults import faults
from knowngood.decisions.naming import MODEL_LABEL

_CHECKED: Final[Mapping[str, type[Wire]]] = {
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
    "ClusterSignalTemplate": ClusterSignalTemplate,
}
_NAMESPACED: Final = ("AIModelDeployment", "AIModelVersion", "IncidentPolicy")
_KNOWN: Final = (*_CHECKED, *_NAMESPACED, "Namespace")
_CLUSTER_WIDE: Final = {
    "ClusterIncidentPolicy": "clusterincidentpolicies",
    "ClusterSignalTemplate": "clustersignaltemplates",
}


class _Texts(yaml.SafeLoader):
    """Reads times as texts, as an API server does."""


_Texts.yaml_implicit_resolvers = {
    start: [one for one in found if one[0] != "tag:yaml.org,2002:timestamp"]
    for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def in_cluster(cluster: Cluster, model: str) -> Iterator[Object]:
    """Read a model, the records of its versions, and what judges it.

    Raises:
        Problem: The API server refuses one of them, or there is no such model.
    """
    space = cluster.namespace
    found = cluster.model(model)
    yield _named("AIModelDeployment", cluster.get(Asked("get", MODELS, space, model)))
    wanted = f"{MODEL_LABEL}={model}"
    for body in cluster.all(Asked("list", VERSIONS, space), label_selector=wanted):
        record = _named("AIModelVersion", body)
        if record["spec"]["modelRef"]["uid"] == found.metadata.uid:
            yield record
    for body in cluster.all(Asked("list", "incidentpolicies", space)):
        yield _named("IncidentPolicy", body)
    for kind, plural in _CLUSTER_WIDE.items():
        for body in cluster.all(Asked("list", plural)):
            yield _named(kind, body)
    yield {
        "kind": "Namespace",
        "metadata": {"name": space, "labels": labels(cluster, space)},
    }


def in_files(paths: Iterable[str], namespace: str) -> Iterator[Object]:
    """Read what people have written; what names no namespace is in this one.

    Raises:
        Problem: A file can not be read, holds nothing of Knowngood's, or an object in it is not valid.
    """
    for path in paths:
        found = [each for each in _documents(path) if each.get("kind") in _KNOWN]
        if not found:
            raise Problem(f"there is nothing of Knowngood's in {path}")
        for body in found:
            yield _valid(path, body, namespace)


def together(there: Iterable[Object], written: Iterable[Object]) -> list[Object]:
    """Put what was written in the place of what is there; a status that nobody has written stays."""
    found = {_key(body): body for body in there}
    for body in written:
        known = found.get(_key(body), {})
        uid = known.get("metadata", {}).get("uid")
        meta = {**({"uid": uid} if uid else {}), **body["metadata"]}
        status = body.get("status") or known.get("status")
        found[_key(body)] = {**body, "metadata": meta, **({"status": status} if status else {})}
    return list(found.values())


def _valid(path: str, body: Object, namespace: str) -> Object:
    kind, meta = body["kind"], body.get("metadata")
    if not isinstance(meta, dict) or not meta.get("name"):
        raise Problem(f"{path}: a {kind} has no metadata.name")
    meta = {name: value for name, value in meta.items() if value is not None}
    try:
        ObjectMeta.model_validate(meta)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, ("metadata", *first["loc"])))
        raise Problem(f"{path}: {kind} {meta['name']}: {field}: {first['msg']}") from error
    if kind in _CHECKED and (wrong := faults(_CHECKED[kind], body)):
        raise Problem(f"{path}: {kind} {meta['name']}: {'; '.join(wrong)}")
    space = {"namespace": meta.get("namespace") or namespace} if kind in _NAMESPACED else {}
    return {**body, "metadata": {**meta, **space}}


def _documents(path: str) -> Iterator[Object]:
    try:
        found = list(yaml.load_all(Path(path).read_text(encoding="utf-8"), _Texts))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {path}: {' '.join(str(error).split())}") from error
    for document in found:
        if isinstance(document, dict) and isinstance(document.get("items"), list):
            yield from (each for each in document["items"] if isinstance(each, dict))
        elif isinstance(document, dict):
            yield document


def _named(kind: str, body: Object) -> Object:
    """Items of a list do not say of what kind they are."""
    return {**body, "kind": kind}


def _key(body: Mapping[str, Any]) -> tuple[str, str, str]:
    meta = body["metadata"]
    return body["kind"], meta.get("namespace") or "", meta["name"]
