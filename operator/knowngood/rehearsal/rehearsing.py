"""Play a span of the past again, as quickly as it can be read, and move nothing."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import JudgedRole, Reason
from knowngood.control.guard import Guard
from knowngood.control.ports import Signals
from knowngood.control.reading import Source, read
from knowngood.control.store import KINDS, Store
from knowngood.rehearsal.past_signals import PastSignals
from knowngood.rehearsal.process import Process
from knowngood.rehearsal.scene import Scene
from knowngood.rehearsal.stage import Stage
from knowngood.rehearsal.told import Impossible, Rehearsed
from knowngood.rehearsal.virtual_time import VirtualClock, run
from knowngood.rehearsal.watching import Watching
from knowngood.signals.planning import Need, ValueSpec

SETTLING: Final = timedelta(seconds=10)
"""How long before the span the operator begins: it makes the route and reads what was before."""

AFTERWARDS: Final = 3.0
"""Seconds that it gets to write the incident of what moves."""

LATE: Final = timedelta(seconds=90)
"""After this the first sample of a signal comes late: something is missing before it."""

_BLIND: Final = frozenset({Reason.NO_POLICY, Reason.NO_SIGNALS})


def rehearse(scene: Scene, signals: Signals, progress: Callable[[datetime], None]) -> Rehearsed:
    """Play a span.

    Args:
        scene: What is there when it begins.
        signals: Whom to ask for what was recorded.
        progress: Called with the instant that was come to, once a minute of the span.

    Raises:
        Impossible: Something is missing, or a question was not answered.
    """
    return run(_play(scene, signals, progress))


async def _play(scene: Scene, signals: Signals, progress: Callable[[datetime], None]) -> Rehearsed:
    past = PastSignals(signals, scene.asked.namespace)
    clock = VirtualClock(scene.asked.begins - SETTLING)
    stage = Stage(clock, past, scene.namespaces())
    scene.place(stage.server)
    for service in scene.services():
        stage.endpoints.put(scene.asked.namespace, service, frozenset({f"{service}-1"}))
    judging = _Judging(stage, past, scene)
    await judging.ask_once(clock.now())
    process = Process(stage)
    watching = Watching(process, scene.asked)
    # What is written down follows from verdicts that may be gone a second later.
    stage.server.watch(lambda *_: watching.look(clock.now()))
    running = asyncio.ensure_future(process.run())
    try:
        while clock.now() < scene.asked.ends and not watching.moved:
            await _step(past, running)
            watching.look(clock.now())
            if int(clock.monotonic()) % 60 == 0:
                progress(clock.now())
        until = watching.acts[-1].at if watching.moved else clock.now()
        await asyncio.sleep(AFTERWARDS if watching.moved else 0)
        return _told(scene, watching, until, (*judging.notes(), *_left_out(watching)))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _step(past: PastSignals, running: asyncio.Future[None]) -> None:
    """Let a second pass.

    Raises:
        Impossible: A question was not answered.
    """
    await asyncio.sleep(1)
    if past.problem:
        raise Impossible(past.problem)
    if running.done():
        running.result()


class _Judging:
    """The signals by which the version that serves is judged, and what there is of them."""

    def __init__(self, stage: Stage, past: PastSignals, scene: Scene) -> None:
        self._past = past
        self._asked = scene.asked
        store = Store()
        for kind in KINDS:
            for body in stage.server.list(kind):
                store.put(kind, body)
        for (kind, _, name), broken in store.broken.items():
            raise Impossible(f"{kind} {name}: {broken.why}")
        guard = Guard(store, stage.namespaces)
        problem = guard.problem(scene.model)
        if problem is not None and problem.reason in _BLIND:
            raise Impossible(problem.message)
        bound = guard.bound(scene.key)
        role = JudgedRole.CANARY if self._asked.rollout else JudgedRole.STABLE
        self._names = {b.trigger.signal.name for b in bound if role in b.trigger.roles}
        if not self._names:
            who = (
                "a version that is rolled out" if self._asked.rollout else "the version that serves"
            )
            raise Impossible(
                f"no trigger judges {who}: its policies have none with roles: [{role}]"
            )
        read_so = guard.readable(b.trigger.signal.name for b in bound)
        self._needs = [Source(t.spec.source, Need(name, s)) for name, (t, s) in read_so.items()]
        specs = (spec for _, spec in read_so.values())
        past.values = frozenset(s.promql for s in specs if isinstance(s, ValueSpec))

    async def ask_once(self, at: datetime) -> None:
        """Ask each of them, so that what nobody answers is said at once.

        Raises:
            Impossible: A source does not answer, or does not take a query.
        """
        await read(self._past, self._needs, at.timestamp())
        if self._past.problem:
            raise Impossible(self._past.problem)

    def notes(self) -> Iterator[str]:
        """What there was not of them.

        Raises:
            Impossible: There was nothing of any.
        """
        asked = self._asked
        began = asked.begins.timestamp()
        seen = {name: one for name, one in self._past.seen.items() if one.last >= began}
        span = f"between {_text(asked.begins)} and {_text(asked.ends)}"
        why = "it was forgotten (retention), or was not scraped"
        if not self._names & seen.keys():
            names = ", ".join(sorted(self._names))
            raise Impossible(
                f"there is nothing of {names} in namespace {asked.namespace} {span}: {why}"
            )
        for name in sorted(self._names):
            if name not in seen:
                yield f"there is nothing of signal {name} {span}: {why}"
            elif seen[name].first > (asked.begins + LATE).timestamp():
                first = _text(datetime.fromtimestamp(seen[name].first, UTC))
                yield f"there is nothing of signal {name} before {first}: {why}"


def _told(scene: Scene, watching: Watching, until: datetime, notes: tuple[str, ...]) -> Rehearsed:
    asked, first = scene.asked, scene.at_first
    return Rehearsed(
        namespace=asked.namespace,
        model=asked.model,
        stable=first.stable.spec.model.version,
        standby=first.standby.spec.model.version if first.standby else "",
        rollout=asked.rollout,
        begins=asked.begins,
        ends=asked.ends,
        until=min(until, asked.ends),
        entries=tuple(sorted(watching.entries, key=lambda entry: entry.at)),
        triggers=watching.triggers(),
        acts=tuple(watching.acts),
        incident=watching.incident(),
        notes=(*scene.notes, *notes),
    )


def _left_out(watching: Watching) -> Iterator[str]:
    if watching.omitted:
        yield f"{watching.omitted} later changes of verdicts and notices are left out"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
