"""What is known of gateways, for how long, and how often it is asked."""

import asyncio

import pytest

from knowngood.adapters.memory.gateways import MemoryProber
from knowngood.control.gateways import LONGEST_RETRY_S, RETRY_S, VALID_S, Gateways
from knowngood.control.ports import Key
from knowngood.decisions.gateways import GatewaySupport, Parent, Support
from knowngood.errors import NotLeader
from tests.control.virtual_time import VirtualClock, run

LOAN = Key("lending", "loan")
PUBLIC = (Parent("gateways", "public"),)
UNKNOWN = GatewaySupport(Support.UNKNOWN, message="it has no address")


def asked_every_second(
    prober: MemoryProber, seconds: float, *, lately: bool, told: list[Key] | None = None
) -> list[GatewaySupport | None]:
    """What is said to a model that asks every second."""

    async def play() -> list[GatewaySupport | None]:
        heard = told if told is not None else []
        gateways = Gateways(prober, VirtualClock().monotonic, heard.append)
        running = asyncio.create_task(gateways.run())
        said = []
        for _ in range(int(seconds)):
            said.append(gateways.support(LOAN, PUBLIC, lately=lately))
            await asyncio.sleep(1)
        running.cancel()
        return said

    return run(play())


def test_it_is_found_out_once_and_whoever_asked_is_told() -> None:
    prober, told = MemoryProber(), list[Key]()

    said = asked_every_second(prober, 20, lately=True, told=told)

    assert said[0] is None
    assert set(said[1:]) == {prober.support}
    assert prober.tried == list(PUBLIC)
    assert told == [LOAN]


@pytest.mark.parametrize(("lately", "tries"), [(True, 3), (False, 1)])
def test_what_is_known_is_found_out_anew_only_where_it_matters_now(
    *, lately: bool, tries: int
) -> None:
    prober = MemoryProber()

    asked_every_second(prober, 2 * VALID_S + 60, lately=lately)

    assert len(prober.tried) == tries


def test_what_stays_unknown_stays_said_and_is_asked_ever_more_seldom() -> None:
    prober = MemoryProber(support=UNKNOWN)

    said = asked_every_second(prober, 4 * LONGEST_RETRY_S, lately=True)

    assert set(said[1:]) == {UNKNOWN}
    assert 8 < len(prober.tried) < 4 * LONGEST_RETRY_S / RETRY_S / 20


def test_who_does_not_lead_tries_nothing_until_it_is_asked_again() -> None:
    leads = iter([False, True])

    def may() -> None:
        if not next(leads):
            raise NotLeader("another process leads")

    said = asked_every_second(MemoryProber(may=may), 5, lately=True)

    assert said[-1] is not None
