"""Which of a rollout's versions a series is of, as its template says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowngood.api.v1alpha1 import IdentityBy
from knowngood.control.arms import Arm, Arms
from knowngood.control.reading import Answers
from knowngood.signals.identity import (
    ENVOY_CLUSTER,
    Group,
    cluster_service,
    objection,
    service_group,
)
from knowngood.signals.series import RawSeries, Target

Dropped = dict[str, set[int]]
"""Series that were left out, by the reason; each is counted once, though events may be read out of the totals."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Tells the versions of one rollout apart in the series of one template.

    Attributes:
        dropped: What was left out since this was made.
    """

    arms: Arms
    by: IdentityBy
    dropped: Dropped = field(default_factory=lambda: defaultdict(set))

    def groups(self) -> Iterable[Group]:
        """Where the series of this rollout are found in an answer."""
        if self.by in {IdentityBy.POD, IdentityBy.LABELS}:
            return self.arms.groups(self.by)
        arms = (self.arms.canary, self.arms.stable)
        return [service_group(self.by, self.arms.namespace, arm.service) for arm in arms]

    def target_of(self, series: RawSeries) -> Target | None:
        """Who was scraped for a series; None for one that is left out."""
        why = objection(self.by, series.labels)
        if not why and self.by is IdentityBy.SERVICE and not self._is_behind(series.labels):
            why = "pod is not behind service"
        if why:
            self.dropped[why].add(id(series))
            return None
        if self.by is IdentityBy.POD:
            return series.target
        if self.by is IdentityBy.LABELS:
            return self.arms.labelled(series)
        place = _service_of(self.by, series.labels)
        return place and Target(place[0], f"{place[1]}/{_scraped(series.labels)}")

    def version_of(self, target: Target) -> str | None:
        """The version of a target that `target_of` made; None for none of the two."""
        if self.by is IdentityBy.POD:
            return self.arms.version_of(target)
        if self.by is IdentityBy.LABELS:
            return self.arms.labelled_version(target)
        arm = self._arm(target.namespace, target.pod.split("/", 1)[0])
        return arm.version if arm else None

    def expected(self, answers: Answers) -> Mapping[str, int]:
        """How many targets each version must have, where each of its pods is one; empty where others speak for it.

        A gateway speaks for all pods of a version, and so does a recording rule: none of those is missing. How many
        were ready long ago, when what is read again happened, nobody knows: it was not fewer than were seen.
        """
        if answers.at < answers.asked:
            return {}
        if self.by is IdentityBy.ENVOY_CLUSTER:
            return {}
        if self.by is IdentityBy.LABELS and not self._names_pods(answers):
            return {}
        return {arm.version: arm.ready for arm in (self.arms.canary, self.arms.stable)}

    def _names_pods(self, answers: Answers) -> bool:
        groups = list(self.groups())
        return any("pod" in s.labels for kind in answers.series for s in answers.of(kind, groups))

    def _is_behind(self, labels: Mapping[str, str]) -> bool:
        """Whether the pod that was scraped is one of the Service's; a scrape that names no pod can not say."""
        arm = self._arm(labels["namespace"], labels["service"])
        return arm is None or not labels.get("pod") or arm.has(labels["pod"])

    def _arm(self, namespace: str, service: str) -> Arm | None:
        if namespace != self.arms.namespace:
            return None
        arms = (self.arms.canary, self.arms.stable)
        return next((arm for arm in arms if arm.service == service), None)


def _service_of(by: IdentityBy, labels: Mapping[str, str]) -> Group | None:
    if by is IdentityBy.SERVICE:
        return labels["namespace"], labels["service"]
    return cluster_service(labels[ENVOY_CLUSTER])


def _scraped(labels: Mapping[str, str]) -> str:
    """Where the series was read: every place counts for itself."""
    names = ("namespace", "pod") if labels.get("pod") else ("job", "instance")
    return "/".join(labels.get(name, "") for name in names)
