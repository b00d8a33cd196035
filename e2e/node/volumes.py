"""Volumes of a pod: directories on the cluster's own tmpfs."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from e2e.node.api import Api, ApiError, Json
from e2e.node.clock import seconds_until
from e2e.node.environment import ConfigError, field_value, keyed_data
from e2e.node.mounts import Mount

_LOG = logging.getLogger(__name__)
_ROOT = Path("/run/knowngood/pods")
_RENEW_AT = 0.8  # of a token's life, as a kubelet does
_NEVER_S = 3600.0  # how often a pod without tokens is looked at for nothing


class Volumes:
    """Makes the volumes of one pod, and renews the tokens in them."""

    def __init__(self, api: Api, pod: Json, address: str, host: str, renew_s: float | None) -> None:
        """Take what volumes are filled from.

        Args:
            api: The API server.
            pod: The pod.
            address: Its address.
            host: The node's address.
            renew_s: Renew tokens at least this often; None: when most of their life is over.
        """
        self._api = api
        self._pod = pod
        self._address = address
        self._host = host
        self._renew_s = renew_s
        self._next_renewal_s = _NEVER_S
        self.directory = _ROOT / str(pod["metadata"]["uid"])
        self._volumes = self.directory / "volumes"

    async def make(self) -> None:
        """Make and fill all volumes.

        Raises:
            ConfigError: one names something that is missing, or is of a kind we do not have.
            ApiError: the API server did not answer.
        """
        self._next_renewal_s = _NEVER_S
        for volume in self._pod["spec"].get("volumes", []):
            directory = self._place(volume["name"])
            directory.mkdir(parents=True, exist_ok=True)
            for path, text in (await self._files(volume)).items():
                _write(directory / path, text)

    async def renew(self) -> None:
        """Write fresh tokens in time, for ever."""
        while True:
            await asyncio.sleep(self._next_renewal_s)
            try:
                await self.make()
            except (ApiError, ConfigError) as error:
                _LOG.warning("renewing tokens of %s: %s", self._pod["metadata"]["name"], error)
                self._next_renewal_s = 1.0

    def remove(self) -> None:
        """Forget everything in the volumes."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.directory)

    def mounts(self, container: Json) -> list[Mount]:
        """Return what a container mounts."""
        found = []
        for mount in container.get("volumeMounts", []):
            if "subPath" in mount or "subPathExpr" in mount:
                raise ConfigError(f"volumeMount {mount['name']}: subPath is not supported")
            source, target = self._place(mount["name"]), Path(mount["mountPath"])
            found.append(Mount(source, target, mount.get("readOnly", False)))
        return found

    def _place(self, name: str) -> Path:
        return self._volumes / name

    async def _files(self, volume: Json) -> Mapping[str, str]:
        match volume:
            case {"emptyDir": _}:
                return {}
            case {"configMap": source}:
                return await self._keyed("configmaps", source)
            case {"secret": source}:
                return await self._keyed("secrets", {**source, "name": source["secretName"]})
            case {"downwardAPI": source}:
                return self._fields(source)
            case {"projected": projection}:
                return await self._projected(projection)
            case _:
                kinds = ", ".join(key for key in volume if key != "name")
                raise ConfigError(f"volume {volume['name']}: {kinds} is not supported")

    async def _projected(self, projection: Json) -> Mapping[str, str]:
        files: dict[str, str] = {}
        for source in projection.get("sources", []):
            match source:
                case {"serviceAccountToken": request}:
                    files[request["path"]] = await self._token(request)
                case {"configMap": reference}:
                    files |= await self._keyed("configmaps", reference)
                case {"secret": reference}:
                    files |= await self._keyed("secrets", reference)
                case {"downwardAPI": fields}:
                    files |= self._fields(fields)
                case _:
                    raise ConfigError(f"projected source {', '.join(source)} is not supported")
        return files

    async def _keyed(self, kind: str, source: Json) -> Mapping[str, str]:
        namespace = self._pod["metadata"]["namespace"]
        data = await keyed_data(self._api, namespace, kind, source)
        if "items" not in source:
            return data
        absent = [i["key"] for i in source["items"] if i["key"] not in data]
        if absent and not source.get("optional"):
            raise ConfigError(f"{kind} {source['name']} has no key {', '.join(absent)}")
        return {i["path"]: data[i["key"]] for i in source["items"] if i["key"] in data}

    def _fields(self, source: Json) -> Mapping[str, str]:
        return {
            item["path"]: field_value(
                item["fieldRef"]["fieldPath"], self._pod, self._address, self._host
            )
            for item in source.get("items", [])
        }

    async def _token(self, request: Json) -> str:
        metadata, spec = self._pod["metadata"], self._pod["spec"]
        account = f"{metadata['namespace']}/serviceaccounts/{spec['serviceAccountName']}"
        owner = {"apiVersion": "v1", "kind": "Pod", **_reference(metadata)}
        wanted: Json = {
            "expirationSeconds": request.get("expirationSeconds", 3600),
            "boundObjectRef": owner,
        }
        if "audience" in request:
            wanted["audiences"] = [request["audience"]]
        answer = await self._api.create(
            f"/api/v1/namespaces/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": wanted},
        )
        life_s = seconds_until(answer["status"]["expirationTimestamp"]) * _RENEW_AT
        self._next_renewal_s = min(self._next_renewal_s, life_s, self._renew_s or life_s)
        return str(answer["status"]["token"])


def _reference(metadata: Json) -> Json:
    return {"name": metadata["name"], "uid": metadata["uid"]}


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    fresh.rename(path)
