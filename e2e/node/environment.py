"""The environment of a container, as Kubernetes defines it."""

import base64
import re
from collections.abc import Mapping, Sequence

from e2e.node.api import Api, ApiError, Json

_REFERENCE = re.compile(r"\$(?:\$|\(([-._a-zA-Z0-9]+)\))")
_KEYED_FIELD = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class ConfigError(Exception):
    """The container names something that does not exist or that this node cannot give."""


def expand(text: str, env: Mapping[str, str]) -> str:
    """Replace `$(NAME)` by its value; `$$` is a dollar, unknown names stay as they are."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return "$" if name is None else env.get(name, found[0])

    return _REFERENCE.sub(value, text)


def field_value(path: str, pod: Json, address: str, host: str) -> str:
    """Return what a `fieldRef` of a pod means.

    Raises:
        ConfigError: the downward API has no such field.
    """
    metadata, spec = pod["metadata"], pod["spec"]
    keyed = _KEYED_FIELD.fullmatch(path)
    if keyed:
        return str((metadata.get(keyed[1]) or {}).get(keyed[2], ""))
    fields = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.podIP": address,
        "status.podIPs": address,
        "status.hostIP": host,
        "status.hostIPs": host,
    }
    if path not in fields:
        raise ConfigError(f"fieldRef {path} is not supported")
    return str(fields[path])


async def keyed_data(api: Api, namespace: str, kind: str, reference: Json) -> Mapping[str, str]:
    """Return the data of a ConfigMap ("configmaps") or Secret ("secrets") as text.

    Raises:
        ConfigError: it does not exist and is not optional.
        ApiError: the API server did not answer.
    """
    name = reference["name"]
    try:
        found = await api.get(f"/api/v1/namespaces/{namespace}/{kind}/{name}")
    except ApiError as error:
        if error.status != 404:
            raise
        if reference.get("optional"):
            return {}
        raise ConfigError(f"{kind} {name} not found") from error
    data: dict[str, str] = found.get("data") or {}
    if kind == "secrets":
        return {key: base64.b64decode(value).decode() for key, value in data.items()}
    return data


class Environment:
    """Builds the environments of one pod's containers."""

    def __init__(self, api: Api, pod: Json, address: str, host: str) -> None:
        self._api = api
        self._pod = pod
        self._address = address
        self._host = host

    async def of(self, container: Json, image: Mapping[str, str]) -> dict[str, str]:
        """Return the environment: the image's, then `envFrom`, then `env` in order.

        Raises:
            ConfigError: something that it names is missing.
        """
        env = dict(image)
        for source in container.get("envFrom", []):
            env.update(await self._all_of(source))
        for entry in container.get("env", []):
            value = await self._value(entry, env)
            if value is not None:
                env[entry["name"]] = value
        return env

    async def _all_of(self, source: Json) -> Mapping[str, str]:
        namespace, prefix = self._pod["metadata"]["namespace"], source.get("prefix", "")
        kind, reference = (
            ("configmaps", source["configMapRef"])
            if "configMapRef" in source
            else ("secrets", source["secretRef"])
        )
        data = await keyed_data(self._api, namespace, kind, reference)
        return {prefix + key: value for key, value in data.items()}

    async def _value(self, entry: Json, env: Mapping[str, str]) -> str | None:
        match entry.get("valueFrom"):
            case None:
                return expand(entry.get("value", ""), env)
            case {"fieldRef": field}:
                return field_value(field["fieldPath"], self._pod, self._address, self._host)
            case {"configMapKeyRef": reference}:
                return await self._key("configmaps", reference)
            case {"secretKeyRef": reference}:
                return await self._key("secrets", reference)
            case source:
                raise ConfigError(f"env {entry['name']}: {', '.join(source)} is not supported")

    async def _key(self, kind: str, reference: Json) -> str | None:
        namespace = self._pod["metadata"]["namespace"]
        data = await keyed_data(self._api, namespace, kind, reference)
        if reference["key"] in data:
            return data[reference["key"]]
        if reference.get("optional"):
            return None
        raise ConfigError(f"{kind} {reference['name']} has no key {reference['key']}")


def command_line(container: Json, entry_point: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """Return what to run: `command` (else the image's entry point), then `args`."""
    command = [expand(word, env) for word in container.get("command", [])]
    arguments = [expand(word, env) for word in container.get("args", [])]
    return [*(command or entry_point), *arguments]
