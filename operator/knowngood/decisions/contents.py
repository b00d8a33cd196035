"""What the pods of a version really run, held against what they ran when the version was judged.

A template may name a tag that somebody moves, so the same template can mean other contents a week later. What a node
says of an image is a digest, with a name before it that differs from one node to another: only the digest counts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from knowngood.api.v1alpha1 import AIModelVersion, Observed, Reason, Standing, VersionStatus
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import Situation

IMAGES_KEPT: Final = 32
ENTRY_LENGTH: Final = 1024
_ALGORITHM: Final = "sha256:"
_JUDGED: Final = frozenset({Standing.PROBATION, Standing.KNOWN_GOOD})


def entries(record: AIModelVersion, images: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name what a version's pods run, `container=image id`, sorted.

    Args:
        record: The version.
        images: Container and image id, of all of its pods. Containers that the version's template does not name are
            left out: a mesh puts its own into every pod, and upgrades them when it likes.
    """
    named = _containers(record)
    found = {f"{name}={image}"[:ENTRY_LENGTH] for name, image in images if name in named and image}
    return tuple(sorted(found))[:IMAGES_KEPT]


def unjudged(now: Iterable[str], judged: Iterable[str]) -> tuple[str, ...]:
    """Entries that run now with other contents than those that the same container was judged with."""
    known = {_content(entry) for entry in judged}
    containers = {container for container, _ in known}
    return tuple(e for e in now if _content(e) not in known and _content(e)[0] in containers)


def mixed(now: Iterable[str]) -> tuple[str, ...]:
    """Containers that run with more than one content at a time."""
    contents = sorted({_content(entry) for entry in now})
    names = [name for name, _ in contents]
    return tuple(sorted({name for name in names if names.count(name) > 1}))


def changed(s: Situation, version: str) -> tuple[str, ...]:
    """Entries of a version whose pods run what was never judged; none when that is not known."""
    record = s.versions.get(version)
    if record is None or record.status is None or is_attested_anew(record):
        return ()
    seen = record.status.observed or Observed()
    return unjudged(seen_now(s, record), seen.judged_image_ids)


def seen_now(s: Situation, record: AIModelVersion) -> tuple[str, ...]:
    """What a version's pods run; what they ran last where none is there."""
    before = record.status.observed if record.status else None
    now = entries(record, s.images.get(record.spec.model.version, ()))
    return now or (before.image_ids if before else ())


def is_attested_anew(record: AIModelVersion) -> bool:
    """Say whether somebody else has called a version known good since it was written last: with what it runs now."""
    status = record.status
    if status is None or status.standing is not Standing.KNOWN_GOOD:
        return False
    return not status.transitions or status.transitions[-1].standing is not Standing.KNOWN_GOOD


def notice_contents(s: Situation, plan: Plan) -> Plan:
    """Tell once when a version's pods run what was never judged; a known good version is suspect then."""
    for version, record in sorted(s.versions.items()):
        others = changed(s, version)
        if others:
            plan = _tell(plan, version, _changed_text(version, others), others)
            if s.standing_of(version) is Standing.KNOWN_GOOD:
                plan = plan.stand(version, Standing.SUSPECT, Reason.CONTENT_CHANGED)
            continue
        both = mixed(entries(record, s.images.get(version, ())))
        if both and version == plan.canary:
            text = (
                f"version {version}: container {', '.join(both)} does not run the same image in all pods: a tag was "
                "moved while it is rolled out, so what is judged is a mixture; name images by digest"
            )
            plan = _tell(plan, version, text, both)
    return plan


def observed(s: Situation, record: AIModelVersion, after: VersionStatus) -> Observed | None:
    """What was seen of a version, to be written down with its status.

    Args:
        s: What was seen.
        record: The version, as it was written last.
        after: Its status with the standing that was decided.
    """
    before = (record.status.observed if record.status else None) or Observed()
    now, standing = seen_now(s, record), after.standing
    was = record.status.standing if record.status else None
    judged = before.judged_image_ids
    begins = standing in _JUDGED and (standing is not was or is_attested_anew(record))
    if begins or (standing in _JUDGED and not judged):
        judged = now
    elif standing is Standing.CANDIDATE:
        judged = ()
    missing = s.missing.get(record.spec.model.version, before.missing_refs)
    found = Observed(image_ids=now, judged_image_ids=judged, missing_refs=missing)
    return None if found == Observed() else found


def _changed_text(version: str, others: Iterable[str]) -> str:
    return (
        f"version {version} runs contents that were never judged ({', '.join(others)}): its template is the same, so "
        "a tag was moved; name images by digest, and ship what runs now as a version of its own"
    )


def change_of(s: Situation, version: str) -> str:
    """Say that a version's contents have changed; empty when they have not."""
    others = changed(s, version)
    return _changed_text(version, others) if others else ""


def _tell(plan: Plan, version: str, text: str, about: Iterable[str]) -> Plan:
    key = hashlib.sha256("\n".join(about).encode()).hexdigest()[:16]
    notice = Notice(Reason.CONTENT_CHANGED, text[:1024], f"content/{version}/{key}", warning=True)
    return plan.tell(notice)


def _containers(record: AIModelVersion) -> frozenset[str]:
    deployment = record.spec.serving.deployment
    spec: Mapping[str, Any] = (deployment.template.get("spec") or {}) if deployment else {}
    both = (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()))
    return frozenset(str(one.get("name", "")) for one in both)


def _content(entry: str) -> tuple[str, str]:
    container, _, image = entry.partition("=")
    _, found, digest = image.rpartition(_ALGORITHM)
    return container, digest if found else image
