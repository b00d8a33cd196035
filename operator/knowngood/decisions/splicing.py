"""What a rule of somebody else's route should lead to: shares in it change, and nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knowngood.api.v1alpha1 import OriginalRule
from knowngood.decisions.foreign import MIRROR, ForeignRule, Ref, percent_of, weight_of
from knowngood.decisions.parting import Parting

ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Share:
    """What one of our Services should get, in percent; `mirror` is the share of the requests that it gets copies of."""

    service: str
    port: int
    weight: int
    mirror: int = 0


def spliced(
    rule: ForeignRule,
    shares: Sequence[Share],
    ours: Collection[str],
    adopt: str | None,
    *,
    keep_adopted: bool,
) -> list[Ref]:
    """Write our shares into a rule's backends.

    Args:
        rule: As it is now.
        shares: Of the versions that should be in it.
        ours: Names of all Services of versions; those without a share are taken out.
        adopt: The Service that answered before.
        keep_adopted: Leave the adopted one in with weight 0, for the requests that it still answers.

    Returns:
        The backends in their order, ours that are new at the end. While no version gets anything, the adopted one has
        all. Backends that split as they should stay as they are, whatever their numbers.
    """
    serving = any(share.weight > 0 for share in shares)
    wanted = {share.service: share for share in shares}
    refs: list[Ref] = []
    for backend in rule.refs:
        name = rule.service(backend)
        if name in wanted:
            refs.append(_as(backend, wanted.pop(name)))
        elif name is not None and name == adopt and name not in ours:
            refs += _adopted(backend, serving=serving, keep=keep_adopted)
        elif name is None or name not in ours:
            refs.append(backend)
    refs += [{"name": s.service, "port": s.port, "weight": s.weight} for s in wanted.values()]
    # With no weight at all the gateway answers errors.
    idle = not any(weight_of(backend) > 0 for backend in refs)
    return list(rule.refs) if idle or _split_alike(refs, rule.refs) else refs


def _adopted(backend: Ref, *, serving: bool, keep: bool) -> list[Ref]:
    if serving:
        return [{**backend, "weight": 0}] if keep else []
    return [backend if weight_of(backend) > 0 else {**backend, "weight": 100}]


def _split_alike(wanted: Sequence[Ref], found: Sequence[Ref]) -> bool:
    """Whether two lists of backends differ at most in numbers that mean the same."""
    plain = [{**b, "weight": 0} for b in wanted] == [{**b, "weight": 0} for b in found]
    sums = [sum(weight_of(b) for b in refs) for refs in (wanted, found)]
    return plain and all(
        weight_of(a) * sums[1] == weight_of(b) * sums[0] for a, b in zip(wanted, found, strict=True)
    )


def copied(rule: ForeignRule, shares: Sequence[Share], ours: Collection[str]) -> list[Ref]:
    """Write our mirror into a rule's filters, at their end, or take it out; those of others stay as they are."""
    others = [f for f in rule.filters if rule.mirrored(f) not in ours]
    mine = [mirror(share) for share in shares if share.mirror > 0]
    now = [f for f in rule.filters if rule.mirrored(f) in ours]
    if [_meaning(f) for f in now] == [_meaning(f) for f in mine]:
        return list(rule.filters)
    return [*others, *mine]


def mirror(share: Share) -> dict[str, Any]:
    """The filter that sends copies; without a percentage where it is about all requests: not every gateway knows it."""
    backend = {"name": share.service, "port": share.port}
    part = {"percent": share.mirror} if share.mirror < ALL else {}
    return {"type": MIRROR, "requestMirror": {"backendRef": backend, **part}}


def _meaning(found: Ref) -> tuple[object, ...]:
    body = found["requestMirror"]
    return body["backendRef"]["name"], body["backendRef"].get("port"), percent_of(body)


def restored(
    rule: ForeignRule,
    original: Sequence[OriginalRule],
    ours: Collection[str],
    adopt: str | None,
    step: Parting,
) -> list[Ref]:
    """Give a rule's requests back to whom they went before.

    The rule stays as it is where that is not known, and where its owner has led it elsewhere meanwhile.
    """
    mine = [b for b in rule.refs if rule.service(b) in ours]
    given = _given(rule, original, ours, adopt, mine)
    if not given:
        return list(rule.refs)
    names = {backend["name"] for backend in given}
    others = [b for b in rule.refs if rule.service(b) not in {*ours, *names}]
    if step is Parting.LEAVING:
        return [*given, *others]
    if step is Parting.GIVING or not any(weight_of(b) > 0 for b in mine):
        return [*given, *({**b, "weight": 0} for b in mine), *others]
    known = {rule.service(b): b for b in rule.refs}
    named = [known.get(b["name"], {**b, "weight": 0}) for b in given]
    return [*named, *mine, *others]


def _given(
    rule: ForeignRule,
    original: Sequence[OriginalRule],
    ours: Collection[str],
    adopt: str | None,
    mine: Sequence[Ref],
) -> list[Ref]:
    """Whom the requests of a rule that leads to us went to before, as the rule had it; empty where nobody knows."""
    before = next((o for o in original if o.rule == rule.name), None)
    given = [b for b in before.backend_refs if b["name"] not in ours] if before else []
    if not mine:
        return []
    if not given and adopt is not None and adopt not in ours:
        given = [{"name": adopt, "port": mine[0].get("port", 80)}]
    if given and not any(weight_of(backend) > 0 for backend in given):
        return [{**backend, "weight": 100} for backend in given]
    return given


def _as(backend: Ref, share: Share) -> Ref:
    return {**backend, "port": share.port, "weight": share.weight}
