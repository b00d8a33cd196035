"""When objects of others were written, without reading what is in them."""

import pytest
from aiohttp import web

from knowngood.adapters.kubernetes.objects import KubernetesObjects
from knowngood.errors import Refused
from tests.adapters.loopback import api_of

MANAGED = [
    {"manager": "kubectl", "operation": "Update", "time": "2026-03-01T11:00:00Z"},
    {"manager": "knowngood", "time": "2026-03-01T12:00:00Z", "subresource": "status"},
]
META = {"name": "rules", "managedFields": MANAGED}


async def test_only_metadata_is_asked_for() -> None:
    asked: list[tuple[str, str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path, request.query_string, request.headers["Accept"]))
        one = {"kind": "PartialObjectMetadata", "metadata": META}
        return web.json_response({**one, "items": [one]})

    async with api_of(answer) as api:
        objects = KubernetesObjects(api)
        for kind in ("ConfigMap", "IncidentPolicy"):
            edited = await objects.edited("lending", kind, "rules")
            assert edited is not None
            assert (edited.by, edited.at.hour) == ("kubectl", 11), "a status is no edit"
        assert await objects.edited("", "ClusterIncidentPolicy", "rules")

    ours = "/apis/knowngood.dev/v1alpha1"
    assert [(path, query) for path, query, _ in asked] == [
        ("/api/v1/namespaces/lending/configmaps/rules", ""),
        (f"{ours}/namespaces/lending/incidentpolicies", "fieldSelector=metadata.name%3Drules"),
        (f"{ours}/clusterincidentpolicies", "fieldSelector=metadata.name%3Drules"),
    ]
    assert all("as=PartialObjectMetadata" in accept for *_, accept in asked)


async def test_what_is_not_there_was_never_written_and_what_is_refused_is_told() -> None:
    codes = iter((404, 403, 403))

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "message": "no"}, status=next(codes))

    async with api_of(answer) as api:
        objects = KubernetesObjects(api)
        assert await objects.edited("lending", "ConfigMap", "rules") is None
        with pytest.raises(Refused):
            await objects.edited("lending", "ConfigMap", "rules")
        with pytest.raises(Refused):
            await objects.cron_jobs("lending")


async def test_a_policy_that_is_not_in_the_list_is_not_there() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"items": []})

    async with api_of(answer) as api:
        assert await KubernetesObjects(api).edited("lending", "IncidentPolicy", "rules") is None


async def test_cron_jobs_are_read_whatever_they_lack() -> None:
    bodies = [
        {
            "metadata": {"name": "nightly", "managedFields": MANAGED},
            "spec": {"suspend": True},
            "status": {
                "active": [{"name": "nightly-1"}],
                "lastScheduleTime": "2026-03-01T03:00:00Z",
                "lastSuccessfulTime": "2026-02-28T03:10:00Z",
            },
        },
        {"metadata": {"name": "bare"}},
        {"metadata": {"name": "odd"}, "status": {"lastScheduleTime": "yesterday"}},
    ]

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"metadata": {"resourceVersion": "1"}, "items": bodies})

    async with api_of(answer) as api:
        bare, nightly, odd = await KubernetesObjects(api).cron_jobs("lending")

    assert (bare.scheduled, bare.lacks_success, bare.edited) == (None, False, None)
    assert (nightly.suspended, nightly.active, nightly.lacks_success) == (True, 1, False)
    assert odd.scheduled is None
