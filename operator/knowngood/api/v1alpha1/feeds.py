"""What a model's features come from."""

from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.api.v1alpha1.wire import Wire


class CronJobRef(Wire):
    """A CronJob in the model's namespace."""

    name: ObjectName
    """Its name."""


class Feed(Wire):
    """A job that brings the data that features are made of."""

    cron_job_ref: CronJobRef
    """The CronJob, in the model's namespace. When what serves turns bad, the incident says whether its latest run has
    succeeded. Nothing is started, stopped or waited for."""
