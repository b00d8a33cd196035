"""What the operator may suspend is a list of its own configuration, and an entry that is wrong is refused by name."""

from typing import Any

import pytest

from knowngood.api.v1alpha1.feeds import ObjectRef
from knowngood.decisions.suspendable import AllowList, NotSuspendable, allow_list, parse_entries
from knowngood.settings import SettingsError, parse

GOOD = {"apiVersion": "batch/v1", "kind": "CronJob", "path": "/spec/suspend", "value": True}
JOB = ObjectRef(api_version="batch/v1", kind="CronJob", name="nightly")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"apiVersion": "v1", "kind": "Secret"}, "apiVersion: write a group and a version"),
        ({"apiVersion": "v1", "kind": "Pod"}, "kinds of the core group (v1), as pods and secrets"),
        ({"apiVersion": "../v1"}, "apiVersion"),
        ({"apiVersion": None}, "apiVersion"),
        ({"kind": "cronjob"}, "kind: write a kind, like CronJob"),
        ({"path": "/metadata/labels/x"}, "path: write a JSON pointer below /spec"),
        ({"path": "/spec"}, "path: write a JSON pointer below /spec"),
        ({"path": "spec.suspend"}, "path: write a JSON pointer below /spec"),
        ({"path": "/spec/../x"}, "path"),
        ({"path": "/spec/replicas"}, "path: /spec/replicas scales"),
        ({"path": "/spec/jobTemplate/spec/parallelism"}, "scales"),
        ({"value": 1}, "value: write true, false or a text"),
        ({"value": None}, "value"),
        ({"value": {"a": 1}}, "value"),
        ({"value": "x" * 300}, "value: at most 253 characters"),
        ({"resource": "cron/jobs"}, "resource: write the kind's plural"),
        ({"verb": "patch"}, "write apiVersion, kind, path, value"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(NotSuspendable) as refused:
        parse_entries([GOOD | {"kind": "Other"}, GOOD | change])

    assert "feeds.suspendable[1]" in str(refused.value)
    assert words in str(refused.value)


def test_a_kind_is_listed_once() -> None:
    with pytest.raises(NotSuspendable, match=r"suspendable\[1\]: batch/v1 CronJob is in the list"):
        parse_entries([GOOD, GOOD])


def test_the_plural_is_guessed_or_said() -> None:
    entries = parse_entries([GOOD, GOOD | {"kind": "Proxy", "resource": "proxies"}])

    assert [e.resource for e in entries] == ["cronjobs", "proxies"]


@pytest.mark.parametrize(
    ("allowed", "namespace", "words"),
    [
        (AllowList(), "lending", "feeds.enabled of the operator's configuration is not set"),
        (
            AllowList(parse_entries([GOOD | {"kind": "Proxy"}])),
            "lending",
            "CronJob is not in feeds.suspendable of the operator's",
        ),
        (AllowList(parse_entries([GOOD]), ("fraud",)), "lending", "is not in feeds.namespaces"),
        (AllowList(parse_entries([GOOD]), ("fraud",)), "fraud", ""),
        (AllowList(parse_entries([GOOD])), "lending", ""),
    ],
)
def test_what_is_not_allowed_is_told_with_the_field_and_the_setting(
    allowed: AllowList, namespace: str, words: str
) -> None:
    said = allowed.why_not(namespace, JOB)

    assert words in said if words else said == ""
    assert said == "" or said.startswith("spec.feeds: ")


def test_the_command_line_is_read_and_a_fault_of_it_is_a_setting_that_is_wrong() -> None:
    entry = '{"apiVersion":"batch/v1","kind":"CronJob","path":"/spec/suspend","value":true}'

    settings = parse([f"--suspendable={entry}", "--suspend-in=lending"])

    assert settings.suspendable == allow_list([entry], ["lending"])
    assert parse([]).suspendable == AllowList()
    with pytest.raises(SettingsError, match=r"feeds.suspendable\[0\]: it is no JSON"):
        parse(["--suspendable=cronjobs"])
