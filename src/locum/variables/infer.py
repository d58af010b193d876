"""A declaration inferred from a table: what each column is, how it is written, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.errors import BadInput
from locum.variables.columns import to_columns
from locum.variables.find_followup import find_followup
from locum.variables.find_formulas import find_formulas
from locum.variables.find_rules import find_rules
from locum.variables.hierarchy import PREFIX, are_codes
from locum.variables.identifiers import (
    FEWEST_ROWS,
    NEAR_UNIQUE,
    is_free_text,
    is_id_name,
    is_identifier,
    is_many,
)
from locum.variables.limits import Holders, plausible, plausible_dates, precision_of, precision_of_moments
from locum.variables.reading import (
    Distinct,
    Floats,
    distinct,
    level_text,
    level_texts,
    plain_numbers,
    text_days,
    text_numbers,
)
from locum.variables.storage import is_day_or_moment, is_readable, is_text, storage_of, value_type
from locum.variables.variable import K_ANONYMOUS, Disclosure, Kind, Role, Variable, Variables

DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
"""Tried in this order on text; the day comes before the month unless some date rules that out."""

FEW_NUMBERS_AS_TEXT = 20
"""Numbers written as text are codes (levels) up to this many distinct ones, and measurements above."""

MOST_COUNTS = 200
"""Whole numbers from 0 or 1 with more distinct values than this are called continuous."""

_MANY_LEVELS = 1_000


def infer(table: pa.Table, *, patient: str | None = None, k: int = K_ANONYMOUS) -> Variables:
    """Declare every column of TABLE from its type and its values.

    patient: the column whose value all rows of one person share; levels and ranges then count people.
    k: levels held by fewer patients are folded into ``other``; a range is of the k most extreme together.

    Kinds: Arrow dates and moments are dates, and so is text where every value is one in one of DATE_FORMATS.
    Of the rest, two distinct values are binary, whatever the type. Text is nominal (an ordered dictionary
    ordinal), or a number where it has more than 20 distinct values, all numbers without leading zeros.
    Numbers stay numbers: a count when whole, from 0 or 1 and with at most 200 distinct values, else
    continuous. Left out, as kind identifier or text: what names a person or a record, free text, text most of
    which is held by fewer than k patients, and types that cannot be modelled. A pair that looks like a follow-up time
    and its event is told among the notices, and has no role: that is for the user to say.

    Raises BadInput for a table without rows or columns, for names that are empty or double, when there is no
    column PATIENT, and for k below 1.
    """
    _check(table, patient, k)
    people = None
    if patient is not None:
        codes = distinct(table.column(patient)).codes
        people = np.where(codes < 0, codes.max(initial=-1) + 1, codes)
    holders = Holders(people, k)
    found: list[Variable] = []
    notices: list[str] = []
    for name in table.column_names:
        if name == patient:
            storage = storage_of(table.column(name).type)
            found.append(Variable(name, Kind.IDENTIFIER, storage, Role.PATIENT, disclosure=Disclosure.DIRECT))
            continue
        variable, said = _Inference(name, table.column(name), holders, patient is not None).variable()
        found.append(variable)
        notices += said
    if (followed := find_followup(found)) is not None:
        notices.append(followed)
    return _related(Variables(tuple(found), k, tuple(notices)), table, people)


def _related(found: Variables, table: pa.Table, people: npt.NDArray[np.int64] | None) -> Variables:
    """FOUND, with the formulas by which each follows from others, and the rules by which they order one another."""
    numeric = [v for v in found if v.is_modelled and v.kind.is_numeric]
    if len(numeric) < 2:
        return found
    values = np.array([column.values for column in to_columns(table, Variables(tuple(numeric)))])
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near 1e300 no formula is found
        formulas = find_formulas([v.name for v in numeric], values, [v.precision for v in numeric], found.k)
    follows = {v.name: replace(v, follows=f) for v, f in zip(numeric, formulas, strict=True)}
    rules = find_rules([follows[v.name] for v in numeric], values, found.k, people)
    return replace(found, variables=tuple(follows.get(v.name, v) for v in found), rules=rules)


def _check(table: pa.Table, patient: str | None, k: int) -> None:
    names = table.column_names
    if not names:
        raise BadInput("the table has no columns; give one with a column for each variable")
    double = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if double:
        raise BadInput(f'the table has more than one column named "{double[0]}"; rename them')
    if not all(name.strip() for name in names):
        raise BadInput(
            f"column {1 + [bool(n.strip()) for n in names].index(False)} of the table has no name; name it"
        )
    if table.num_rows == 0:
        raise BadInput("the table has no rows; give one with a row for each patient")
    if patient is not None and patient not in names:
        raise BadInput(f'there is no column "{patient}" to tell patients by; name one that the table has')
    if k < 1:
        raise BadInput("k is below 1; levels cannot be held by fewer than 1 patient")


class _Inference:
    """One column being looked at, with the notices gathered on the way."""

    def __init__(self, name: str, column: pa.ChunkedArray, holders: Holders, people_known: bool) -> None:
        self.name, self.column, self.holders, self.people_known = name, column, holders, people_known
        self.type = value_type(column.type)
        self.storage = storage_of(column.type)
        self.notices: list[str] = []

    def variable(self) -> tuple[Variable, list[str]]:
        return self._infer(), self.notices

    def _infer(self) -> Variable:
        if not is_readable(self.column.type):
            return self._left_out(
                Kind.TEXT, f"its type {self.column.type} cannot be modelled", "make it plain columns"
            )
        if pa.types.is_boolean(self.type):
            coded = distinct(self.column)
            return self._levels(Kind.BINARY, coded, level_texts(coded.values), natural=True)
        if is_text(self.type) or pa.types.is_null(self.type):
            return self._text()
        ordered = pa.types.is_dictionary(self.column.type) and self.column.type.ordered
        if ordered:
            coded = distinct(self.column)
            return self._levels(Kind.ORDINAL, coded, level_texts(coded.values), natural=False)
        if is_day_or_moment(self.type):
            return self._date(self._numbers(), None)
        return self._numeric(self._numbers())

    def _numbers(self) -> Floats:
        if pa.types.is_dictionary(self.column.type):
            coded = distinct(self.column)
            return np.append(plain_numbers(coded.values), np.nan)[coded.codes]
        if pa.types.is_floating(self.type):
            infinite = pc.sum(pc.is_inf(self.column)).as_py() or 0
            if infinite:
                k = self.holders.k
                how_many = f"{infinite} cells" if infinite >= k else f"fewer than {k} cells"
                self._say(f"{how_many} hold an infinity and are read as not recorded")
        return plain_numbers(self.column)

    def _text(self) -> Variable:
        coded = distinct(self.column)
        texts = level_texts(coded.values)
        blank = np.array([t is None for t in texts] + [True])[coded.codes]
        coded = Distinct(np.where(blank, -1, coded.codes), coded.values)
        used = np.flatnonzero(np.bincount(coded.codes[coded.codes >= 0], minlength=len(texts)))
        values = coded.values.take(pa.array(used))
        n = int(np.sum(coded.codes >= 0))
        if pa.types.is_dictionary(self.column.type) and self.column.type.ordered:
            return self._levels(Kind.ORDINAL, coded, texts, natural=False)
        date_format = _date_format(values)
        if date_format:
            days = np.full(len(texts) + 1, np.nan)
            days[used] = text_days(values, date_format)
            return self._date(days[coded.codes], date_format)
        if len(used) > FEW_NUMBERS_AS_TEXT and _are_numbers(values):
            numbers = np.full(len(texts) + 1, np.nan)
            numbers[used] = text_numbers(values)
            return self._numeric(numbers[coded.codes])
        if reason := self._unfit(coded, values, n):
            return self._left_out(*reason)
        return self._levels(Kind.NOMINAL, coded, texts, natural=False)

    def _unfit(self, coded: Distinct, values: pa.Array, n: int) -> tuple[Kind, str, str] | None:
        """Why text cannot be levels, and what to do about it."""
        many = len(values)
        if n < FEWEST_ROWS or many <= FEW_NUMBERS_AS_TEXT:
            return None
        if is_id_name(self.name) and is_many(many, n):
            return self._as_identifier(many, n)
        counts = self.holders.count(coded.codes, len(coded.values))
        kept = np.isin(coded.codes, np.flatnonzero(counts >= self.holders.k)).sum() / n
        scarce = kept == 0 or (many > _MANY_LEVELS and kept < 0.5)
        if many <= NEAR_UNIQUE * n and not scarce:
            return None
        if is_free_text(values):
            return Kind.TEXT, "it looks like free text", "group it into levels"
        if many > NEAR_UNIQUE * n:
            return self._as_identifier(many, n)
        return (
            Kind.IDENTIFIER,
            f"most of its values are held by fewer than {self.holders.k} patients",
            'group them, or declare kind = "nominal" to fold them into "other"',
        )

    def _as_identifier(self, many: int, n: int) -> tuple[Kind, str, str]:
        if many == n or self.people_known:
            return Kind.IDENTIFIER, "it looks like an identifier", "declare another kind to keep it"
        return (
            Kind.IDENTIFIER,
            "it looks like an identifier with repeated values",
            f"if rows of one person share it, name it with --patient-id {self.name}; "
            "else declare another kind to keep it",
        )

    def _left_out(self, kind: Kind, why: str, mend: str) -> Variable:
        self._say(f"left out, because {why}; {mend}")
        role = Role.IDENTIFIER if kind is Kind.IDENTIFIER else Role.PLAIN
        harm = Disclosure.DIRECT if kind is Kind.IDENTIFIER else Disclosure.SENSITIVE
        return Variable(self.name, kind, self.storage, role, disclosure=harm)

    def _say(self, sentence: str) -> None:
        self.notices.append(f'column "{self.name}": {sentence}')

    def _date(self, days: Floats, date_format: str | None) -> Variable:
        low, high = plausible_dates(days, self.holders)
        step = precision_of_moments(days)
        return Variable(
            self.name, Kind.DATE, self.storage, low=low, high=high, precision=step, date_format=date_format
        )

    def _numeric(self, values: Floats) -> Variable:
        present = values[~np.isnan(values)]
        found = np.unique(present)
        if is_identifier(self.name, present, len(found)):
            return self._left_out(*self._as_identifier(len(found), len(present)))
        texts = [level_text(x) for x in found[:2]]
        if len(found) == 2 and all(self._survives(x) for x in found):
            codes = np.where(np.isnan(values), -1, values == found[1]).astype(np.int64)
            return self._levels(Kind.BINARY, Distinct(codes, pa.array(found)), texts, natural=True)
        single = pa.types.is_float32(self.type) or pa.types.is_float16(self.type)
        precision = precision_of(
            np.array([float(str(x)) for x in found.astype(np.float32)]) if single else found
        )
        low, high = plausible(values, self.holders, precision)
        from_zero = len(found) > 0 and found[0] >= 0 and (low if low is not None else found[0]) <= 1
        kind = Kind.COUNT if precision == 1 and from_zero and len(found) <= MOST_COUNTS else Kind.CONTINUOUS
        return Variable(self.name, kind, self.storage, low=low, high=high, precision=precision)

    def _survives(self, value: float) -> bool:
        """Whether a level's text gives the number back."""
        written = float(format(value, ".12g"))
        return bool(np.float32(written) == np.float32(value) if self.storage == "float" else written == value)

    def _levels(self, kind: Kind, coded: Distinct, texts: list[str | None], natural: bool) -> Variable:
        counts = self.holders.count(coded.codes, len(texts))
        used = [i for i in np.flatnonzero(counts) if texts[i] is not None]
        kept = [i for i in used if counts[i] >= self.holders.k]
        if kind is Kind.NOMINAL:
            kept.sort(key=lambda i: (-counts[i], texts[i]))
        elif natural:
            kept.sort(key=lambda i: coded.values[int(i)].as_py())
        if len(used) == 2:
            kind = Kind.BINARY
        folded = len(used) - len(kept)
        codes = kind is Kind.NOMINAL and are_codes([str(texts[i]) for i in used])
        if folded:
            what = "1 level is" if folded == 1 else f"{folded} levels are"
            then = "counted with the codes that begin like them" if codes else 'read as "other"'
            self._say(f"{what} held by fewer than {self.holders.k} patients and {then}")
        levels = tuple(str(texts[i]) for i in kept)
        return Variable(self.name, kind, self.storage, levels=levels, hierarchy=PREFIX if codes else "")


def _date_format(values: pa.Array) -> str | None:
    """The format in which every text is a date, written back the same; None when there is none."""
    if not len(values):
        return None
    return next((f for f in DATE_FORMATS if _fits(values[:50], f) and _fits(values, f)), None)


def _fits(values: pa.Array, date_format: str) -> bool:
    moments = pc.strptime(values.cast(pa.string()), format=date_format, unit="s", error_is_null=True)
    if moments.null_count:
        return False
    return bool(pc.all(pc.equal(pc.strftime(moments, format=date_format), values.cast(pa.string()))).as_py())


def _are_numbers(values: pa.Array) -> bool:
    """Whether every text is a number; not where one has a leading zero, as codes have."""
    some = values[:50]
    return all(
        not np.isnan(text_numbers(part)).any()
        and not pc.any(pc.match_substring_regex(part.cast(pa.large_string()), "^0[0-9]")).as_py()
        for part in (some, values)
    )
