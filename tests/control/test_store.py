import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from knowngood.control.store import Store, is_newer
from tests.control.manifests import NAMESPACE, a_model

Object = dict[str, Any]
KIND = "AIModelDeployment"


def seen(name: str = "loan", uid: str = "u1", version: int = 100, want: str = "7") -> Object:
    body = copy.deepcopy(a_model(name, want))
    body["metadata"] |= {"uid": uid, "resourceVersion": str(version)}
    return body


def wanted(store: Store, name: str = "loan") -> str | None:
    model = store.get(KIND, NAMESPACE, name)
    return None if model is None else model.spec.model.version


def test_an_older_event_never_overwrites_what_is_known() -> None:
    store = Store()
    store.put(KIND, seen(version=101, want="8"))

    assert not store.put(KIND, seen(version=100, want="7"))
    assert wanted(store) == "8"


def test_versions_are_compared_as_numbers_not_as_text() -> None:
    assert is_newer("1000", "999")
    assert not is_newer("999", "1000")
    assert is_newer("b", "a")
    assert not is_newer("a", "a")


def test_a_deletion_of_an_earlier_object_of_the_same_name_changes_nothing() -> None:
    store = Store()
    store.put(KIND, seen(uid="u2", version=200))

    assert not store.remove(KIND, NAMESPACE, "loan", "u1")
    assert store.remove(KIND, NAMESPACE, "loan", "u2")
    assert store.get(KIND, NAMESPACE, "loan") is None


def test_what_could_not_be_read_and_is_gone_is_forgotten_when_all_are_listed() -> None:
    """A watch that restarts tells nothing of what was deleted meanwhile."""
    store, since = Store(), 0
    unfit = {"serving": {"deployment": {"replicas": "many"}}}
    for name in ("gone", "there", "new"):
        since = store.sequence  # the last one came while the LIST was under way
        body = seen(name, uid=name)
        store.put(KIND, body | {"spec": body["spec"] | unfit})

    body = seen("there", uid="there")
    changed = store.reconcile(KIND, [body | {"spec": body["spec"] | unfit}], since)

    assert (NAMESPACE, "gone") in changed
    assert {broken.name for broken in store.broken.values()} == {"there", "new"}
    assert store.ghosts == 1


def test_a_late_answer_to_a_write_brings_no_deleted_object_back() -> None:
    store = Store()
    store.put(KIND, seen(version=100))
    store.end(KIND, NAMESPACE, "loan", "u1")

    assert not store.put(KIND, seen(version=101))
    assert wanted(store) is None

    store.put(KIND, seen(uid="u2", version=102, want="8"))

    assert wanted(store) == "8"


def test_a_list_that_was_under_way_brings_no_deleted_object_back() -> None:
    store = Store()
    store.put(KIND, seen(version=100))
    since = store.sequence
    store.end(KIND, NAMESPACE, "loan", "u1")

    store.reconcile(KIND, [seen(version=100)], since)
    store.correct(KIND, seen(version=100))
    assert wanted(store) is None

    store.reconcile(KIND, [seen(version=90)], store.sequence)  # restored from a backup
    store.put(KIND, seen(version=91, want="8"))
    assert wanted(store) == "8"


def test_a_list_removes_what_is_gone_without_an_event() -> None:
    store = Store()
    store.put(KIND, seen("loan"))
    store.put(KIND, seen("card", uid="u2"))

    changed = store.reconcile(KIND, [seen("loan")], store.sequence)

    assert changed == [(NAMESPACE, "card")]
    assert (store.count(KIND), store.ghosts) == (1, 1)


def test_a_list_never_undoes_what_was_learnt_while_it_ran() -> None:
    store = Store()
    store.put(KIND, seen(version=100))
    since = store.sequence
    store.put(KIND, seen(version=101, want="8"))
    store.put(KIND, seen("new", uid="u9"))

    assert store.reconcile(KIND, [seen(version=100)], since) == []
    assert wanted(store) == "8"
    assert store.get(KIND, NAMESPACE, "new") is not None


