"""What each kind of variable and of step is, as an Ibis expression."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from locum.cohorts.definition import Definition, Measure, Step
from locum.cohorts.expressions import age, compared, day, days, rounded, within
from locum.cohorts.moments import Moment

INDEX = Moment("index", 0, "days")


def seen(entry: Measure | Step, lists: tuple[str, ...], events: ibis.Table) -> ir.BooleanValue:
    """Which events of LISTS lie in the window of ENTRY."""
    start, end = entry.window if isinstance(entry, Measure) else (entry.from_, entry.to or INDEX)
    return (events.list.isin(list(lists)) & within(events.date, start, end, events)).fill_null(False)


def of_events(v: Measure, events: ibis.Table, levels: tuple[str, ...]) -> dict[str, ir.Value]:
    """The columns that variable V needs of each patient's events, in an aggregation over them; none for other kinds."""
    if v.is_ == "which":
        return {_label(v, i): seen(v, names, events).any() for i, names in enumerate(v.labels.values())}
    hit = seen(v, v.of, events)
    if v.is_ == "ever" and v.at_least == 1:
        return {_seen(v): hit.any().cast("int64")}  # counting days takes ten times as long
    if v.is_ in ("ever", "count"):
        return {_seen(v): events.date.nunique(where=hit)}
    if v.is_ in ("first_after", "time_to"):
        return {_seen(v): events.date.min(where=hit)}
    if v.is_ == "category":
        rank = ibis.cases(*((events.category == level, i) for i, level in enumerate(levels)))
        last = (
            events.date.epoch_days().cast("int64") * 1000 + rank
        )  # of one day's categories the one listed last
        return {_seen(v): rank.argmax(last, where=hit & rank.notnull())}
    return {}


def of_values(v: Measure, values: ibis.Table) -> dict[str, ir.Value]:
    """The column that variable V needs of each patient's measurements, one a day; none for other kinds."""
    hit = seen(v, v.of, values)
    found = {
        "latest": lambda: values.value.argmax(values.date, where=hit),
        "mean": lambda: values.value.mean(where=hit),
        "sd": lambda: values.value.std(where=hit, how="sample"),
    }
    return {_seen(v): found[v.is_]()} if v.is_ in found else {}


def of_consultations(v: Measure, consultations: ibis.Table) -> dict[str, ir.Value]:
    """The column that variable V needs of each patient's consultations; none for other kinds."""
    start, end = v.window
    held = within(consultations.date, start, end, consultations).fill_null(False)
    return {_seen(v): consultations.date.nunique(where=held)} if v.is_ == "consultations" else {}


def column(
    v: Measure, row: ibis.Table, above: dict[str, ir.Value], levels: tuple[str, ...], linked: bool
) -> ir.Value:
    """Variable V of each patient, from a row with the patient's dates and with what events and values came to.

    above: the variables defined before it, to build on.
    linked: whether the source has the records of its lists at all; without, it is missing for everyone.
    """
    start, end = v.window

    def number(value: ir.NumericValue) -> ir.NumericValue:
        return value if v.precision is None else rounded(value, float(v.precision))

    if not linked:
        return ibis.null("string" if v.is_ in ("category", "which") else "int8" if _yes_no(v) else "float64")
    kinds: dict[str, Callable[[], ir.Value]] = {
        "sex": lambda: row.sex,
        "region": lambda: row.region,
        "age": lambda: age(row.born, day(v.at, row)),
        "date": lambda: _month(day(v.at, row)) if v.precision == "month" else day(v.at, row),
        "happened": lambda: within(day(v.at, row), start, end, row).fill_null(False).cast("int8"),
        "ever": lambda: (row[_seen(v)].fill_null(0) >= v.at_least).cast("int8"),
        "count": lambda: row[_seen(v)].fill_null(0).cast("int64"),
        "consultations": lambda: row[_seen(v)].fill_null(0).cast("int64"),
        "latest": lambda: number(row[_seen(v)]),
        "mean": lambda: number(row[_seen(v)]),
        "sd": lambda: number(row[_seen(v)]),
        "category": lambda: ibis.cases(*((row[_seen(v)] == i, level) for i, level in enumerate(levels))),
        "which": lambda: _which(v, row),
        "first_after": lambda: days(day(start or INDEX, row), row[_seen(v)]).cast("int64"),
        "time_to": lambda: days(day(start or INDEX, row), row[_seen(v)].fill_null(day(end, row))).cast(
            "int64"
        ),
        "all": lambda: ibis.and_(*(above[part].cast("boolean") for part in v.of)).cast("int8"),
        "any": lambda: ibis.or_(*(above[part].cast("boolean") for part in v.of)).cast("int8"),
    }
    return kinds[v.is_]()


def _seen(v: Measure) -> str:
    """The name of what a patient's events or values come to for V; not its own, which may be that of a date."""
    return f"seen_{v.name}"


def _label(v: Measure, place: int) -> str:
    return f"label{place}_{v.name}"


def _yes_no(v: Measure) -> bool:
    return v.is_ in ("ever", "happened", "all", "any")


def _month(date: ir.DateValue) -> ir.StringValue:
    return date.year().cast("string") + "-" + date.month().cast("string").lpad(2, "0")


def _which(v: Measure, row: ibis.Table) -> ir.StringValue:
    branches = [(row[_label(v, i)].fill_null(False), label) for i, label in enumerate(v.labels)]
    return ibis.cases(*branches, else_=v.otherwise)


def kept(step: Step, row: ibis.Table, place: int) -> ir.BooleanValue:
    """Whether STEP, which stands at PLACE, keeps the patient."""
    kinds: dict[str, Callable[[], ir.BooleanValue]] = {
        "index": lambda: row.index.notnull(),
        "acceptable": lambda: row.acceptable,
        "sex": lambda: row.sex.isin(list(step.among)),
        "age": lambda: age(row.born, day(step.at, row)).between(*(step.between or (0, 0))),
        "dates": lambda: ibis.and_(*(compared(*one, row) for one in step.comparisons)),
        "known": lambda: ibis.and_(*(row[name].notnull() for name in step.all_)),
        "ever": lambda: row[f"step_{place}"],
        "never": lambda: ~row[f"step_{place}"].fill_null(False),
    }
    return kinds[step.is_]().fill_null(False)


def of_events_step(step: Step, events: ibis.Table, place: int) -> dict[str, ir.Value]:
    """The column that STEP, at PLACE, needs of each patient's events; none for other kinds."""
    return {f"step_{place}": seen(step, step.of, events).any()} if step.is_ in ("ever", "never") else {}


def levels_of(v: Measure, definition: Definition, categories: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The levels of a variable with categories, in order: declared, or those of its codelist."""
    return v.levels or categories.get(v.of[0], ()) if v.is_ == "category" else ()
