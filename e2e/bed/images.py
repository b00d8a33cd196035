"""Knowngood's own images, as they are on every cluster that is started from this checkout."""

from e2e.bed import chart
from e2e.cluster import Image
from e2e.cluster.progress import Progress
from e2e.models import image, review


def own_images(progress: Progress | None = None) -> dict[str, Image]:
    """Return what the node runs for the operator, for the loan model and for what is around it, by names without a tag.

    Args:
        progress: Told when the models are trained, once; by default the standard error stream is.

    Raises:
        BuildError: the rows of the loan data could not be fetched.
    """
    return {
        chart.IMAGE: chart.operator_image(),
        image.NAME: image.loan_model(progress=progress),
        image.FEED: image.feature_feed(),
        review.NAME: review.review(),
    }
