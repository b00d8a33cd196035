"""What is wrong with an object that was written by hand: everything at once, each by its field."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from knowngood.api.checking import broken
from knowngood.api.schema import structural
from knowngood.api.v1alpha1 import (
    ClusterIncidentPolicy,
    ClusterSignalTemplate,
    IncidentPolicy,
    PolicySpec,
)
from knowngood.api.v1alpha1.policy import ClusterPolicySpec
from knowngood.api.v1alpha1.policy_rules import twin_of
from knowngood.api.v1alpha1.signal_template import SignalTemplateSpec
from knowngood.api.v1alpha1.wire import Wire

Policy = IncidentPolicy | ClusterIncidentPolicy

_SPECS: Final[Mapping[type[Wire], type[Wire]]] = {
    IncidentPolicy: PolicySpec,
    ClusterIncidentPolicy: ClusterPolicySpec,
    ClusterSignalTemplate: SignalTemplateSpec,
}


def faults(kind: type[Wire], body: Mapping[str, Any]) -> list[str]:
    """What the API server would refuse or drop; empty: nothing. Of templates not every rule is known here."""
    schema = structural(_SPECS[kind], defaults=False)
    return [*_of_types(kind, body), *broken(schema, body.get("spec"), "spec", twin_of)]


def _of_types(kind: type[Wire], body: Mapping[str, Any]) -> Iterator[str]:
    try:
        # As JSON, and strictly: the API server takes no "50" for a number.
        kind.model_validate_json(json.dumps(body, default=str, skipkeys=True), strict=True)
    except ValidationError as error:
        found = error.errors()
        for fault in found:
            where = fault["loc"]
            # A list without its bad items is told to be too short, which nobody wrote.
            if any(len(where) < len(f["loc"]) and f["loc"][: len(where)] == where for f in found):
                continue
            path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in where)
            yield f"{path.lstrip('.')}: {fault['msg']}"
