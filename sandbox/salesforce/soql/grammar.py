"""Text to query (https://developer.salesforce.com/docs: SOQL and SOSL reference)."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from sandbox.salesforce.soql.language import (
    Aggregate,
    AllFields,
    Comparison,
    Condition,
    Instant,
    Junction,
    Order,
    Path,
    Query,
    SoqlError,
)

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')"
    r"|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),:]))"
)
_FUNCTIONS = {"COUNT", "COUNT_DISTINCT", "SUM", "MIN", "MAX", "AVG"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_LONGEST = 100_000

Token = tuple[str, str]


def parse(text: str) -> Query:
    """The query; SoqlError MALFORMED_QUERY if it cannot be understood."""
    if len(text) > _LONGEST:
        raise SoqlError("MALFORMED_QUERY", f"SOQL statements can be up to {_LONGEST} characters")
    parser = _Parser(_tokens(text))
    query = parser.query()
    parser.end()
    return Query(**{**query.__dict__, "text": text})


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise SoqlError("MALFORMED_QUERY", f"line 1:{at} unexpected character '{text[at:].lstrip()[:1]}'")
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return tokens


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def query(self) -> Query:
        """SELECT ... FROM ... and what may follow."""
        self._expect("SELECT")
        selected = self._list(self._selected)
        self._expect("FROM")
        source = self._word()
        where = self._condition() if self._accept("WHERE") else None
        group: list[Path] = []
        if self._accept("GROUP"):
            self._expect("BY")
            group = self._list(lambda: Path(tuple(self._word().split("."))))
        order: list[Order] = []
        if self._accept("ORDER"):
            self._expect("BY")
            order = self._list(self._order)
        limit = int(self._take("number")) if self._accept("LIMIT") else None
        offset = int(self._take("number")) if self._accept("OFFSET") else 0
        if self._accept("ALL"):
            self._expect("ROWS")
        return Query(_aliased(selected), source, where, tuple(group), tuple(order), limit, offset)

    def end(self) -> None:
        """Nothing may be left."""
        if self._at < len(self._tokens):
            self._fail()

    def _selected(self) -> Any:
        if self._accept("("):
            inner = self.query()
            self._expect(")")
            return inner
        word = self._word()
        if word.upper() == "TYPEOF":
            raise SoqlError("MALFORMED_QUERY", "TYPEOF is not supported here")
        if not self._accept("("):
            return Path(tuple(word.split(".")))
        if word.upper() == "FIELDS":
            which = self._word().upper()
            self._expect(")")
            return AllFields(which)
        if word.upper() not in _FUNCTIONS:
            self._fail()
        path = None if self._peek() == ")" else Path(tuple(self._word().split(".")))
        self._expect(")")
        alias = self._word() if self._peek_kind() == "word" and self._peek().upper() != "FROM" else ""
        return Aggregate(word.upper(), path, alias)

    def _order(self) -> Order:
        path = Path(tuple(self._word().split(".")))
        descending = not self._accept("ASC") and self._accept("DESC")
        last = descending
        if self._accept("NULLS"):
            last = not self._accept("FIRST")
            if last:
                self._expect("LAST")
        else:
            last = False
        return Order(path, descending, last)

    def _condition(self) -> Condition:
        parts = [self._negation()]
        word = ""
        while self._peek().upper() in ("AND", "OR"):
            found = self._word().upper()
            if word and found != word:
                raise SoqlError("MALFORMED_QUERY", "unexpected token: mix of AND and OR needs parentheses")
            word = found
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _negation(self) -> Condition:
        if self._accept("NOT"):
            return Junction("NOT", (self._negation(),))
        if self._accept("("):
            inner = self._condition()
            self._expect(")")
            return inner
        path = Path(tuple(self._word().split(".")))
        if self._accept("NOT"):
            self._expect("IN")
            return Comparison(path, "NOT IN", self._values())
        if self._accept("IN"):
            return Comparison(path, "IN", self._values())
        if self._accept("LIKE"):
            return Comparison(path, "LIKE", self._literal())
        sign = self._take("sign").replace("<>", "!=")
        if sign not in ("=", "!=", "<", "<=", ">", ">="):
            self._fail()
        return Comparison(path, sign, self._literal())

    def _values(self) -> tuple[Any, ...]:
        self._expect("(")
        values = tuple(self._list(self._literal))
        self._expect(")")
        return values

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])
        if kind == "instant":
            return Instant(datetime.fromisoformat(text).timestamp())
        if kind == "day":
            return text
        if kind == "number":
            return Decimal(text)
        word = text.upper()
        if kind == "word" and word in ("NULL", "TRUE", "FALSE"):
            return {"NULL": None, "TRUE": True, "FALSE": False}[word]
        if kind == "word" and word == "LAST_N_DAYS":
            self._expect(":")
            return ("LAST_N_DAYS", int(self._take("number")))
        return self._fail()

    def _list(self, entry: Any) -> list[Any]:
        entries = [entry()]
        while self._accept(","):
            entries.append(entry())
        return entries

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _peek_kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> Token:
        if self._at >= len(self._tokens):
            self._fail()
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str) -> str:
        if self._peek_kind() != kind:
            self._fail()
        return self._next()[1]

    def _word(self) -> str:
        return self._take("word")

    def _accept(self, text: str) -> bool:
        if self._peek().upper() != text or self._peek_kind() == "text":
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail()

    def _fail(self) -> NoReturn:
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{self._peek() or '<EOF>'}'")


def _aliased(selected: list[Any]) -> tuple[Any, ...]:
    """Aggregates without an alias are called expr0, expr1 and so on; a lone COUNT() has none."""
    if len(selected) == 1 and selected[0] == Aggregate("COUNT", None, ""):
        return tuple(selected)
    named, number = [], 0
    for entry in selected:
        if isinstance(entry, Aggregate) and not entry.alias:
            named.append(Aggregate(entry.function, entry.path, f"expr{number}"))
            number += 1
        else:
            named.append(entry)
    return tuple(named)
