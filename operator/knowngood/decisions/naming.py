"""Names of the objects that belong to one version, and the labels that find them again."""

import hashlib
import re
from functools import lru_cache
from typing import Final

from knowngood.api.v1alpha1 import ObjectMeta

MODEL_LABEL: Final = "knowngood.dev/model"
VERSION_LABEL: Final = "knowngood.dev/version"
STANDING_LABEL: Final = "knowngood.dev/standing"
MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "knowngood"
CLAIM_ANNOTATION: Final = "knowngood.dev/claimed-by"

SLUG_LENGTH: Final = 12
HASH_LENGTH: Final = 8

# What the ReplicaSet and Deployment controllers add to a Deployment's name: "-<template hash>-<5 characters>".
_POD_SUFFIX = re.compile(r"-[a-z0-9]{1,10}-[a-z0-9]{5}")


@lru_cache(maxsize=4096)
def child_name(model: str, version: str) -> str:
    """Name the AIModelVersion, Deployment and Service of a version.

    The hash is over the exact version string, so that "V1" and "v1" differ although their slugs are equal.

    Args:
        model: `metadata.name` of the AIModelDeployment, at most 40 characters.
        version: `spec.model.version`.

    Returns:
        At most 62 characters, a valid name of a Service.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", version.lower())[:SLUG_LENGTH].strip("-")
    digest = hashlib.sha256(version.encode()).hexdigest()[:HASH_LENGTH]
    return "-".join(part for part in (model, slug, digest) if part)


def claim_of(meta: ObjectMeta) -> str:
    """What a model writes on an object of somebody else that it uses."""
    return f"{meta.namespace}/{meta.name}/{meta.uid}"


def is_pod_of(child: str, pod: str) -> bool:
    """Say whether a pod's name is one that the Deployment called `child` gives to its pods.

    Whoever can create a pod of such a name in the namespace can also give it the labels that the version's Service
    selects, so the name tells as much as an endpoint does; and it still tells after the pod is gone.
    """
    return pod.startswith(child) and _POD_SUFFIX.fullmatch(pod[len(child) :]) is not None


def workload_labels(model: str, version: str) -> dict[str, str]:
    """Labels of a version's Deployment, Service and pods."""
    return {MODEL_LABEL: model, VERSION_LABEL: version, MANAGED_BY_LABEL: MANAGER}


def selector_labels(model: str, version: str) -> dict[str, str]:
    """Labels by which a version's Deployment and Service select its pods."""
    return {MODEL_LABEL: model, VERSION_LABEL: version}


def selector_text(model: str, version: str) -> str:
    """The same labels as a selector in words."""
    return ",".join(f"{key}={value}" for key, value in selector_labels(model, version).items())
