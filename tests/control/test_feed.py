from typing import Any

from knowngood.control.feed import Feed
from knowngood.control.ports import Key
from knowngood.control.queue import WorkQueue
from knowngood.control.store import Store
from tests.control.manifests import NAMESPACE, a_cluster_policy, a_model, a_policy, a_template
from tests.control.virtual_time import run

LOAN, CARD = Key(NAMESPACE, "loan"), Key(NAMESPACE, "card")


class Wired:
    """A feed with what it feeds."""

    def __init__(self) -> None:
        self.store, self.queue = Store(), WorkQueue(lambda: 0.0)
        self.restarts: list[str] = []
        self.feed = Feed(self.store, self.queue, self.restarts.append)
        self.version = 100

    def tell(self, body: dict[str, Any], event: str | None = "MODIFIED", uid: str = "") -> None:
        self.version += 1
        meta = {"uid": uid or body["metadata"]["name"], "resourceVersion": str(self.version)}
        self.feed.event(body["kind"], event, {**body, "metadata": {**body["metadata"], **meta}})

    def wanted(self) -> set[Key]:
        """Take everything that waits."""

        async def take() -> set[Key]:
            found = set()
            while len(self.queue):
                key = await self.queue.get()
                self.queue.done(key)
                found.add(key)
            return found

        return run(take())


def with_two_models() -> Wired:
    wired = Wired()
    for name in ("loan", "card"):
        wired.tell(a_model(name), None)
    assert wired.wanted() == {LOAN, CARD}
    return wired


def test_a_model_that_changes_wants_a_pass() -> None:
    wired = with_two_models()

    wired.tell(a_model("loan", "8"))

    assert wired.wanted() == {LOAN}


def test_an_event_that_is_known_already_wants_none() -> None:
    wired = with_two_models()
    wired.version -= 1

    wired.tell(a_model("card"))

    assert wired.wanted() == set()


def test_a_version_or_an_incident_wants_its_model() -> None:
    wired = with_two_models()

    wired.feed.touched("Incident", NAMESPACE, "loan-1", {"knowngood.dev/model": "loan"})
    wired.feed.touched("AIModelVersion", NAMESPACE, "card-8", {"knowngood.dev/model": "card"})
    wired.feed.touched("Incident", NAMESPACE, "orphan", {})

    assert wired.wanted() == {LOAN, CARD}


def test_a_policy_speaks_for_its_namespace_and_a_cluster_policy_for_all() -> None:
    wired = with_two_models()
    elsewhere = a_policy("elsewhere")
    elsewhere["metadata"]["namespace"] = "other"

    wired.tell(elsewhere)
    assert wired.wanted() == set()
    for speaks in (a_policy(), a_cluster_policy(), a_template()):
        wired.tell(speaks)
        assert wired.wanted() == {LOAN, CARD}


def test_a_deleted_model_gets_a_last_pass() -> None:
    wired = with_two_models()

    wired.tell(a_model("loan"), "DELETED")

    assert wired.wanted() == {LOAN}
    assert wired.store.get("AIModelDeployment", NAMESPACE, "loan") is None


def test_a_second_listing_asks_for_a_correction() -> None:
    """The watcher lists again after a break, and tells nothing of what was deleted meanwhile."""
    wired = with_two_models()
    assert wired.restarts == []

    wired.tell(a_model("loan"), None)

    assert wired.restarts == ["AIModelDeployment"]


def test_an_object_that_comes_again_after_its_deletion_is_no_restart() -> None:
    wired = with_two_models()
    wired.tell(a_model("loan"), "DELETED")

    wired.tell(a_model("loan"), None)

    assert wired.restarts == []


def test_the_endpoints_of_a_service_want_the_models_that_list_it() -> None:
    wired = with_two_models()
    services = [{"version": "7", "name": "loan-seven"}]
    wired.tell(a_model("listed", serving={"services": services}))
    wired.wanted()

    wired.feed.service(NAMESPACE, "loan-seven")
    wired.feed.service("elsewhere", "loan-seven")

    assert wired.wanted() == {Key(NAMESPACE, "listed")}
