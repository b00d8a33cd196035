"""What is read of objects of others when an incident is looked into: when they were written, and never what is in them.

It is beside `ports` because nothing that decides knows of it.
"""

from typing import Protocol

from knowngood.decisions.playbook.objects import CronJobSeen, Edited


class Objects(Protocol):
    """Objects of others. Every call raises `ApiError` where it may not be read, or the API server does not say."""

    async def edited(self, namespace: str, kind: str, name: str) -> Edited | None:
        """When an object was last written, apart from its status; None where it is not there, or does not tell.

        Args:
            namespace: Where it is; empty for what is in no namespace.
            kind: ConfigMap, IncidentPolicy or ClusterIncidentPolicy.
            name: Its name.
        """
        ...

    async def cron_jobs(self, namespace: str) -> tuple[CronJobSeen, ...]:
        """The CronJobs of a namespace, in the order of their names."""
        ...
