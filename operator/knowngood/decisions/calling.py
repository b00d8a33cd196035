"""How the command line is called, in words that can be copied."""

from knowngood.api.v1alpha1 import AIModelDeployment


def order(model: AIModelDeployment, verb: str, rest: str = "") -> str:
    """Write a call about a model."""
    meta = model.metadata
    return " ".join(w for w in ("knowngood", verb, meta.name, rest, "-n", meta.namespace) if w)
