"""Who is told, in policies that must be refused."""

from typing import Final

from tests.crds.refusal import refusals

_FIRST: Final = {"after": "0s", "notify": ["oncall"]}
_LATER: Final = {"after": "15m", "unless": "Acknowledged", "notify": ["duty-manager"]}

ESCALATIONS: Final = refusals(
    "IncidentPolicy",
    *(
        ("spec.escalation", steps, path, words)
        for steps, path, words in (
            ([{"after": "15m", "notify": ["a"]}], "spec.escalation[0]", "set unless to Ack"),
            ([_FIRST, {**_LATER, "unless": "Contained"}], "spec.escalation[1].unless", "supported"),
            ([{**_LATER, "after": "25h"}], "spec.escalation[0].after", "between 0s and 24h"),
            ([{**_FIRST, "after": "now"}], "spec.escalation[0].after", "should match"),
            ([{"notify": ["a"]}], "spec.escalation[0].after", "Required"),
            ([{"after": "0s"}], "spec.escalation[0].notify", "Required"),
            ([{**_FIRST, "notify": []}], "spec.escalation[0].notify", "at least 1 items"),
            ([{**_FIRST, "notify": ["On Call"]}], "spec.escalation[0].notify[0]", "should match"),
            ([{**_FIRST, "notify": ["http://x"]}], "spec.escalation[0].notify[0]", "should match"),
            (
                [{**_FIRST, "notify": [f"r{n}" for n in range(17)]}],
                "[0].notify",
                "at most 16 items",
            ),
            ([_FIRST, *[_LATER] * 8], "spec.escalation", "at most 8 items"),
        )
    ),
)
