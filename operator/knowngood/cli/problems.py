"""What keeps a command from being carried out, in one line that says what to do."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from kubernetes.client import ApiException

from knowngood.api.v1alpha1 import GROUP

_NOT_FOUND, _CONFLICT, _TOO_MANY, _SERVER_ERROR = 404, 409, 429, 500
_UID: Final = "metadata.uid"
_DENIED: Final = "denied request:"
_OBJECT = re.compile(r"(<[^<>]* object at 0x[0-9a-f]+>|HTTPS?Connection\([^()]*\)):? ?")


class Problem(Exception):
    """Something that the person who called has to mend first; the text says what."""


class Unreachable(Problem):
    """The API server did not answer, or can not answer now."""


class NotThere(Problem):
    """There is no such object; its kind exists."""


class Outdated(Problem):
    """A watch can not go on from where it was: look again."""


_MEANINGS: Final[Mapping[int, tuple[type[Problem], str]]] = {
    401: (
        Problem,
        "the API server does not know who you are: log in again, or choose another --context",
    ),
    403: (
        Problem,
        "you may not {asked.verb} {asked.kind} {asked.where}: ask for a role with this right",
    ),
    _CONFLICT: (
        Problem,
        "{asked.plural}/{asked.name} was changed meanwhile: look at it and try again",
    ),
    410: (Outdated, "the watch of {asked.plural}/{asked.name} is too old"),
}
"""What the API server means by a status."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what was to be done with what.

    Attributes:
        verb: As roles write it: `list`, `patch`.
        plural: The resource.
        namespace: Empty for all of them.
        name: Empty for all of them.
    """

    verb: str
    plural: str
    namespace: str = ""
    name: str = ""

    @property
    def kind(self) -> str:
        """Write the resource as roles and CRDs do."""
        return f"{self.plural}.{GROUP}"

    @property
    def where(self) -> str:
        """Say where it was."""
        return f"in namespace {self.namespace}" if self.namespace else "in all namespaces"


def problem_of(error: ApiException, asked: Asked) -> Problem:
    """Translate an answer of the API server."""
    said = _status(error)
    message = str(said.get("message") or error.reason or "it does not say why")
    if not error.status:
        return unreachable(message)
    if error.status == _NOT_FOUND:
        return _not_found(said, asked)
    if _DENIED in message:  # by an admission policy, which has words of its own
        return Problem(f"refused: {message.partition(_DENIED)[2].strip()}")
    if _UID in message:  # it was written for an object that has another uid now
        return Problem(_MEANINGS[_CONFLICT][1].format(asked=asked))
    if error.status in _MEANINGS:
        kind, text = _MEANINGS[error.status]
        return kind(text.format(asked=asked))
    # 429 and 5xx pass; the others say what is wrong with what was sent.
    text = f"the API server refused to {asked.verb} {asked.kind} ({error.status}): {message}"
    busy = error.status >= _SERVER_ERROR or error.status == _TOO_MANY
    return Unreachable(f"{text}: try again") if busy else Problem(text)


def _not_found(said: dict[str, Any], asked: Asked) -> Problem:
    # Of an object that is not there, the API server says the name; of a kind, it knows nothing.
    if said.get("details", {}).get("name"):
        return NotThere(f"there is no {asked.plural}/{asked.name} {asked.where}")
    return Problem(
        f"Knowngood is not installed in this cluster ({asked.kind} is missing): install its chart, or choose another "
        "--context"
    )


def unreachable(why: object) -> Unreachable:
    """The API server could not be reached."""
    text = " ".join(_OBJECT.sub("", str(why)).split())
    return Unreachable(
        f"cannot reach the API server ({text}): is the cluster up, and is it the right --context?"
    )


def reason_of(error: BaseException) -> str:
    """Say what went wrong; the client wraps the reason in others."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason_of(reason)
    return " ".join(str(error).split()) or type(error).__name__


def no_such_model(name: str, namespace: str, known: Sequence[str] | None) -> Problem:
    """Say which names are near one that is not there; None where nobody may know."""
    text = f"there is no model {name} in namespace {namespace}"
    if known is None:
        return Problem(f"{text}: look at the name and at the --namespace")
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return Problem(f"{text}; did you mean {' or '.join(near)}?")
    if known:
        return Problem(f"{text}; there are: {', '.join(sorted(known)[:8])}")
    return Problem(f"{text}, nor any other; see: knowngood status --all-namespaces")


def _status(error: ApiException) -> dict[str, Any]:
    try:
        said = json.loads(error.body or "")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
