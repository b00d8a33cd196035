"""Pods that somebody else runs: which of them were behind a Service is told by the scrape."""

from knowngood.adapters.memory.signals import MemorySignals
from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.ports import Series, Vector
from knowngood.decisions.naming import child_name
from knowngood.decisions.records import digest_of
from knowngood.signals.planning import Query
from knowngood.signals.series import RawSeries
from tests.control.manifests import Object
from tests.control.world import World
from tests.rehearsal.past import objects, replayed

SERVICES = {"7": "old-loans", "8": "new-loans"}


class Scraped:
    """A source whose scrapes name the Service, or do not."""

    def __init__(self, signals: MemorySignals, *, named: bool) -> None:
        self._signals, self._named = signals, named

    async def read(self, source: str, query: Query) -> Series | Vector:
        found = await self._signals.read(source, query)
        return tuple(self._of(one) for one in found if isinstance(one, RawSeries))

    def _of(self, one: RawSeries) -> RawSeries:
        pod = one.labels["pod"]
        name = next(s for v, s in SERVICES.items() if pod.startswith(child_name("loan", v)))
        named = {"service": name} if self._named else {}
        return RawSeries({**one.labels, **named, "pod": f"somebody-{pod}"}, one.samples)


def served(world: World) -> list[Object]:
    """The same objects, where Services of somebody else answer."""
    found = objects(world)
    spec: Object = {}
    listed = [{"version": v, "name": name} for v, name in SERVICES.items()]
    for body in found:
        if body["kind"] == "AIModelDeployment":
            body["spec"]["serving"] = {"services": listed}
            spec = body["spec"]
        if body["kind"] == "AIModelVersion":
            model = body["spec"]["model"]
            wanted = {**spec, "model": model}
            body["spec"]["serving"] = {"service": {"name": SERVICES[model["version"]], "port": 80}}
            asked = AIModelDeployment.model_validate({"metadata": {}, "spec": wanted})
            body["spec"]["digest"] = digest_of(asked)
    return found


def test_what_is_found_is_the_same_where_the_scrape_names_the_service(bad: World) -> None:
    found = replayed(served(bad), Scraped(bad.signals, named=True))

    held, moved = found.acts
    assert (held.moves, moved.moves) == (False, True)
    assert moved.text == "all requests begin to be shifted to version 7"


def test_where_nobody_names_it_nothing_is_known_of_the_version(bad: World) -> None:
    found = replayed(served(bad), Scraped(bad.signals, named=False))

    assert found.acts == ()
    assert [t.verdict for t in found.triggers] == ["NoData"]
