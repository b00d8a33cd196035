"""What models share is looked up for each of thousands that turn bad at once, so it must not take long."""

from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.control.guard import Guard
from knowngood.control.ports import Key
from knowngood.control.sharing import Sharing
from knowngood.control.store import Store
from tests.control.manifests import Object, a_model, a_policy, a_template

MODELS, BAD = 400, 4
ABOVE = {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}}
SERVES = {"name": "errors", "signal": {"name": "errors"}, "roles": ["Stable"], "test": ABOVE}
BREACH = {
    "version": "7",
    "trigger": "errors",
    "policy": "lending",
    "policyKind": "IncidentPolicy",
    "message": "bad",
    "statistic": "1",
    "limit": "1",
    "samples": 1,
    "events": 1,
    "referenceSamples": 0,
    "referenceEvents": 0,
    "estimate": "1",
    "guarantee": "none",
    "signal": "errors",
    "query": "errors",
}


def put(store: Store, body: Object, number: int) -> None:
    body["metadata"] |= {"uid": f"u{number}", "resourceVersion": str(number), "generation": 1}
    store.put(body["kind"], body)


def bad(store: Store, number: int, minute: int = 0, feed: str = "", **more: Any) -> None:
    model = a_model(f"m{number}")
    if feed:
        model["spec"]["feeds"] = [{"cronJobRef": {"name": feed}}]
    found = {"incident": f"m{number}-1", "foundAt": f"2026-03-01T12:{minute:02}:00Z"}
    model["status"] = {"servingBreaches": [{**BREACH, **found, **more}]}
    put(store, model, 1000 + number)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Sharing, list[Key]]:
    """Many models of one policy, what finds out what they share, and who was asked about meanwhile."""
    store, keys = Store(), []
    put(store, a_template(), 1)
    put(store, a_policy(triggers=[SERVES]), 2)
    for number in range(MODELS):
        put(store, a_model(f"m{number}"), 10 + number)
    guard = Guard(store, MemoryNamespaces({"lending": {}}))
    bound = guard.bound

    def watched(key: Key) -> Any:
        keys.append(key)
        return bound(key)

    monkeypatch.setattr(guard, "bound", watched)
    return store, Sharing(store, guard), keys


def of(store: Store, sharing: Sharing, number: int) -> list[tuple[str, int, int]]:
    model = store.get("AIModelDeployment", "lending", f"m{number}")
    assert model is not None
    found = sharing.of(model).values()
    return [(one.what, one.watched, len(one.harmed)) for many in found for one in many]


def test_all_models_are_counted_once_for_many_that_turn_bad(
    asked: tuple[Store, Sharing, list[Key]],
) -> None:
    store, sharing, keys = asked
    for number in range(BAD):
        bad(store, number)

    told = [of(store, sharing, number) for number in range(BAD)]

    both = [("IncidentPolicy lending", MODELS, BAD), ("source default", MODELS, BAD)]
    assert told == [both] * BAD
    assert len(keys) < 3 * MODELS
    put(store, a_model("another"), 5000)
    assert of(store, sharing, 0)[0] == ("IncidentPolicy lending", MODELS + 1, BAD)


def test_nobody_is_counted_where_too_few_turned_bad_at_the_time(
    asked: tuple[Store, Sharing, list[Key]],
) -> None:
    store, sharing, keys = asked
    for number in range(BAD):
        bad(store, number, minute=15 * number)

    assert of(store, sharing, 0) == []
    assert len(keys) < MODELS


def test_what_was_noted_is_not_looked_up_again(asked: tuple[Store, Sharing, list[Key]]) -> None:
    store, sharing, keys = asked
    for number in range(BAD):
        bad(store, number, commonCause="many", commonSince="2026-03-01T12:00:00Z")

    assert of(store, sharing, 0) == []
    assert keys == []


def test_models_that_read_one_feed_share_it_however_many_others_have_their_policy(
    asked: tuple[Store, Sharing, list[Key]],
) -> None:
    store, sharing, _ = asked
    for number in range(BAD):
        bad(store, number, feed="features")
    bad(store, BAD, feed="prices")

    assert of(store, sharing, 0)[-1] == ("CronJob features", BAD, BAD)
    assert [what for what, _, _ in of(store, sharing, BAD)] == [
        "IncidentPolicy lending",
        "source default",
    ]
