"""A small language of conditions on variables, read into a tree: ``age >= 65 and diabetes``.

    condition  := all ("or" all)*
    all        := one ("and" one)*
    one        := "not" one | "(" condition ")" | test
    test       := side ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=") side
                | name ["not"] "in" "(" constant ("," constant)* ")"
                | name "is" ["not"] "missing"
                | name
    side       := name | constant
    constant   := number | 'text' | 2020-01-31

A name with blanks or the like in it, or one that is a word of the language, stands in backticks or double quotes.
A name alone is a variable with two levels, and means the second of them (or the one that says yes). Nothing is ever
evaluated as a program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from locum.errors import BadInput

LONGEST = 10_000  # characters
DEEPEST = 50  # brackets and nots within each other

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}-\d{2}-\d{2}(?![\w.]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>`[^`]+`|"[^"]+")
    | (?P<name>[^\W\d][\w.]*)
    | (?P<sign><=|>=|!=|<>|==|[=<>(),])
    )""",
    re.VERBOSE,
)
_WORDS = ("and", "or", "not", "in", "is", "missing")
_COMPARES = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Name(NamedTuple):
    """A variable. quoted: whether it stood in double quotes, as some write text."""

    text: str
    quoted: bool = False


class Constant(NamedTuple):
    """A number, or the text of a level or of a date; kind is "number", "text" or "date"."""

    text: str
    kind: str


@dataclass(frozen=True)
class Compare:
    """op: one of = != < <= > >=."""

    left: Name | Constant
    op: str
    right: Name | Constant


@dataclass(frozen=True)
class Among:
    name: Name
    options: tuple[Constant | Name, ...]


@dataclass(frozen=True)
class IsMissing:
    name: Name


@dataclass(frozen=True)
class Flag:
    name: Name


@dataclass(frozen=True)
class Not:
    part: Condition


@dataclass(frozen=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    parts: tuple[Condition, ...]


Condition = Compare | Among | IsMissing | Flag | Not | All | Any


def parse(text: str, where: str) -> Condition:
    """The tree of TEXT; WHERE says where it stands. Raises BadInput that says what is wrong, and at which character."""
    if not isinstance(text, str) or not text.strip():
        raise BadInput(f'{where}: the condition is empty; write one such as "age >= 65 and diabetes"')
    if len(text) > LONGEST:
        raise BadInput(f"{where}: the condition is longer than {LONGEST:,} characters; write a shorter one")
    parser = _Parser(_tokens(text, where), len(text), where)
    found = parser.condition(0)
    if parser.kind:
        raise parser.fault("and, or, or the end")
    return found


def names_in(condition: Condition) -> frozenset[str]:
    """What may be variables in CONDITION; a level that stands without quotes looks like one."""
    if isinstance(condition, All | Any):
        return frozenset().union(*map(names_in, condition.parts))
    if isinstance(condition, Not):
        return names_in(condition.part)
    if isinstance(condition, Compare):
        return frozenset(side.text for side in (condition.left, condition.right) if isinstance(side, Name))
    return frozenset({condition.name.text})


class _Token(NamedTuple):
    kind: str  # date, number, text, quoted, name, sign, or word: one of the language; "" at the end
    text: str
    place: int


def _tokens(text: str, where: str) -> list[_Token]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            what = "a quote that is not closed" if text[at] in "'`\"" else f'"{text[at]}"'
            raise BadInput(f"{where}: cannot read {what} at character {at + 1}; {_MEND}")
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "name" and word.lower() in _WORDS:
            kind, word = "word", word.lower()
        found.append(_Token(kind, word, match.start(str(match.lastgroup))))
        place = match.end()
    return found


_MEND = "write 'text' in single quotes, and a name with blanks in backticks"


class _Parser:
    def __init__(self, tokens: list[_Token], length: int, where: str) -> None:
        self._tokens = [*tokens, _Token("", "", length)]
        self._at = 0
        self._where = where

    @property
    def kind(self) -> str:
        return self._tokens[self._at].kind

    def fault(self, wanted: str) -> BadInput:
        token = self._tokens[self._at]
        found = f'"{token.text}" at character {token.place + 1}' if token.kind else "the end"
        return BadInput(f"{self._where}: expected {wanted}, found {found}; mend the condition")

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, *texts: str) -> str | None:
        """The next word or sign, when it is one of TEXTS."""
        token = self._tokens[self._at]
        if token.kind in ("word", "sign") and token.text in texts:
            return self._next().text
        return None

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            raise self.fault(f'"{text}"')

    def condition(self, depth: int) -> Condition:
        parts = [self._all(depth)]
        while self._take("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._take("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise BadInput(f"{self._where}: more than {DEEPEST} brackets within each other; write it simpler")
        if self._take("not"):
            return Not(self._one(depth + 1))
        if self._take("("):
            inner = self.condition(depth + 1)
            self._need(")")
            return inner
        return self._test()

    def _test(self) -> Condition:
        left = self._side("a variable")
        if self._tokens[self._at].text in _COMPARES and self.kind == "sign":
            return Compare(left, _COMPARES[self._next().text], self._side("a value or a variable"))
        if isinstance(left, Constant):
            raise self.fault("a comparison such as =")
        if self._take("is"):
            negated = self._take("not")
            self._need("missing")
            return Not(IsMissing(left)) if negated else IsMissing(left)
        negated = self._take("not")
        if self._take("in"):
            self._need("(")
            options = [self._side("a value")]
            while self._take(","):
                options.append(self._side("a value"))
            self._need(")")
            found = Among(left, tuple(options))
            return Not(found) if negated else found
        if negated:
            raise self.fault('"in"')
        return Flag(left)

    def _side(self, wanted: str) -> Name | Constant:
        if self.kind in ("name", "quoted"):
            token = self._next()
            return Name(token.text.strip('`"'), token.text[0] == '"')
        if self.kind == "text":
            return Constant(self._next().text[1:-1].replace("''", "'"), "text")
        if self.kind in ("number", "date"):
            token = self._next()
            return Constant(token.text, token.kind)
        raise self.fault(wanted)
