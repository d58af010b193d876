"""Small Ibis expressions that steps and measures are made of. They mean the same on every engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from locum.cohorts.moments import Moment

_COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def day(moment: Moment, row: ibis.Table) -> ir.DateValue:
    """The day that MOMENT is for each row of a table with the dates of `moments.DATES`, or with MOMENT as a column."""
    if moment.column in row.columns:
        return row[moment.column]
    base = ibis.date(moment.base) if moment.is_fixed else row[moment.base]
    return (base + ibis.interval(**{moment.unit: moment.number})).cast("date") if moment.number else base


def birthday(year: ir.IntegerValue, month: ir.IntegerValue) -> ir.DateValue:
    """The day of birth where only the year is known, or year and month: the middle of either."""
    middle = ibis.ifelse(month.isnull(), 1, 15)
    return ibis.date(year.cast("int32"), month.fill_null(7).cast("int32"), middle.cast("int32"))


def age(born: ir.DateValue, at: ir.DateValue) -> ir.IntegerValue:
    """Whole years from BORN to AT."""
    before = at.month() * 100 + at.day() < born.month() * 100 + born.day()
    return at.year() - born.year() - before.cast("int32")


def days(start: ir.DateValue, end: ir.DateValue) -> ir.IntegerValue:
    """Days from START to END."""
    return end.epoch_days() - start.epoch_days()


def within(date: ir.DateValue, start: Moment | None, end: Moment, row: ibis.Table) -> ir.BooleanValue:
    """Whether DATE lies from START to END, both within; missing where one of them is."""
    until = date <= day(end, row)
    return until if start is None else (date >= day(start, row)) & until


def compared(left: Moment, sign: str, right: Moment, row: ibis.Table) -> ir.BooleanValue:
    """Whether two moments stand as SIGN says; never where one is unknown."""
    return _COMPARE[sign](day(left, row), day(right, row)).fill_null(False)


def latest(dates: Sequence[ir.DateValue]) -> ir.DateValue:
    """The latest of DATES; unknown where one of them is."""
    known = ibis.and_(*(d.notnull() for d in dates))
    return ibis.ifelse(known, ibis.greatest(*dates), ibis.null("date"))


def earliest(dates: Sequence[ir.DateValue]) -> ir.DateValue:
    """The earliest of those DATES that are known."""
    far = ibis.date("9999-12-31")  # engines differ on what the least of a list with NULL in it is
    least = ibis.least(*(d.fill_null(far) for d in dates), far)
    return least.nullif(far)


def rounded(value: ir.NumericValue, precision: float) -> ir.NumericValue:
    """VALUE at the nearest step of PRECISION, halves upward; a whole number where steps are whole."""
    half = 0.5 + 1e-9  # in binary 2.675 is a little less, and a mean depends on the order of its sum
    if float(precision).is_integer():
        return ((value / precision + half).floor() * precision).cast("int64")
    steps = 1 / precision
    if not math.isclose(steps, round(steps)):
        return (value / precision + half).floor() * precision
    steps = float(round(steps))  # 243 / 10 is 24.3, and 243 * 0.1 is not
    return (value * steps + half).floor() / steps
