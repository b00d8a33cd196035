"""PromQL plain selectors, `name{a="b",c=~"d"}`: parsed, compared, matched locally, and rendered.

Every counter's query is rendered here, so nothing from a resource can break out of its quotes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowngood.signals.patterns import compile_locally
from knowngood.signals.tokens import Kind, SelectorError, Token, tokenize

__all__ = ["NAME_LABEL", "Matcher", "Operator", "Selector", "SelectorError", "parse_selector"]

NAME_LABEL = "__name__"

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NUMBERS = {"inf", "nan"}  # PromQL reads these words as numbers, not as names
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Operator(StrEnum):
    """How a matcher compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    MATCHES_NOT = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; an absent label counts as the empty text."""

    label: str
    operator: Operator
    value: str

    @property
    def is_pattern(self) -> bool:
        """Whether the value is a regular expression."""
        return self.operator in {Operator.MATCHES, Operator.MATCHES_NOT}

    @property
    def is_local(self) -> bool:
        """Whether it can be decided here exactly as Prometheus would."""
        return not self.is_pattern or compile_locally(self.value) is not None

    def accepts(self, value: str) -> bool:
        """Whether a label's value fulfils the condition.

        Raises:
            SelectorError: The pattern uses syntax that only Prometheus can decide (see `is_local`).
        """
        if not self.is_pattern:
            return (value == self.value) == (self.operator is Operator.EQUAL)
        pattern = compile_locally(self.value)
        if pattern is None:
            raise SelectorError(f"the pattern {self.value!r} can be decided by Prometheus only")
        return (pattern.fullmatch(value) is not None) == (self.operator is Operator.MATCHES)


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that a series must fulfil; the metric's name is the matcher on `__name__`."""

    matchers: tuple[Matcher, ...]

    @property
    def name(self) -> str | None:
        """The name of the metric, if it is fixed."""
        named = (
            m.value for m in self.matchers if (m.label, m.operator) == (NAME_LABEL, Operator.EQUAL)
        )
        return next(named, None)

    @property
    def is_local(self) -> bool:
        """Whether `matches` can decide."""
        return all(matcher.is_local for matcher in self.matchers)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels is selected.

        Raises:
            SelectorError: When only Prometheus can decide (see `is_local`).
        """
        return all(matcher.accepts(labels.get(matcher.label, "")) for matcher in self.matchers)

    def narrows(self, wider: "Selector") -> bool:
        """Whether this one only adds conditions to `wider`, and so selects some of its series."""
        return set(wider.matchers) <= set(self.matchers)

    def render(self, range_seconds: int | None = None) -> str:
        """The selector as PromQL in one spelling, with a range of whole seconds if one is given."""
        plain = next((m for m in self.matchers if _is_plain_name(m)), None)
        rest = ",".join(_render(m) for m in self.matchers if m is not plain)
        braces = f"{{{rest}}}" if rest else ""
        window = "" if range_seconds is None else f"[{range_seconds}s]"
        return f"{plain.value if plain else ''}{braces}{window}"


def _is_plain_name(matcher: Matcher) -> bool:
    fixed = (matcher.label, matcher.operator) == (NAME_LABEL, Operator.EQUAL)
    plain = _METRIC.fullmatch(matcher.value) is not None
    return fixed and plain and matcher.value.lower() not in _NUMBERS


def _render(matcher: Matcher) -> str:
    label = matcher.label if _LABEL.fullmatch(matcher.label) else quote(matcher.label)
    return f"{label}{matcher.operator}{quote(matcher.value)}"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str) -> str:
    """A text as a PromQL string in double quotes."""
    return (
        '"'
        + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _code_point(c)) for c in text)
        + '"'
    )


def _code_point(char: str) -> str:
    return f"\\U{ord(char):08x}"


def parse_selector(text: str) -> Selector:
    """Read a plain selector.

    Ranges, offsets, functions and operators are refused: Knowngood adds windows and sums itself.

    Raises:
        SelectorError: Saying what is wrong, and where.
    """
    return _Parser(text).selector()


class _Parser:
    """Walks the tokens of one text, once."""

    def __init__(self, text: str) -> None:
        self._tokens = tokenize(text)
        self._matchers: list[Matcher] = []

    def selector(self) -> Selector:
        token = next(self._tokens)
        named = token.kind is Kind.NAME
        if named:
            if token.text.lower() in _NUMBERS:
                raise token.error("a name is wanted; PromQL reads this word as a number")
            self._name(token, token.text)
            token = next(self._tokens)
        if token.kind is Kind.OPEN:
            self._braces()
            token = next(self._tokens)
        elif not named:
            raise token.error("a metric's name or '{' is wanted")
        if token.kind is not Kind.END:
            raise token.error(
                "a plain selector ends here; windows, offsets and functions are added by Knowngood"
            )
        if all(m.is_local and m.accepts("") for m in self._matchers):
            raise token.error(
                "at least one matcher must refuse the empty text, else everything is selected"
            )
        return Selector(tuple(self._matchers))

    def _braces(self) -> None:
        token = next(self._tokens)
        while token.kind is not Kind.CLOSE:
            token = self._matcher(token)
            if token.kind is Kind.COMMA:
                token = next(self._tokens)
            elif token.kind is not Kind.CLOSE:
                raise token.error("',' or '}' is wanted")

    def _matcher(self, label: Token) -> Token:
        """Read one matcher; returns the token behind it."""
        if label.kind not in {Kind.NAME, Kind.STRING} or (
            label.kind is Kind.NAME and ":" in label.text
        ):
            raise label.error("a label's name is wanted")
        token = next(self._tokens)
        if label.kind is Kind.STRING and token.kind in {Kind.COMMA, Kind.CLOSE}:
            self._name(label, label.text)
            return token
        if token.kind is not Kind.OPERATOR:
            raise token.error("one of = != =~ !~ is wanted")
        value = next(self._tokens)
        if value.kind is not Kind.STRING:
            raise value.error("a quoted text is wanted")
        if label.text == NAME_LABEL:
            self._refuse_second_name(label)
        self._matchers.append(Matcher(label.text, Operator(token.text), value.text))
        return next(self._tokens)

    def _name(self, token: Token, name: str) -> None:
        self._refuse_second_name(token)
        self._matchers.append(Matcher(NAME_LABEL, Operator.EQUAL, name))

    def _refuse_second_name(self, token: Token) -> None:
        if any(m.label == NAME_LABEL for m in self._matchers):
            raise token.error("the metric's name is given twice")
