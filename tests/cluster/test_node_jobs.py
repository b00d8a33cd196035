"""CronJobs run as anywhere else: their Jobs' pods end, and one that is suspended starts none."""

import json
from typing import Any

from tests.cluster.pods import Pods, eventually

Json = dict[str, Any]


def test_a_cron_job_starts_a_job_whose_pod_succeeds(pods: Pods) -> None:
    pods.apply(cron_job("feed"))

    due(pods, "feed")

    job = eventually(lambda: jobs(pods), bool)[0]
    assert job["metadata"]["ownerReferences"][0]["name"] == "feed"
    done = eventually(lambda: jobs(pods), lambda found: "completionTime" in found[0]["status"])
    assert done[0]["status"]["succeeded"] == 1
    (pod,) = all_of(pods, "pods")
    assert pod["status"]["phase"] == "Succeeded"
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0


def test_a_suspended_cron_job_starts_nothing_before_it_is_resumed(pods: Pods) -> None:
    pods.apply(cron_job("held"), cron_job("control"))
    pods.kubectl("patch", "cronjob", "held", "-p", '{"spec": {"suspend": true}}')

    due(pods, "held")
    due(pods, "control")

    eventually(lambda: jobs(pods), bool)
    assert {job["metadata"]["ownerReferences"][0]["name"] for job in jobs(pods)} == {"control"}
    pods.kubectl("patch", "cronjob", "held", "-p", '{"spec": {"suspend": false}}')
    eventually(lambda: jobs(pods), lambda found: len(found) == 2)


def due(pods: Pods, name: str) -> None:
    """Write that its last run lies back by more than a year: one is due then, and no other one before the next year."""
    last = '{"status": {"lastScheduleTime": "2025-06-01T00:00:00Z"}}'
    pods.kubectl("patch", "cronjob", name, "--subresource=status", "--type=merge", "-p", last)


def jobs(pods: Pods) -> list[Json]:
    return all_of(pods, "jobs")


def all_of(pods: Pods, kind: str) -> list[Json]:
    found: list[Json] = json.loads(pods.kubectl("get", kind, "-ojson"))["items"]
    return found


def cron_job(name: str) -> Json:
    """One whose Jobs end at once; it is due once a year."""
    container = {"name": "main", "image": "feed", "command": ["sh", "-c", "echo done"]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {
            "schedule": "0 0 1 1 *",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        },
    }
