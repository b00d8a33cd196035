"""What the killer takes for a write, and what becomes of the others that a dying process has sent."""

import asyncio
from dataclasses import dataclass, field

from e2e.interception import Killer, always, at
from e2e.interception.proxy import Answer, Call

ROUTE = "/apis/gateway.networking.k8s.io/v1/namespaces/room/httproutes/loan"


def a_call(method: str = "PATCH", path: str = ROUTE, **query: str) -> Call:
    return Call(method, path, query, b"")


@dataclass
class Server:
    """An API server with one object, which every write changes unless told otherwise."""

    changes: bool = True
    status: int = 200
    number: int = 1
    carried_out: int = 0
    asked: list[str] = field(default_factory=list)

    async def carry_out(self) -> Answer:
        await asyncio.sleep(0)
        self.carried_out += 1
        self.number += self.changes
        return Answer(self.status, {}, b"")

    async def version(self, path: str) -> str:
        self.asked.append(path)
        return str(self.number)


def a_killer(victims: list[int]) -> Killer:
    killer = Killer(lambda: victims.append(1))
    killer.at_writes_in("room", always)
    return killer


async def test_a_write_takes_effect_and_its_answer_never_comes() -> None:
    victims, server = list[int](), Server()

    assert await a_killer(victims).write(a_call(), server) is None

    assert (server.carried_out, victims) == (1, [1])


async def test_what_changes_nothing_or_is_not_of_the_story_kills_nobody() -> None:
    victims = list[int]()
    killer = a_killer(victims)

    for call, server in (
        (a_call(), Server(changes=False)),
        (a_call(), Server(status=409)),
        (a_call(dryRun="All"), Server()),
        (a_call("POST", "/apis/events.k8s.io/v1/namespaces/room/events"), Server()),
        (a_call("PUT", "/apis/coordination.k8s.io/v1/namespaces/knowngood/leases/x"), Server()),
    ):
        assert await killer.write(call, server) is not None

    assert (victims, killer.writes) == ([], [])


async def test_a_status_is_compared_as_the_object_that_it_is_part_of() -> None:
    server = Server()

    await a_killer([]).write(a_call(path=f"{ROUTE}/status"), server)

    assert server.asked == [ROUTE, ROUTE]


async def test_what_a_dying_process_asks_for_besides_is_not_carried_out() -> None:
    victims = list[int]()
    killer, servers = a_killer(victims), [Server(), Server()]

    answers = await asyncio.gather(*(killer.write(a_call(), server) for server in servers))

    assert answers == [None, None]
    assert ([s.carried_out for s in servers], victims) == ([1, 0], [1])


async def test_only_the_chosen_write_kills() -> None:
    killer = a_killer([])
    killer.at_writes_in("room", at(2))

    answers = [await killer.write(a_call(), Server()) for _ in range(3)]

    assert [answer is None for answer in answers] == [False, True, False]
    assert (killer.deaths, len(killer.writes)) == (1, 3)
