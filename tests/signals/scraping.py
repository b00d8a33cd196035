"""A world of pods with counters, and a scraper: what was counted is known, so nothing is guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from knowngood.signals.series import RawSeries, Target

NAMESPACE = "loans"


def series(pod: str, samples: Iterable[tuple[float, float]], **labels: str) -> RawSeries:
    name = {"__name__": "answers_total", "namespace": NAMESPACE, "pod": pod}
    return RawSeries({**name, **labels}, tuple(samples))


def errors_of(total: Iterable[RawSeries]) -> list[RawSeries]:
    return [one for one in total if one.labels.get("outcome") == "error"]


def version_of(target: Target) -> str:
    """Pods are called `<version>-<number>`."""
    return target.pod.split("-")[0]


@dataclass
class Life:
    """One process of a pod: from its start to its end it answers, and counts from 0."""

    start: float
    end: float
    answers: Sequence[tuple[float, str]]  # (when, outcome), ascending

    def value(self, outcome: str, at: float) -> int | None:
        """What a scrape shows; a child of a counter is absent before its first event."""
        count = sum(1 for when, what in self.answers if what == outcome and when <= at)
        return count or None


@dataclass
class Pod:
    name: str
    lives: list[Life]
    scrapes: list[float]  # when it is scraped, if it lives and the scrape does not fail
    zoned: float = 2000.0  # from when on the scrape puts one more label on

    @property
    def is_old(self) -> bool:
        """Whether it was there before the epoch."""
        return self.lives[0].start < 1000

    def life_at(self, at: float) -> Life | None:
        return next((life for life in self.lives if life.start <= at < life.end), None)

    def series(self) -> list[RawSeries]:
        seen: dict[tuple[str, bool], list[tuple[float, float]]] = {}
        for at in self.scrapes:
            life = self.life_at(at)
            zoned = at >= self.zoned
            for outcome in ("ok", "error"):
                value = life.value(outcome, at) if life else None
                if value is not None:
                    seen.setdefault((outcome, zoned), []).append((at, float(value)))
        return [
            series(self.name, samples, outcome=outcome, **({"zone": "a"} if zoned else {}))
            for (outcome, zoned), samples in seen.items()
        ]

    def scraped_answers(self, outcome: str, since: float, until: float) -> int:
        """Answers that some scrape in [since, until] saw and no scrape before `since` had seen."""
        total = 0
        for life in self.lives:
            seen = [at for at in self.scrapes if life.start <= at < life.end and at <= until]
            after = [life.value(outcome, at) or 0 for at in seen if at >= since]
            before = [life.value(outcome, at) or 0 for at in seen if at < since]
            total += (after[-1] - max(before, default=0)) if after else 0
        return total

    def has_hidden_reset(self) -> bool:
        """Whether a restart cannot be seen: a new count has passed the old one, and no other one tells."""
        for outcome in ("ok", "error"):
            last, lived = 0, 0
            for number in range(len(self.lives)):
                present = [v for at in self._scraped(number) if (v := self._shown(outcome, at))]
                told = any(self._tells(restart) for restart in range(lived, number))
                if present and last and present[0] >= last and not told:
                    return True
                if present:
                    last, lived = present[-1], number
        return False

    def _scraped(self, number: int) -> list[float]:
        """When a life was scraped and had something to show."""
        life = self.lives[number]
        lived = (at for at in self.scrapes if life.start <= at < life.end)
        return [at for at in lived if self._shown("ok", at) or self._shown("error", at)]

    def _shown(self, outcome: str, at: float) -> int | None:
        life = self.life_at(at)
        return life.value(outcome, at) if life else None

    def _tells(self, restart: int) -> bool:
        """Whether a restart is seen by the first scrape after it: some count has fallen, and none has risen."""
        before, after = self._scraped(restart)[-1:], self._scraped(restart + 1)[:1]
        if not before or not after or (before[0] < self.zoned <= after[0]):
            return False
        shown = [
            [self._shown(outcome, at) for at in (*before, *after)] for outcome in ("ok", "error")
        ]
        rises = [new - old for old, new in shown if old is not None and new is not None]
        return min(rises, default=0) < 0 and max(rises, default=0) <= 0


@dataclass
class World:
    """Two versions of two or three pods, over a minute that begins before the epoch."""

    seed: int
    since: float = 1010.0
    end: float = 1060.0
    pods: list[Pod] = field(init=False)

    def __post_init__(self) -> None:
        draw = Random(self.seed)
        self.pods = [self._old_pod(draw, f"v{i % 2}-{i}") for i in range(4)]
        self.pods += [self._young_pod(draw, f"v{i % 2}-new{i}") for i in range(2)]

    def series(self) -> list[RawSeries]:
        return [one for pod in self.pods for one in pod.series()]

    def truth(self, version: str, outcome: str) -> int:
        mine = (pod for pod in self.pods if pod.name.startswith(f"{version}-"))
        return sum(pod.scraped_answers(outcome, self.since, self.end) for pod in mine)

    def _old_pod(self, draw: Random, name: str) -> Pod:
        """Lives from long before; half of them restart once, a third dies."""
        restart = draw.uniform(1015, 1045) if draw.random() < 0.5 else None
        death = draw.uniform(1046, 1062) if draw.random() < 0.3 else 2000.0
        first = self._life(draw, 900.0, restart or death)
        lives = [first]
        if restart:
            lives.append(self._life(draw, restart + draw.uniform(0, 3), death))
        return Pod(name, lives, self._scrapes(draw), self._zoned(draw))

    def _zoned(self, draw: Random) -> float:
        return draw.uniform(1000, 1050) if draw.random() < 0.25 else 2000.0

    def _young_pod(self, draw: Random, name: str) -> Pod:
        return Pod(
            name,
            [self._life(draw, draw.uniform(1011, 1050), 2000.0)],
            self._scrapes(draw),
            self._zoned(draw),
        )

    def _life(self, draw: Random, start: float, end: float) -> Life:
        last = min(end, self.end + 5)
        count = draw.randrange(0, 3 + int(3 * (last - start)))
        whens = sorted(draw.uniform(start, last) for _ in range(count))
        error_rate = draw.choice([0.0, 0.02, 0.3])
        answers = [(when, "error" if draw.random() < error_rate else "ok") for when in whens]
        return Life(start, end, answers)

    def _scrapes(self, draw: Random) -> list[float]:
        phase, lost = draw.uniform(0, 1), draw.choice([0.0, 0.1])
        times = (1000 + phase + k for k in range(61))
        return [at for at in times if at <= self.end and (at < 1003 or draw.random() >= lost)]
