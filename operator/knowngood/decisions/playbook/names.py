"""What the steps of the playbook are called."""

from typing import Final

PIPELINE_INTEGRITY: Final = "pipeline-integrity"
FEATURE_DISTRIBUTIONS: Final = "feature-distributions"
UPSTREAM_FRESHNESS: Final = "upstream-freshness"
FALLBACK_READY: Final = "fallback-ready"
RECENT_CHANGES: Final = "recent-changes"

STEPS: Final = (
    PIPELINE_INTEGRITY,
    FEATURE_DISTRIBUTIONS,
    UPSTREAM_FRESHNESS,
    FALLBACK_READY,
    RECENT_CHANGES,
)
