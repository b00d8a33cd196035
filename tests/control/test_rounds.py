"""How long a look waits for its sources, and what becomes of what comes late."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from knowngood.adapters.memory.signals import MemorySignals
from knowngood.control.reading import Source
from knowngood.control.rounds import IN_TIME, PATIENCE, Rounds
from knowngood.signals.planning import Need, RatioSpec
from knowngood.signals.selectors import parse_selector
from tests.control.virtual_time import run

SPEC = RatioSpec(parse_selector('requests_total{code="500"}'), parse_selector("requests_total"))
QUICK, SLOW = (Source(name, Need(f"by-{name}", SPEC, 0.0)) for name in ("quick", "slow"))
BOTH = [QUICK, SLOW]
SERIES = (("__name__", "requests_total"), ("namespace", "n"), ("pod", "p"))


class Looks:
    """Looks that know how long they took."""

    def __init__(self, **delays: float) -> None:
        self.signals = MemorySignals()
        self.signals.delays = delays
        self.rounds = Rounds(self.signals)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def look(self, *wanted: Source) -> tuple[float, dict[str, str]]:
        """Seconds that it took, and the error of each template that came, `ok` without one."""
        began = self.now
        self.signals.scrape(began, {SERIES: began})
        found = await self.rounds.read(wanted or BOTH, began)
        told = {need.template: answers.error or "ok" for need, answers in found.items()}
        return round(self.now - began, 2), told


def playing(story: Callable[[Looks], Awaitable[None]], **delays: float) -> None:
    async def play() -> None:
        await story(Looks(**delays))

    run(play())


def test_a_slow_source_costs_one_look_a_moment_and_no_other_one_anything() -> None:
    async def story(looks: Looks) -> None:
        assert await looks.look() == (IN_TIME, {"by-quick": "ok"})
        for _ in range(3):
            assert await looks.look() == (0.0, {"by-quick": "ok"})

    playing(story, slow=1000.0)


def test_what_comes_late_is_taken_by_the_next_look_and_says_when_it_was_asked() -> None:
    async def story(looks: Looks) -> None:
        await looks.look()
        await asyncio.sleep(2.0)
        found = await looks.rounds.read(BOTH, looks.now)
        assert {need.template: round(a.at) for need, a in found.items()} == {
            "by-quick": 3,
            "by-slow": 0,
        }

    playing(story, slow=2.0)


def test_a_source_is_asked_again_only_when_it_has_answered() -> None:
    async def story(looks: Looks) -> None:
        for _ in range(8):
            await looks.look()
            await asyncio.sleep(0.5)
        asked = [q.template for q in looks.signals.asked]
        assert asked.count("by-slow") == 2
        assert asked.count("by-quick") == 8

    playing(story, slow=3.0)


def test_a_source_that_is_quick_again_is_waited_for_again() -> None:
    async def story(looks: Looks) -> None:
        await looks.look()
        looks.signals.delays["slow"] = 0.1
        await asyncio.sleep(2.0)
        # The late answer, then the first one in time, for which nobody waits yet.
        assert (await looks.look())[1] == {"by-quick": "ok", "by-slow": "ok"}
        assert await looks.look() == (0.0, {"by-quick": "ok"})
        await asyncio.sleep(0.5)
        assert (await looks.look())[1] == {"by-quick": "ok", "by-slow": "ok"}
        took, told = await looks.look()
        assert took == pytest.approx(0.1)
        assert told == {"by-quick": "ok", "by-slow": "ok"}

    playing(story, slow=2.0)


def test_nobody_is_waited_for_for_ever() -> None:
    async def story(looks: Looks) -> None:
        await looks.look()
        await asyncio.sleep(PATIENCE)
        words = {(await looks.look())[1]["by-slow"] for _ in range(5)}
        assert words == {"source slow has not answered for 10 s"}

    playing(story, slow=1000.0)


def test_a_need_that_came_later_is_not_given_an_answer_that_may_not_reach_back() -> None:
    later = Source("slow", Need("by-slow", SPEC, -500.0))

    async def story(looks: Looks) -> None:
        await looks.look(SLOW)
        await asyncio.sleep(2.0)
        found = await looks.rounds.read([SLOW, later], looks.now)
        assert later.need not in found
        assert SLOW.need in found

    playing(story, slow=2.0)


def test_what_nobody_wants_any_more_is_given_up() -> None:
    async def story(looks: Looks) -> None:
        await looks.look()
        await looks.look(QUICK)
        looks.signals.delays.clear()
        assert (await looks.look())[1] == {"by-quick": "ok", "by-slow": "ok"}

    playing(story, slow=1000.0)


def test_a_bug_in_reading_one_source_blinds_no_other_one() -> None:
    async def story(looks: Looks) -> None:
        looks.signals.delays["slow"] = "soon"  # type: ignore[assignment]  # what breaks it does not matter
        _, told = await looks.look()
        assert told["by-quick"] == "ok"
        assert "log says where" in told["by-slow"]

    playing(story)
