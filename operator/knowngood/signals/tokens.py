"""The words of a PromQL selector: names, quoted texts, operators, braces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from knowngood.errors import KnowngoodError


class SelectorError(KnowngoodError, ValueError):
    """A text is not a plain selector; the message says what is wrong and at which character."""


class Kind(Enum):
    """What a token is."""

    NAME = auto()
    STRING = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    COMMA = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One word; the text of a STRING is unescaped, `position` counts characters from 1."""

    kind: Kind
    text: str
    position: int

    def error(self, wanted: str) -> SelectorError:
        """What to raise when this token does not fit."""
        found = "the end" if self.kind is Kind.END else repr(self.text)
        return SelectorError(f"at character {self.position}: {wanted}, found {found}")


_SKIPPED = re.compile(r"(?:\s|#[^\n]*)*")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_OPERATOR = re.compile(r"=~|!~|!=|=(?!=)")
_SINGLE = {"{": Kind.OPEN, "}": Kind.CLOSE, ",": Kind.COMMA}
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\\n]|\\.)*)"'),
    "'": re.compile(r"'((?:[^'\\\n]|\\.)*)'"),
    "`": re.compile(r"`([^`]*)`"),
}


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text, ended by END for ever.

    Raises:
        SelectorError: At a character that no selector has, or a text that does not end.
    """
    at = _skip(text, 0)
    while at < len(text):
        token, at = _token(text, at)
        yield token
        at = _skip(text, at)
    while True:
        yield Token(Kind.END, "", len(text) + 1)


def _skip(text: str, at: int) -> int:
    found = _SKIPPED.match(text, at)
    return found.end() if found else at


def _token(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char in _SINGLE:
        return Token(_SINGLE[char], char, at + 1), at + 1
    if char in _QUOTED:
        return _string(text, at)
    if name := _NAME.match(text, at):
        return Token(Kind.NAME, name[0], at + 1), name.end()
    if operator := _OPERATOR.match(text, at):
        return Token(Kind.OPERATOR, operator[0], at + 1), operator.end()
    raise SelectorError(f"at character {at + 1}: {char!r} does not belong into a plain selector")


def _string(text: str, at: int) -> tuple[Token, int]:
    mark = text[at]
    found = _QUOTED[mark].match(text, at)
    if found is None:
        raise SelectorError(f"at character {at + 1}: this quoted text does not end")
    value = found[1] if mark == "`" else _unescape(found[1], mark, at + 1)
    return Token(Kind.STRING, value, at + 1), found.end()


_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(.))", re.DOTALL
)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ASCII = 0x80
_SURROGATES = range(0xD800, 0xE000)
_LAST_CODE_POINT = 0x10FFFF


def _unescape(text: str, mark: str, start: int) -> str:
    def character(found: re.Match[str]) -> str:
        where = f"at character {start + 1 + found.start()}"
        short, long, byte, octal, letter = found.groups()
        if letter is not None:
            if letter != mark and letter not in _LETTERS:
                raise SelectorError(f"{where}: unknown escape \\{letter}")
            return _LETTERS.get(letter, letter)
        code = int(octal, 8) if octal else int(short or long or byte, 16)
        if (byte or octal) and code >= _ASCII:
            raise SelectorError(f"{where}: write the character itself instead of its bytes")
        if code > _LAST_CODE_POINT or code in _SURROGATES:
            raise SelectorError(f"{where}: no character has this number")
        return chr(code)

    return _ESCAPE.sub(character, text)
