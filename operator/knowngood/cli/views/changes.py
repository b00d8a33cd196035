"""What changed between two looks at a model, one line for each thing that is another one now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.views.attention import attention
from knowngood.cli.views.going import in_short
from knowngood.cli.views.lines import Tone
from knowngood.cli.views.phrases import backends
from knowngood.decisions.calling import order


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so now."""

    text: str
    tone: Tone = Tone.PLAIN


def changes(before: AIModelDeployment | None, after: AIModelDeployment) -> list[Fact]:
    """Tell what is so now and was not so before; all that matters now where nothing was seen before."""
    old: Mapping[str, Fact] = dict(_facts(before)) if before else {}
    new = dict(_facts(after))
    over = [
        Fact(f"no longer: {fact.text}", Tone.GOOD)
        for key, fact in old.items()
        if key.startswith("needs/") and key not in new
    ]
    # What was done before anybody looked is no news.
    past = ("incident", "command/") if before is None else ()
    told = (key for key in new if not key.startswith(past))
    return [*over, *(new[key] for key in told if old.get(key) != new[key])]


def _facts(model: AIModelDeployment) -> Iterator[tuple[str, Fact]]:
    status = model.status
    if status is not None and status.last_command is not None:
        last = status.last_command
        why = f": {last.message}" if last.message else ""
        # The same command may be given twice; each one is news.
        yield (
            f"command/{last.nonce}",
            Fact(f"command {last.verb} {last.version}: {last.result}{why}"),
        )
    phase = status.phase if status and status.phase else "Pending"
    yield "going", Fact(f"{phase}: {in_short(model)}")
    shares = [
        f"version {b.version} {b.weight if b.applied_weight is None else b.applied_weight} %"
        for b in backends(model)
    ]
    if shares:
        yield "shares", Fact(f"requests: {', '.join(shares)}")
    if status is not None and status.incident_ref is not None:
        name = status.incident_ref.name
        yield "incident", Fact(f"incident {name}: {order(model, 'why')}", Tone.WARNING)
    for found in attention(model):
        text = f"{', '.join(found.kinds)} ({found.reason}): {found.message}"
        yield f"needs/{found.kinds[0]}", Fact(text, Tone.BAD if found.loud else Tone.WARNING)
