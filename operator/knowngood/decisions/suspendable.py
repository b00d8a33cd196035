"""What the operator's own configuration lets it suspend: kinds of objects, and the one field of each that does it.

It is a list of what is allowed: nothing else of any object is ever written. Custom resources can name what is on it,
and can not add to it.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knowngood.api.v1alpha1.feeds import ObjectRef

SETTING: Final = "feeds.suspendable"
ENABLED: Final = "feeds.enabled"
LONGEST_VALUE: Final = 253
"""Characters of a value, as JSON: that much fits into a status."""

_API_VERSION: Final = re.compile(
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/v[a-z0-9]+"
)
_KIND: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_RESOURCE: Final = re.compile(r"[a-z][a-z0-9]{0,62}")
_PATH: Final = re.compile(r"/spec(/[A-Za-z][A-Za-z0-9_-]{0,62}){1,8}")
_SCALES: Final = re.compile(r"/(replicas|minReplicas|maxReplicas|parallelism|completions|scale)$")
_KEYS: Final = frozenset({"apiVersion", "kind", "path", "value", "resource"})


class NotSuspendable(ValueError):
    """An entry of the list is wrong; the text names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Suspendable:
    """A kind whose objects may be suspended.

    Attributes:
        api_version: Group and version; none of the core group.
        kind: As objects have it.
        path: JSON pointer to the field, below /spec.
        value: What suspends it, as JSON.
        resource: The kind's name in the paths of the API, in the plural.
    """

    api_version: str
    kind: str
    path: str
    value: str
    resource: str


@dataclass(frozen=True, slots=True)
class AllowList:
    """What may be suspended, and where.

    Attributes:
        entries: At most one for each kind.
        namespaces: The only ones where anything may be; empty for all.
    """

    entries: tuple[Suspendable, ...] = ()
    namespaces: tuple[str, ...] = ()

    def find(self, target: ObjectRef) -> Suspendable | None:
        """The entry for an object; None where there is none."""
        same = (e for e in self.entries if (e.api_version, e.kind) == _of(target))
        return next(same, None)

    def why_not(self, namespace: str, target: ObjectRef) -> str:
        """Say why an object may not be suspended, and which setting says so; empty where it may be."""
        if not self.entries:  # the chart takes no empty list
            return (
                f"spec.feeds: {ENABLED} of the operator's configuration is not set, so nothing is suspended, and "
                f"{target.kind} {target.name} is left alone"
            )
        if self.find(target) is None:
            return (
                f"spec.feeds: {target.api_version} {target.kind} is not in {SETTING} of the operator's "
                "configuration, so it is left alone"
            )
        if self.namespaces and namespace not in self.namespaces:
            return (
                f"spec.feeds: namespace {namespace} is not in feeds.namespaces of the operator's configuration, so "
                f"{target.kind} {target.name} is left alone"
            )
        return ""


NOTHING: Final = AllowList()


def _of(target: ObjectRef) -> tuple[str, str]:
    return target.api_version, target.kind


def parse_entries(entries: Iterable[Any]) -> tuple[Suspendable, ...]:
    """Read the list.

    Args:
        entries: Each with apiVersion, kind, path and value; with resource where the plural is not kind + s.

    Raises:
        NotSuspendable: One of them is wrong.
    """
    found: list[Suspendable] = []
    for index, entry in enumerate(entries):
        where = f"{SETTING}[{index}]"
        parsed = _parse(where, entry)
        if any((e.api_version, e.kind) == (parsed.api_version, parsed.kind) for e in found):
            raise NotSuspendable(
                f"{where}: {parsed.api_version} {parsed.kind} is in the list already"
            )
        found.append(parsed)
    return tuple(found)


def allow_list(texts: Iterable[str], namespaces: Iterable[str]) -> AllowList:
    """Read the list as the command line has it: each entry as JSON.

    Raises:
        NotSuspendable: One of them is wrong.
    """
    entries = []
    for index, text in enumerate(texts):
        try:
            entries.append(json.loads(text))
        except json.JSONDecodeError as error:
            raise NotSuspendable(f"{SETTING}[{index}]: it is no JSON: {error}") from error
    return AllowList(parse_entries(entries), tuple(namespaces))


def _parse(where: str, entry: Any) -> Suspendable:
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        raise NotSuspendable(f"{where}: write apiVersion, kind, path, value, and resource or not")
    version, kind = entry.get("apiVersion"), entry.get("kind")
    if not isinstance(version, str) or not _API_VERSION.fullmatch(version):
        raise NotSuspendable(
            f"{where}.apiVersion: write a group and a version, like batch/v1; kinds of the core group (v1), as pods "
            "and secrets, are never suspended"
        )
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise NotSuspendable(f"{where}.kind: write a kind, like CronJob")
    resource = entry.get("resource", f"{kind.lower()}s")
    if not isinstance(resource, str) or not _RESOURCE.fullmatch(resource):
        raise NotSuspendable(
            f"{where}.resource: write the kind's plural in small letters, like cronjobs"
        )
    path = entry.get("path")
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise NotSuspendable(f"{where}.path: write a JSON pointer below /spec, like /spec/suspend")
    if _SCALES.search(path):
        raise NotSuspendable(
            f"{where}.path: {path} scales; a feed is suspended, and nothing is scaled"
        )
    return Suspendable(version, kind, path, _value(where, entry), resource)


def _value(where: str, entry: dict[str, Any]) -> str:
    value = entry.get("value")
    if not isinstance(value, bool | str) or value == "":
        raise NotSuspendable(f"{where}.value: write true, false or a text: what suspends it")
    written = as_json(value)
    if len(written) > LONGEST_VALUE:
        raise NotSuspendable(f"{where}.value: at most {LONGEST_VALUE} characters")
    return written


def as_json(value: Any) -> str:
    """Write a value as the status has it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def steps(path: str) -> Sequence[str]:
    """The names on the way to a field."""
    return path.split("/")[1:]
