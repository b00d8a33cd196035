"""What a model's features come from."""

from typing import Annotated

from pydantic import Field

from knowngood.api.hints import cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.api.v1alpha1.wire import Wire

CRON_JOBS = "batch/v1", "CronJob"

ApiVersion = Annotated[
    str,
    Field(pattern=r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?v[a-z0-9]{1,30}$", max_length=128),
]
"""An API group and its version: `batch/v1`."""

Kind = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$", max_length=63)]
"""A kind of objects: `CronJob`."""


class CronJobRef(Wire):
    """A CronJob in the model's namespace."""

    name: ObjectName
    """Its name."""


class ObjectRef(Wire):
    """An object of any kind in the model's namespace."""

    api_version: ApiVersion
    """Its group and version: `argoproj.io/v1alpha1`."""

    kind: Kind
    """Its kind: `CronWorkflow`."""

    name: ObjectName
    """Its name."""


class Feed(Wire):
    """What brings the data that features are made of. It is known by the name of its object."""

    model_config = validated_by(exactly_one("cronJobRef", "ref"))

    cron_job_ref: CronJobRef | None = None
    """The CronJob, in the model's namespace. When what serves turns bad, the incident says whether its latest run has
    succeeded. It is suspended only where a policy says suspendFeed, and never started."""

    ref: ObjectRef | None = None
    """An object of another kind, in the model's namespace, in place of cronJobRef. What may be suspended is listed in
    the operator's own configuration (feeds.suspendable)."""

    @property
    def target(self) -> ObjectRef | None:
        """The object, whichever way it is named; None in one that an older schema let pass."""
        if self.cron_job_ref is not None:
            version, kind = CRON_JOBS
            return ObjectRef(api_version=version, kind=kind, name=self.cron_job_ref.name)
        return self.ref


FEEDS = listed(
    8,
    rules=(
        cel(
            "self.all(f, self.exists_one(g, "
            "(has(f.ref) ? f.ref.name : has(f.cronJobRef) ? f.cronJobRef.name : '') == "
            "(has(g.ref) ? g.ref.name : has(g.cronJobRef) ? g.cronJobRef.name : '')))",
            "two feeds have one name: a feed is known by the name of its object",
        ),
    ),
)
"""How a model's feeds are listed."""
