"""When objects of others were written, and whether CronJobs ran. Of ConfigMaps and policies only metadata is sent."""

from typing import Final

from knowngood.adapters.kubernetes.answers import NotFound
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.resources import collection
from knowngood.decisions.playbook.objects import CronJobSeen, Edited, cron_jobs_of, edited_of

CRON_JOBS: Final = "/apis/batch/v1/namespaces/{}/cronjobs"


class KubernetesObjects:
    """The `Objects` port on the API server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def edited(self, namespace: str, kind: str, name: str) -> Edited | None:
        """When an object was last written, apart from its status."""
        try:
            return edited_of(await self._metadata(namespace, kind, name))
        except NotFound:
            return None

    async def cron_jobs(self, namespace: str) -> tuple[CronJobSeen, ...]:
        """The CronJobs of a namespace."""
        items, _ = await self._api.list(CRON_JOBS.format(namespace))
        return cron_jobs_of(items)

    async def _metadata(self, namespace: str, kind: str, name: str) -> Object:
        if kind == "ConfigMap":
            return await self._api.metadata(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        # Kinds of ours may be listed, and that is all that is needed to ask for one of them.
        return await self._api.metadata(collection(kind, namespace or None), name)
