"""Many models turn bad at once: they have one cause, one person is called, and everything else goes on."""

from collections.abc import Iterator

import pytest
import requests

from e2e.bed import Bed, Room, pause, wait_for, weight
from e2e.bed.loan import Json
from e2e.crowd.exporter import PORT
from e2e.crowd.manifests import EXPORTER, SIGNAL, exporter, members, watching
from e2e.crowd.receiver import Receiver
from knowngood.api.v1alpha1 import ActionType, Incident, Phase

pytestmark = pytest.mark.usefixtures("ours")

COUNT = 30
CALLED = "called"


@pytest.fixture
def receiver(bed: Bed) -> Iterator[Receiver]:
    """Whoever is told: it counts how often somebody is called."""
    made = Receiver(bed.cluster.doorway("called").address)
    with made.serving():
        secret = ("secret", "generic", CALLED, "--from-literal=secret=a-word-that-few-know")
        bed.cluster.kubectl("-n", "knowngood", "create", *secret)
        webhook = f"receivers.{CALLED}.webhook"
        bed.operator.configure(
            f"{webhook}.url={made.url}",
            f"{webhook}.secret.secretRef.name={CALLED}",
            f"{webhook}.secret.secretRef.key=secret",
        )
        try:
            yield made
        finally:
            bed.operator.configure()
            bed.cluster.kubectl("-n", "knowngood", "delete", "secret", CALLED)
            bed.cluster.kubectl("delete", "csigt", SIGNAL, "--ignore-not-found")


def test_what_breaks_many_models_calls_one_person_and_moves_none_of_them(
    bed: Bed, room: Room, receiver: Receiver
) -> None:
    with bed.room("crowd") as crowd:
        # Given many models that serve, and another one, about which nobody says anything
        address = put_up(bed, crowd)
        room.serve(room.policy, room.model)
        with room.load():
            # When all of the many fail in the same moment, and the other one gets a bad version
            fail(address)
            room.apply(room.model.bad("2", steps=(weight(50), pause("10m"))))

            # Then that is taken back as always,
            room.wait_for(
                lambda seen: seen.phase is Phase.ROLLED_BACK, "it is taken back", deadline_s=60
            )
            # each of the many has an incident, and all but the first name that one,
            crowd.wait_until(
                lambda: len(parents(crowd)) == COUNT - 1, "all name the first", deadline_s=60
            )
            ((first, named),) = {(kept(crowd)[0], name) for name in parents(crowd)}
            assert named == f"{crowd.name}/{first}"
            # nobody was moved,
            found = [i.status.actions for i in crowd.incidents() if i.status]
            assert {a.type for actions in found for a in actions} == {ActionType.HOLD}
            assert {weights(route) for route in crowd.find_all("httproutes")} == {(100,)}
            # and one person was called once.
            crowd.wait_until(
                lambda: {m["incident"] for m in receiver.messages} == names(crowd),
                "all of them are told",
                deadline_s=30,
            )
            pages = [(m["incident"], m["occasion"]) for m in receiver.messages if m["page"]]
            assert pages == [(first, "Opened")]


def put_up(bed: Bed, crowd: Room) -> str:
    """Put the many up, and return the address of who counts for them, as soon as all of them serve."""
    crowd.apply(exporter(crowd.name, COUNT))
    crowd.kubectl("wait", "--for=condition=Ready", "pod", EXPORTER, "--timeout=60s")
    address = crowd.kubectl("get", "pod", EXPORTER, "-ojsonpath={.status.podIP}")
    escalation: list[Json] = [{"after": "0s", "notify": [CALLED]}]
    crowd.apply(*watching(crowd.name, escalation), *members(crowd.name, COUNT, address))
    wait_for(lambda: serving(crowd) == COUNT, "all of them serve", deadline_s=90)
    judged = "knowngood_serving_verdict"
    wait_for(
        lambda: healthy(bed, crowd, judged) == COUNT, "all of them are looked at", deadline_s=90
    )
    return address


def healthy(bed: Bed, crowd: Room, metric: str) -> int:
    """How many of the many are judged to be well."""
    found = (
        value
        for name, labels, value in bed.operator.metrics()
        if name == metric and labels["namespace"] == crowd.name and labels["kind"] == "Healthy"
    )
    return int(sum(found))


def fail(address: str) -> None:
    """Let all of them fail from now on."""
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"http://{address}:{PORT}/break", timeout=5).raise_for_status()


def serving(crowd: Room) -> int:
    """How many of them serve."""
    models = crowd.find_all("aimodeldeployments")
    return sum((m.get("status") or {}).get("phase") == "Probation" for m in models)


def parents(crowd: Room) -> list[str]:
    """What incidents name as the first one."""
    return [i.status.parent for i in crowd.incidents() if i.status and i.status.parent]


def kept(crowd: Room) -> list[str]:
    """Incidents that name none."""
    return [i.metadata.name for i in crowd.incidents() if not (i.status and i.status.parent)]


def names(crowd: Room) -> set[str]:
    """Of all incidents."""
    found: list[Incident] = crowd.incidents()
    return {i.metadata.name for i in found}


def weights(route: Json) -> tuple[int, ...]:
    """What a route of one rule gives to whom it names."""
    return tuple(ref["weight"] for ref in route["spec"]["rules"][0]["backendRefs"])
