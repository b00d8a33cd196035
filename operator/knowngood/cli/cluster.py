"""What the command line asks of an API server, with whatever rights the kubeconfig gives."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import urllib3
import yaml
from kubernetes import client, config, watch
from kubernetes.config import kube_config

from knowngood.api.v1alpha1 import (
    GROUP,
    VERSION,
    AIModelDeployment,
    AIModelVersion,
    Incident,
)
from knowngood.cli.problems import (
    Asked,
    NotThere,
    Outdated,
    Problem,
    no_such_model,
    problem_of,
    reason_of,
    unreachable,
)
from knowngood.cli.reading import read
from knowngood.decisions.naming import MODEL_LABEL

MODELS: Final = "aimodeldeployments"
VERSIONS: Final = "aimodelversions"
INCIDENTS: Final = "incidents"
CONFIG_MAPS: Final = "configmaps"

FIELD_MANAGER: Final = "knowngood-cli"
"""Some GitOps tools take away what a manager wrote whose name begins with `kubectl`."""

CONNECT, ANSWER = 5.0, 15.0
"""Seconds that a connection, and an answer, may take."""

WATCH_SECONDS: Final = 60.0
"""How long one watch is left open; then the next one begins."""

_NOT_A_KUBECONFIG: Final = (TypeError, KeyError, AttributeError, ValueError)
"""What the loader raises about YAML that is something else."""

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to ask. What is None follows from the kubeconfig, and that from KUBECONFIG or the home directory."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None


class Cluster:
    """An API server, seen from one namespace.

    Every method raises `Problem` when the server refuses, and `Unreachable` when it does not answer.
    """

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self.namespace = namespace
        self._api: Any = client.CustomObjectsApi(api)  # objects are JSON: it has no better types

    @classmethod
    def connect(cls, place: Place) -> "Cluster":
        """Read the kubeconfig; nothing is asked yet.

        Raises:
            Problem: There is none, or nothing can be made of it.
        """
        found = client.Configuration()
        path = place.kubeconfig or kube_config.KUBE_CONFIG_DEFAULT_LOCATION
        merge: Any = kube_config.KubeConfigMerger  # the client ships no types for its loaders
        loader: Any = kube_config.KubeConfigLoader  # likewise
        try:
            loaded = loader(merge(path).config, active_context=place.context)
            loaded.load_and_set(found)
            context = loaded.current_context["context"]
        except (config.ConfigException, yaml.YAMLError, OSError, *_NOT_A_KUBECONFIG) as error:
            raise Problem(
                f"cannot use {path} ({reason_of(error)}): give another --kubeconfig or --context"
            ) from error
        # One try is enough: a person is there, or this program tries again by itself.
        found.retries = False
        # A kubeconfig that trusts any certificate was meant so; kubectl is silent about it too.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return cls(
            client.ApiClient(found), place.namespace or context.get("namespace") or "default"
        )

    @property
    def client(self) -> Any:
        """The connection, for what is not of our own kinds."""
        return self._api.api_client

    def models(self, *, everywhere: bool = False) -> list[Object]:
        """List all models, as they came, of the namespace or of all of them."""
        asked = Asked("list", MODELS, "" if everywhere else self.namespace)
        return self.all(asked)

    def model(self, name: str) -> AIModelDeployment:
        """Read a model; where there is none, the problem tells names that are near."""
        try:
            return read(AIModelDeployment, self.get(Asked("get", MODELS, self.namespace, name)))
        except NotThere:
            raise no_such_model(name, self.namespace, self._known()) from None

    def versions(self, model: AIModelDeployment) -> list[AIModelVersion]:
        """List the recorded versions of a model; those of an earlier model of its name are not its own."""
        asked = Asked("list", VERSIONS, self.namespace)
        found = self.all(asked, label_selector=f"{MODEL_LABEL}={model.metadata.name}")
        records = [read(AIModelVersion, each) for each in found]
        return [r for r in records if r.spec.model_ref.uid == model.metadata.uid]

    def incident(self, name: str) -> Incident | None:
        """Read an incident; None when it is not there."""
        try:
            return read(Incident, self.get(Asked("get", INCIDENTS, self.namespace, name)))
        except NotThere:
            return None

    def config_map(self, name: str) -> Object:
        """Read a ConfigMap as it came."""
        api: Any = client.CoreV1Api(self.client)  # the client ships no types

        def call(*, namespace: str, name: str, _request_timeout: object, **_: object) -> Object:
            answer = api.read_namespaced_config_map(
                name, namespace, _preload_content=False, _request_timeout=_request_timeout
            )
            found: Object = json.loads(answer.data)
            return found

        asked = Asked("get", CONFIG_MAPS, self.namespace, name)
        return self._call(call, asked, namespace=self.namespace, name=name)

    def whoami(self) -> str:
        """Ask the API server who this is; empty where it does not say."""
        api: Any = client.AuthenticationV1Api(self.client)
        try:
            review = api.create_self_subject_review({}, _request_timeout=(CONNECT, ANSWER))
        except (client.ApiException, urllib3.exceptions.HTTPError, OSError):
            return ""  # a command may be given without a name
        return str(review.status.user_info.username or "")

    def annotate(self, model: AIModelDeployment, annotations: Mapping[str, str | None]) -> None:
        """Write annotations of exactly this model, not of another one that has its name by now; None takes one away."""
        meta = {"uid": model.metadata.uid, "annotations": annotations}
        self.patch(Asked("patch", MODELS, self.namespace, model.metadata.name), {"metadata": meta})

    def patch(self, asked: Asked, change: Object) -> None:
        """Merge a change into an object; one that names a uid is meant for no other object."""
        words = {"namespace": asked.namespace, "name": asked.name, "field_manager": FIELD_MANAGER}
        self._call(self._api.patch_namespaced_custom_object, asked, body=change, **words)

    def create(self, asked: Asked, body: Object) -> Object:
        """Create an object, and return it as the API server made it."""
        words = {"namespace": asked.namespace, "field_manager": FIELD_MANAGER}
        return self._call(self._api.create_namespaced_custom_object, asked, body=body, **words)

    def watch(self, name: str, seconds: float) -> Iterator[AIModelDeployment | None]:
        """Tell a model as it is, and each time that it changes; None when it is deleted.

        It ends after the given time, or earlier: then look again.
        """
        try:
            found = self.get(Asked("get", MODELS, self.namespace, name))
        except NotThere:
            yield None
            return
        yield read(AIModelDeployment, found)
        try:
            for event in self._events(name, found["metadata"]["resourceVersion"], seconds):
                yield (
                    None if event["type"] == "DELETED" else read(AIModelDeployment, event["object"])
                )
        except Outdated:
            return

    def _known(self) -> list[str] | None:
        try:
            return [found["metadata"]["name"] for found in self.models()]
        except Problem:  # one may read a model whose name one knows without the right to list all
            return None

    def _events(self, name: str, version: str, seconds: float) -> Iterator[Object]:
        span = max(1, math.ceil(min(seconds, WATCH_SECONDS)))
        asked = Asked("watch", MODELS, self.namespace, name)
        follow: Any = watch.Watch  # the client ships no types for its watch
        try:
            yield from follow().stream(
                self._api.list_namespaced_custom_object,
                GROUP,
                VERSION,
                namespace=self.namespace,
                plural=MODELS,
                field_selector=f"metadata.name={name}",
                resource_version=version,
                timeout_seconds=span,
                _request_timeout=(CONNECT, span + ANSWER),
            )
        except client.ApiException as error:
            raise problem_of(error, asked) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(reason_of(error)) from error

    def get(self, asked: Asked) -> Object:
        """Read an object as it came; one of the whole cluster where no namespace is asked for."""
        if asked.namespace:
            named = {"namespace": asked.namespace, "name": asked.name}
            return self._call(self._api.get_namespaced_custom_object, asked, **named)
        return self._call(self._api.get_cluster_custom_object, asked, name=asked.name)

    def all(self, asked: Asked, **query: str) -> list[Object]:
        """List objects as they came; those of all namespaces where none is asked for."""
        if asked.namespace:
            found = self._call(
                self._api.list_namespaced_custom_object, asked, namespace=asked.namespace, **query
            )
        else:
            found = self._call(self._api.list_cluster_custom_object, asked, **query)
        items: list[Object] = found["items"]
        return items

    def _call(self, call: Callable[..., Any], asked: Asked, **words: object) -> Object:
        query = {"group": GROUP, "version": VERSION, "plural": asked.plural, **words}
        try:
            found = call(**query, _request_timeout=(CONNECT, ANSWER))
        except client.ApiException as error:
            raise problem_of(error, asked) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(reason_of(error)) from error
        if not isinstance(found, dict) or "kind" not in found:
            raise unreachable("what answers there is no API server")
        return found
