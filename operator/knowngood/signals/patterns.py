"""Regular expressions that mean the same here and in Prometheus.

Prometheus uses RE2, which differs from Python in syntax and cannot be made slow. Only a plain
subset is compiled here: literals, dots, simple classes, alternatives in groups, and repeats of a
single element, one or two of them unbounded. Everything else is left to Prometheus.
"""

import re
from functools import lru_cache

_PLAIN = r"[A-Za-z0-9 _:/,;@%&=!<>\"'#~`-]"
_ESCAPED = r"\\[dw.\\+*?()|\[\]{}^$/-]"
_CLASS = r"\[(?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_ .:/])+\]"
_ELEMENT = rf"(?:{_PLAIN}|{_ESCAPED}|{_CLASS}|\.)"
_REPEATED = rf"(?:{_ELEMENT}[*+?]?)"
_GROUP = rf"\((?:\?:)?{_REPEATED}*(?:\|{_REPEATED}*)*\)"
_SUPPORTED = re.compile(rf"(?:{_REPEATED}|{_GROUP}|\|)*", re.DOTALL)

_MOST_UNBOUNDED = 2  # each unbounded repeat multiplies the worst case by the length of the value


@lru_cache(maxsize=1024)
def compile_locally(pattern: str) -> re.Pattern[str] | None:
    """The pattern, to be used with `fullmatch`; None when only Prometheus can decide it."""
    if _SUPPORTED.fullmatch(pattern) is None:
        return None
    if len(re.findall(r"[*+]", re.sub(r"\\.", "", pattern))) > _MOST_UNBOUNDED:
        return None
    try:
        return re.compile(pattern, re.ASCII | re.DOTALL)
    except re.error:  # such as a class whose range runs backwards
        return None
