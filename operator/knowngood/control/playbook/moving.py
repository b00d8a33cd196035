"""The steps that compare what was counted before the harm began with what was counted since."""

from collections.abc import Container, Iterable

from knowngood.analysis.moved import Move
from knowngood.api.v1alpha1 import ClusterSignalTemplate
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.api.v1alpha1.signal_template import PlaybookCheck
from knowngood.control.arms import Arms
from knowngood.control.playbook.checks import Case
from knowngood.control.playbook.counting import Counted, Counting
from knowngood.control.playbook.narrowing import Spans, spans_of
from knowngood.decisions.playbook.moving import Seen, common_move, feature_distributions
from knowngood.decisions.playbook.pipeline import Faults, Pipe, Rate, pipeline_integrity
from knowngood.decisions.playbook.steps import Finding
from knowngood.errors import ObserverError
from knowngood.signals.amounts import Sides, plain
from knowngood.signals.planning import Spec

Signal = tuple[ClusterSignalTemplate, Spec]

_YOUNG = "version {} was promoted just before the harm began: there is nothing to compare with"


class _Comparing:
    """Reads the signals of a step over both spans."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting

    async def _read(
        self, case: Case, arms: Arms, spans: Spans, signals: Iterable[Signal]
    ) -> tuple[dict[str, Counted], list[str]]:
        """What signals show by version, their parts side by side; and what could not be read."""
        found = {v: Counted({}, {}) for v in (arms.canary.version, arms.stable.version)}
        unread: list[str] = []
        for template, spec in signals:
            name = template.metadata.name
            try:
                counted = await self._counting.counted(case, arms, spans, (template, spec))
            except ObserverError as error:
                unread.append(f"{name} ({error})")
                continue
            for version, one in counted.items():
                for part, move in one.parts.items():
                    called = _name(name, part, found[version].parts)
                    found[version].parts[called] = move
                    found[version].sides[called] = one.sides[part]
        return found, unread


class Features(_Comparing):
    """Looks which features have moved."""

    async def __call__(self, case: Case) -> Finding:
        """Look."""
        signals = self._counting.signals_of(PlaybookCheck.FEATURE_DISTRIBUTIONS)
        if not signals:
            text = (
                "no ClusterSignalTemplate has playbook.step FeatureDistributions: the preset knowngood brings "
                "knowngood-features and knowngood-feature-categories"
            )
            return Finding(StepState.SKIPPED, text)
        arms, spans = self._counting.arms(case), spans_of(case)
        if arms is None or spans is None:
            return Finding(StepState.SKIPPED, _YOUNG.format(case.bad))
        found, unread = await self._read(case, arms, spans, signals)
        seen = {v: Seen(v, counted.parts) for v, counted in found.items()}
        other = seen[arms.stable.version] if arms.compared else None
        return feature_distributions(seen[arms.canary.version], other, unread)


class Pipeline(_Comparing):
    """Looks whether requests, and what is in them, reach the model as before."""

    async def __call__(self, case: Case) -> Finding:
        """Look."""
        arms, spans = self._counting.arms(case), spans_of(case)
        if arms is None or spans is None:
            return Finding(StepState.SKIPPED, _YOUNG.format(case.bad))
        signals = self._counting.signals_of(PlaybookCheck.PIPELINE_INTEGRITY)
        found, unread = await self._read(case, arms, spans, signals)
        faults = {v: Faults(Seen(v, one.parts), one.sides) for v, one in found.items()}
        bad, other = arms.canary.version, arms.stable.version if arms.compared else ""
        breached = self._counting.signals_named(_breached(case))
        shown, more = await self._read(case, arms, spans, breached)
        counted = faults[bad] if faults[bad].seen.parts else None
        pipe = Pipe(
            rate=_rate(shown[bad].sides.values(), spans),
            bad=counted,
            other=faults.get(other) if counted is not None else None,
            together=_together(shown[other].parts, other) if other else "",
            unread=(*unread, *more),
        )
        return pipeline_integrity(pipe)


def _name(signal: str, part: str, taken: Container[str]) -> str:
    """What people know a part by: its own name, with its signal's where another one has it, too."""
    told = plain(part) or signal
    return f"{signal}/{told}" if told in taken else told


def _breached(case: Case) -> list[str]:
    """The signals that the incident is about."""
    entries = case.incident.status.evidence if case.incident.status else ()
    return sorted({entry.signal for entry in entries if entry.signal})


def _rate(sides: Iterable[Sides], spans: Spans) -> Rate | None:
    """Requests in a minute, as the signal counts them that counts most: each request may be in every part."""
    most = max(sides, key=lambda one: sum(one.before), default=None)
    if most is None or not sum(most.before):
        return None
    before, since = ((end - start) / 60 for start, end in (spans.before, spans.since))
    counted = sum(most.before)
    return Rate(counted / before, sum(most.since) / since, counted)


def _together(parts: dict[str, Move | None], other: str) -> str:
    moved = (common_move(name, Seen(other, {name: move})) for name, move in parts.items())
    return next(filter(None, moved), "")
