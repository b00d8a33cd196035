"""Whether objects of users are there, without reading what is in them."""

import pytest
from aiohttp import web

from knowngood.adapters.kubernetes.references import KubernetesReferences
from knowngood.decisions.references import Reference
from knowngood.errors import Refused, Unavailable
from tests.adapters.loopback import api_of

RULES = Reference("ConfigMap", "rules", "spec")


async def test_only_metadata_is_asked_for() -> None:
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers["Accept"]))
        return web.json_response({"kind": "PartialObjectMetadata", "metadata": {"name": "x"}})

    async with api_of(answer) as api:
        there = KubernetesReferences(api)
        for kind in ("ConfigMap", "PersistentVolumeClaim", "ServiceAccount"):
            assert await there.exists("lending", Reference(kind, "x", "spec"))

    plurals = ("configmaps", "persistentvolumeclaims", "serviceaccounts")
    assert [path for path, _ in asked] == [f"/api/v1/namespaces/lending/{p}/x" for p in plurals]
    assert all("as=PartialObjectMetadata" in accept for _, accept in asked)


async def test_only_an_object_that_is_not_found_is_missing() -> None:
    codes = iter((404, 403, 503))

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "message": "no"}, status=next(codes))

    async with api_of(answer) as api:
        there = KubernetesReferences(api)
        assert not await there.exists("lending", RULES)
        for error in (Refused, Unavailable):
            with pytest.raises(error):
                await there.exists("lending", RULES)


async def test_a_name_never_becomes_a_part_of_a_path() -> None:
    async def answer(_: web.Request) -> web.Response:
        raise AssertionError("nothing must be asked")

    async with api_of(answer) as api:
        for name in ("../secrets/key", "a/b", "rules?watch=1", "."):
            named = Reference("ConfigMap", name, "spec")
            assert not await KubernetesReferences(api).exists("lending", named)
