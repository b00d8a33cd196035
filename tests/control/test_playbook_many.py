"""Many incidents at once: a few are looked into at a time, and all of them in the end."""

import asyncio

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.control.playbook.checks import Case
from knowngood.control.playbook.runner import AGAIN, TICK, Playbook
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.playbook.names import STEPS
from knowngood.decisions.playbook.steps import Finding
from knowngood.errors import Unavailable
from tests.control.manifests import Object, a_model
from tests.control.virtual_time import EPOCH, VirtualClock, run

MANY, FEW = 20, 3


class Counting:
    """A step that takes a second, and counts how many run beside it."""

    def __init__(self) -> None:
        self.now = self.most = self.ran = 0

    async def __call__(self, _: Case) -> Finding:
        self.now += 1
        self.most, self.ran = max(self.most, self.now), self.ran + 1
        await asyncio.sleep(1)
        self.now -= 1
        return Finding(StepState.PASSED, "well")


class Shop:
    """A playbook over a server, without anybody else."""

    def __init__(self, check: Counting, incidents: int) -> None:
        self.server, self.fence = MemoryServer(), MemoryFence()
        self.line = Line(self.fence.term)
        store, self.clock = Store(), VirtualClock()
        model = self.server.create(a_model())
        assert model is not None
        store.put("AIModelDeployment", model)
        for number in range(incidents):
            made = self.server.create(an_incident(f"loan-{number}", model["metadata"]["uid"]))
            assert made is not None
            self.server.patch("Incident", "lending", f"loan-{number}", opened)
        for body in self.server.list("Incident"):
            store.put("Incident", body)
        writer = Writer(store, MemoryResources(self.server, self.line))
        checks = dict.fromkeys(STEPS, check)
        self.playbook = Playbook(checks, store, writer, self.fence, self.clock)

    async def live(self, seconds: float) -> None:
        ready = asyncio.Event()
        ready.set()
        working = asyncio.create_task(self.playbook.run(ready))
        await asyncio.sleep(seconds)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    def ended(self) -> int:
        """Incidents whose steps have all ended."""
        found = [body["status"].get("steps") or [] for body in self.server.list("Incident")]
        return sum(len(s) == len(STEPS) and all(x["state"] == "Passed" for x in s) for s in found)


def an_incident(name: str, uid: str) -> Object:
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": name, "namespace": "lending"},
        "spec": {"modelRef": {"name": "loan", "uid": uid}, "origin": "Trigger"},
    }


def opened(body: Object) -> None:
    said = {"id": "e1", "trigger": "t", "verdict": "Breached", "message": "bad"}
    body["status"] = {
        "phase": "Detected",
        "subject": {"version": "7", "role": "Stable"},
        "evidence": [said],
        "clocks": {"detected": EPOCH.isoformat()},
    }


def test_a_few_incidents_are_looked_into_at_a_time_and_all_of_them_in_the_end() -> None:
    check = Counting()
    shop = Shop(check, MANY)

    run(shop.live(60))

    assert shop.ended() == MANY
    assert check.most <= FEW * len(STEPS)
    assert check.ran == MANY * len(STEPS)


def test_steps_that_could_not_be_written_down_are_run_again_and_not_at_once() -> None:
    check = Counting()
    shop = Shop(check, 1)

    async def story() -> None:
        shop.line.broken = Unavailable("etcd is away")
        living = asyncio.create_task(shop.live(4 * AGAIN))
        await asyncio.sleep(AGAIN - 2 * TICK)
        assert check.ran == 0, "nothing is looked at whose beginning could not be written down"
        shop.line.broken = None
        await asyncio.sleep(3 * TICK)
        shop.line.broken = Unavailable("etcd is away again")
        await asyncio.sleep(AGAIN / 2)
        assert (shop.ended(), check.ran) == (0, len(STEPS))
        shop.line.broken = None
        await living

    run(story())

    assert shop.ended() == 1
    assert check.ran == 2 * len(STEPS)


def test_who_does_not_lead_looks_at_nothing() -> None:
    check = Counting()
    shop = Shop(check, 1)
    shop.fence.leads = False

    run(shop.live(30))

    assert check.ran == 0
    assert shop.line.sent == []


def test_who_loses_the_lead_stops_and_ends_it_when_it_has_it_again() -> None:
    check = Counting()
    shop = Shop(check, 1)

    async def story() -> None:
        living = asyncio.create_task(shop.live(4 * AGAIN))
        await asyncio.sleep(TICK / 2)
        assert check.now == len(STEPS)
        shop.fence.leads = False
        await asyncio.sleep(AGAIN)
        assert shop.ended() == 0
        shop.fence.leads = True
        await living

    run(story())

    assert shop.ended() == 1
