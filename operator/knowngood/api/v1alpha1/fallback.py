"""What is asked of a version before anybody is sent to it: requests whose right answers are known."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from knowngood.api.hints import cel, checked, listed, validated_by
from knowngood.api.v1alpha1.safe_path import LADDER, Rung, SafePathSpec
from knowngood.api.v1alpha1.scalars import Decimal, DnsLabel, HeaderName, Text
from knowngood.api.v1alpha1.trial import TRIAL_HEADER, TrialMetrics
from knowngood.api.v1alpha1.wire import MicroTime, Wire

_OURS: Final = checked(
    cel(
        "!(self.lowerAscii() in ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', "
        f"'{TRIAL_HEADER.lower()}'])",
        f"Host, {TRIAL_HEADER} and the headers of the connection are set by Knowngood",
    )
)


class Method(StrEnum):
    """How a golden request is sent: GET, or POST."""

    GET = "GET"
    POST = "POST"


class GoldenHeader(Wire):
    """A header of a golden request."""

    name: Annotated[HeaderName, _OURS]
    """Its name."""

    value: Annotated[
        str, Field(pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$", max_length=1024)
    ]
    """Its value."""


class AskedRequest(Wire):
    """What is sent."""

    method: Method | None = None
    """GET or POST. Default: POST where there is a body, else GET."""

    path: Annotated[str, Field(pattern=r"^/[!-\"$-~]*$", max_length=1024)]
    """Path, and query where there is one."""

    headers: Annotated[tuple[GoldenHeader, ...], listed(8, key="name")] = ()
    """More headers. Content-Type is application/json where none is named and there is a body."""

    body: Annotated[str, Field(max_length=8192)] | None = None
    """The body, sent as it is."""


class ExpectedField(Wire):
    """What a field of a JSON answer must be."""

    model_config = validated_by(
        cel(
            "has(self.equals) != (has(self.minimum) || has(self.maximum))",
            "say either equals, or minimum, maximum or both",
        )
    )

    pointer: Annotated[str, Field(pattern=r"^(/([^/~]|~[01])*)*$", max_length=256)]
    """Where it is in the answer, as a JSON pointer (RFC 6901): `/approved`, `/scores/0`."""

    equals: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Its value, as JSON: `true`, `0.25`, `"approve"`."""

    minimum: Decimal | None = None
    """The least number that it may be."""

    maximum: Decimal | None = None
    """The largest number that it may be."""


class ExpectedAnswer(Wire):
    """What the right answer is."""

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    """Its HTTP status. Default: 200."""

    fields: Annotated[tuple[ExpectedField, ...], listed(16)] = ()
    """What fields of its JSON body must be."""


class GoldenRequest(Wire):
    """A request whose right answer is known."""

    name: DnsLabel
    """What people call it."""

    request: AskedRequest
    """What is sent."""

    expect: ExpectedAnswer | None = None
    """What the right answer is. Default: any with status 200."""


_ORDERED: Final = cel(
    "size(self) == 0 || (self.all(a, self.exists_one(b, b == a)) && self[size(self) - 1] == 'Hold')",
    "every rung is named once at most, and the last one is Hold",
)

Ladder = Annotated[
    tuple[Annotated[Rung, Field(description="A rung.")], ...], listed(3, 1, rules=(_ORDERED,))
]


class FallbackSpec(Wire):
    """What becomes of the requests when the version that serves turns bad, and how that is known to be right."""

    model_config = validated_by(
        cel(
            "has(self.safePath) || !has(self.order) || !self.order.exists(r, r == 'SafePath')",
            "it names SafePath: say which Service that is (safePath)",
            path=".order",
        ),
        cel(
            "!has(self.smoke) || size(self.smoke) == 0 || self.metrics == 'Excluded'",
            "golden requests would be judged as if users had sent them: let the model leave requests with the header "
            f"{TRIAL_HEADER}: true out of its metrics, and declare metrics: Excluded",
            path=".metrics",
        ),
    )

    order: Ladder | None = None
    """The ladder, rung by rung: the next one is for where the one before can not take the requests. Default: KnownGood,
    SafePath, Hold. Without safePath there is no such rung."""

    safe_path: SafePathSpec | None = None
    """Where requests go when no version can be trusted with them: a Service of yours. Default: nowhere."""

    smoke: Annotated[tuple[GoldenRequest, ...], listed(8, key="name")] = ()
    """Golden requests: sent to the pods of the version that stands by, all the time, and to those of the version that
    serves while it is breached. They are answered for real: choose some that do no harm."""

    metrics: TrialMetrics = TrialMetrics.UNKNOWN
    """Excluded says that the model leaves requests with the header `X-Knowngood-Test: true`, which golden requests
    have, out of its metrics. None is sent before that is declared. Default: Unknown."""

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladder as it is walked: without a safe path there is no such rung."""
        there = self.safe_path is not None
        return tuple(r for r in self.order or LADDER if there or r is not Rung.SAFE_PATH)


class FallbackState(StrEnum):
    """What is known of the version that users would be sent to.

    Right: it answers as it should. Wrong: it does not. Untried: nobody knows. NotReady: it could not answer.
    """

    RIGHT = "Right"
    WRONG = "Wrong"
    UNTRIED = "Untried"
    NOT_READY = "NotReady"


class ProvedBy(StrEnum):
    """How it is known: by GoldenRequests, or by Copies of users' requests."""

    GOLDEN_REQUESTS = "GoldenRequests"
    COPIES = "Copies"


class FallbackStatus(Wire):
    """The version that users would be sent to, and what is known of it."""

    version: Annotated[str, Field(max_length=40)]
    """The version."""

    state: FallbackState
    """Right: it answers as it should. Wrong: it does not. Untried: nobody knows. NotReady: it could not answer."""

    by: ProvedBy | None = None
    """How that is known: by GoldenRequests, or by Copies of users' requests."""

    since: MicroTime
    """Since when it is known. It is asked again all the time, and this does not stay longer than five minutes without
    an answer."""

    message: Text
    """The same in words for people."""
