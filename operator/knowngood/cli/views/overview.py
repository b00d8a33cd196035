"""All models of a namespace in one table."""

from collections.abc import Sequence
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, ConditionType
from knowngood.cli.views.lines import EMPTY, Cell, Table, Tone
from knowngood.cli.views.phrases import condition, names
from knowngood.decisions.phases import GOING_BACK, GONE_BACK

HEADER: Final = (
    "MODEL",
    "PHASE",
    "STABLE",
    "CANARY",
    "WEIGHT",
    "READY",
    "AVAIL",
    "GUARD",
    "INCIDENT",
)
_SHOWN: Final = (ConditionType.READY, ConditionType.AVAILABLE, ConditionType.GUARDED)


def overview(models: Sequence[AIModelDeployment], *, namespaces: bool = False) -> Table:
    """Write the table.

    Args:
        models: In the order in which they are told.
        namespaces: Whether a column says where each one is.
    """
    rows = tuple(_row(model, namespaces=namespaces) for model in models)
    return Table(("NAMESPACE", *HEADER) if namespaces else HEADER, rows)


def canary_weight(model: AIModelDeployment) -> int | None:
    """Share of the requests that the canary should get, in percent."""
    traffic = model.status.traffic if model.status else None
    return traffic.canary_weight if traffic else None


def _row(model: AIModelDeployment, *, namespaces: bool) -> tuple[Cell, ...]:
    status, versions, weight = model.status, names(model), canary_weight(model)
    phase = status.phase if status else None
    incident = status.incident_ref.name if status and status.incident_ref else EMPTY
    row = (
        Cell(model.metadata.name),
        Cell(phase or EMPTY, Tone.BAD if phase in GOING_BACK | GONE_BACK else Tone.PLAIN),
        Cell(versions.stable or EMPTY),
        Cell(versions.canary or EMPTY),
        Cell(EMPTY if weight is None else f"{weight}%"),
        *(_condition(model, kind) for kind in _SHOWN),
        Cell(incident),
    )
    return (Cell(model.metadata.namespace), *row) if namespaces else row


def _condition(model: AIModelDeployment, kind: ConditionType) -> Cell:
    found = condition(model, kind)
    if found is None:
        return Cell(EMPTY)
    if found.status == "True":
        return Cell("yes", Tone.GOOD)
    loud = kind is ConditionType.AVAILABLE
    return Cell(found.status.replace("False", "no").lower(), Tone.BAD if loud else Tone.WARNING)