def test_a_list_is_believed_after_a_restore_from_a_backup() -> None:
    """The versions start again lower, and only a LIST can tell."""
    store = Store()
    store.put(KIND, seen(version=5000, want="8"))

    changed = store.reconcile(KIND, [seen(version=70, want="7")], store.sequence)

    assert changed == [(NAMESPACE, "loan")]
    assert wanted(store) == "7"


def test_an_unchanged_list_changes_nothing() -> None:
    store = Store()
    store.put(KIND, seen())
    before = store.revision(KIND)

    assert store.reconcile(KIND, [seen()], store.sequence) == []
    assert store.revision(KIND) == before


def test_an_object_that_cannot_be_read_is_left_out_and_named() -> None:
    store = Store()
    store.put(KIND, seen())
    broken = seen(version=101)
    broken["spec"]["serving"] = {"deployment": {"replicas": "many"}}

    assert store.put(KIND, broken)

    assert store.get(KIND, NAMESPACE, "loan") is None
    (told,) = store.broken.values()
    assert "replicas" in told.why

    store.put(KIND, seen(version=102))
    assert store.broken == {}
    assert wanted(store) == "7"


def test_objects_come_in_the_order_of_their_names() -> None:
    store = Store()
    for number, name in enumerate(["b", "c", "a"]):
        store.put(KIND, seen(name, uid=f"u{number}"))

    assert [m.metadata.name for m in store.all(KIND, NAMESPACE)] == ["a", "b", "c"]
    assert store.all(KIND, "elsewhere") == []
    store.all(KIND, NAMESPACE).clear()
    assert len(store.all(KIND, NAMESPACE)) == 3


NAMES = st.sampled_from(["loan", "card"])


class StoreAgainstServer(RuleBasedStateMachine):
    """Events may come late, twice, out of order or not at all; a LIST at rest makes it right."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.server: dict[str, Object] = {}
        self.version = 100
        self.sent: list[tuple[str, Object]] = []
        self.ended: set[str] = set()
        self.newest: dict[str, tuple[str, int]] = {}

    @rule(name=NAMES, want=st.sampled_from(["7", "8", "9"]))
    def write(self, name: str, want: str) -> None:
        self.version += 1
        uid = self.server[name]["metadata"]["uid"] if name in self.server else f"u{self.version}"
        self.server[name] = seen(name, uid, self.version, want)
        self.sent.append(("MODIFIED", self.server[name]))

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if name in self.server:
            self.sent.append(("DELETED", self.server.pop(name)))

    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """Any event that was ever sent, of an object that still is the same one, or whose end was told."""
        known = {b["metadata"]["uid"] for b in self.server.values()} | self.ended
        able = [e for e in self.sent if e[1]["metadata"]["uid"] in known or e[0] == "DELETED"]
        if not able:
            return
        event, body = data.draw(st.sampled_from(able))
        meta = body["metadata"]
        if event == "DELETED":
            self.ended.add(meta["uid"])
            self.store.end(KIND, NAMESPACE, meta["name"], meta["uid"])
        else:
            self.store.put(KIND, body)

    @rule()
    def relist(self) -> None:
        listed = [copy.deepcopy(b) for b in self.server.values()]

        self.store.reconcile(KIND, listed, self.store.sequence)

        assert {m.metadata.name: m.spec.model.version for m in self.store.all(KIND)} == {
            name: body["spec"]["model"]["version"] for name, body in self.server.items()
        }

    @invariant()
    def holds_nothing_whose_end_was_told(self) -> None:
        assert self.ended.isdisjoint(m.metadata.uid for m in self.store.all(KIND))

    @invariant()
    def lists_what_it_holds_now(self) -> None:
        held = [self.store.get(KIND, NAMESPACE, name) for name in ("card", "loan")]
        assert self.store.all(KIND, NAMESPACE) == [model for model in held if model is not None]

    @invariant()
    def never_goes_back(self) -> None:
        for model in self.store.all(KIND):
            meta = model.metadata
            uid, version = self.newest.get(meta.name, ("", 0))
            assert uid != meta.uid or int(meta.resource_version) >= version
            self.newest[meta.name] = (meta.uid, int(meta.resource_version))


StoreAgainstServer.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
test_the_store_agrees_with_the_server = StoreAgainstServer.TestCase
