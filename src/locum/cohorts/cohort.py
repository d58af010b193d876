"""Draw a cohort: a definition, compiled to Ibis and run where the records are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from locum.cohorts.attrition import Attrition, AttritionStep, disclosed
from locum.cohorts.definition import Definition, Measure, Step
from locum.cohorts.events import CODES, matched, measured
from locum.cohorts.expressions import birthday, day, earliest, latest
from locum.cohorts.matched_lists import MatchedList
from locum.cohorts.measures import (
    column,
    kept,
    levels_of,
    of_consultations,
    of_events,
    of_events_step,
    of_values,
)
from locum.cohorts.moments import DATES
from locum.errors import BadInput
from locum.records.contract import Records

Keep = Callable[[str, ibis.Table], ibis.Table]
OF_EVENTS = ("ever", "never")
"""The kinds of steps that look at a patient's events."""


@dataclass(frozen=True)
class Cohort:
    """A cohort that was drawn.

    table: one row a patient, ordered by ``patient``, the identifier, and the variables of the definition.
    sql: the queries as they ran, by name, in order.
    """

    table: pa.Table
    attrition: Attrition
    sql: dict[str, str]


def draw(
    records: Records,
    definition: Definition,
    lists: Mapping[str, MatchedList],
    *,
    source: str,
    artificial: bool,
    stage: Callable[[str], None] = lambda what: None,
) -> Cohort:
    """The cohort of DEFINITION from RECORDS; LISTS holds each codelist that it names.

    Out of core, as far as the engine is; the cohort itself is returned in memory.
    """
    if records.admission is None:
        _no_step_on_admissions(definition, lists)
    sql: dict[str, str] = {}
    with _tables(records.patient.get_backend(), sql) as keep:
        stage("finding events")
        events = keep("events", matched(records, _code_tables(keep, lists), definition))
        people = keep("people", _people(records, definition, events))
        stage("describing patients")
        first = _before_events(definition.step)
        in_sight = people.filter(ibis.and_(ibis.literal(True), *(kept(s, people, i) for i, s in first)))
        row = _joined(people, in_sight, records, events, definition, lists)
        described = keep(
            "described", _described(row, definition, lists, linked=records.admission is not None)
        )
        stage("counting")
        attrition = _attrition(described, definition, source, artificial)
        names = ["patient", *(v.name for v in definition.kept)]
        cohort = described.filter(ibis.and_(*(described[f"keeps_{i}"] for i in range(len(definition.step)))))
        cohort = cohort.select("patient", **{v.name: cohort[f"is_{v.name}"] for v in definition.kept})
        cohort = cohort.order_by("patient")
        sql["cohort"] = str(ibis.to_sql(cohort))
        return Cohort(cohort.to_pyarrow().select(names).combine_chunks(), attrition, sql)


@contextmanager
def _tables(engine: Any, sql: dict[str, str]) -> Iterator[Keep]:
    """A function that makes a temporary table, and notes its query in SQL unless it is data; they go at the end."""
    with ExitStack() as stack:

        def keep(name: str, what: ibis.Table) -> ibis.Table:
            if not isinstance(what.op(), ibis.expr.operations.InMemoryTable):
                sql[f"locum_{name}"] = str(ibis.to_sql(what))
            table = engine.create_table(f"locum_{name}", what, temp=True)
            stack.callback(engine.drop_table, f"locum_{name}")
            return table

        yield keep


def _code_tables(keep: Keep, lists: Mapping[str, MatchedList]) -> dict[str, ibis.Table]:
    """For each table of the contract the codes to look for, as `events.CODES`."""
    rows: dict[str, list[dict[str, str | None]]] = {"observation": [], "medication": []}
    for name, found in sorted(lists.items()):
        for code, category in dict.fromkeys(found.codes):  # a record counts once
            rows.setdefault(found.table, []).append({"list": name, "code": code, "category": category})
    return {
        name: keep(f"codes_{name}", ibis.memtable(pa.Table.from_pylist(some, schema=CODES)))
        for name, some in rows.items()
    }


def _people(records: Records, definition: Definition, events: ibis.Table) -> ibis.Table:
    """Each patient with the dates of `moments.DATES`."""
    practice = records.practice.select("practice", "region", "last_collected")
    row = records.patient.left_join(practice, "practice").drop("practice_right")
    row = row.mutate(born=birthday(row.birth_year, row.birth_month)).drop("birth_year", "birth_month")
    index = definition.index
    if index.latest_of:
        row = row.mutate(index=latest([day(moment, row) for moment in index.latest_of]))
    else:
        dated = events.filter(events.list.isin([*index.first, *index.otherwise])).join(row, "patient")
        for moment, bound in ((index.from_, "from"), (index.to, "to")):
            if moment is not None:
                edge = day(moment, dated)
                dated = dated.filter(dated.date >= edge if bound == "from" else dated.date <= edge)
        found = dated.group_by("patient").aggregate(
            first=dated.date.min(where=dated.list.isin(list(index.first))), any=dated.date.min()
        )
        found = found.select("patient", index=found["first"].coalesce(found["any"]))
        row = row.left_join(found, "patient").drop("patient_right")
    return row.mutate(end=earliest([day(moment, row) for moment in definition.follow_up.earliest_of]))


def _no_step_on_admissions(definition: Definition, lists: Mapping[str, MatchedList]) -> None:
    for step in definition.step:
        if step.is_ in OF_EVENTS and {lists[name].table for name in step.of} == {"admission"}:
            raise BadInput(
                f'step "{step.label}" looks at hospital admissions, and these records have no linked episodes; '
                "load them with the episodes, or take the step out"
            )


def _before_events(steps: tuple[Step, ...]) -> list[tuple[int, Step]]:
    """The steps before the first that looks at events, with their places: who fails them needs no further look."""
    places = [i for i, s in enumerate(steps) if s.is_ in OF_EVENTS]
    return list(enumerate(steps))[: places[0] if places else len(steps)]


def _joined(
    people: ibis.Table,
    in_sight: ibis.Table,
    records: Records,
    events: ibis.Table,
    definition: Definition,
    lists: Mapping[str, MatchedList],
) -> ibis.Table:
    """People, with what the events, measurements and consultations of those IN_SIGHT come to."""
    categories = {name: found.categories for name, found in lists.items()}
    edges = {
        m.column: m for m in definition.edges if m.number
    }  # worked out once a patient, not for each event
    dates = in_sight.select("patient", *DATES, **{name: day(m, in_sight) for name, m in edges.items()})
    aggregates: list[tuple[ibis.Table, Callable[[ibis.Table], dict[str, ir.Value]]]] = [
        (events, lambda t: _of_events(t, definition, categories)),
        (measured(events, definition), lambda t: _each(of_values, definition, t)),
        (records.consultation, lambda t: _each(of_consultations, definition, t)),
    ]
    row = people
    for table, columns in aggregates:
        dated = table.join(dates, "patient")
        if wanted := columns(dated):
            row = row.left_join(dated.group_by("patient").aggregate(**wanted), "patient").drop(
                "patient_right"
            )
    return row


def _of_events(
    events: ibis.Table, definition: Definition, categories: dict[str, tuple[str, ...]]
) -> dict[str, ir.Value]:
    found: dict[str, ir.Value] = {}
    for v in definition.variable:
        found.update(of_events(v, events, levels_of(v, definition, categories)))
    for place, step in enumerate(definition.step):
        found.update(of_events_step(step, events, place))
    return found


def _each(
    columns: Callable[[Measure, ibis.Table], dict[str, ir.Value]], definition: Definition, table: ibis.Table
) -> dict[str, ir.Value]:
    return {name: value for v in definition.variable for name, value in columns(v, table).items()}


def _described(
    row: ibis.Table, definition: Definition, lists: Mapping[str, MatchedList], linked: bool
) -> ibis.Table:
    """patient, is_VARIABLE for each variable, keeps_PLACE for each step."""
    categories = {name: found.categories for name, found in lists.items()}
    made: dict[str, ir.Value] = {}
    for v in definition.variable:
        tables = {lists[name].table for name in v.codelists}
        has_source = linked or not tables or tables != {"admission"}
        made[v.name] = column(v, row, made, levels_of(v, definition, categories), has_source)
    return row.select(
        "patient",
        **{f"is_{name}": value for name, value in made.items()},
        **{f"keeps_{i}": kept(step, row, i) for i, step in enumerate(definition.step)},
    )


def _attrition(described: ibis.Table, definition: Definition, source: str, artificial: bool) -> Attrition:
    """How many patients each step left."""
    passes: list[ir.BooleanValue] = []
    left: dict[str, ir.Value] = {"patients": described.count()}
    for place in range(len(definition.step)):
        passes.append(described[f"keeps_{place}"])
        left[f"left_{place}"] = ibis.and_(*passes).sum()
    counts = described.aggregate(**left).to_pyarrow().to_pylist()[0]
    return Attrition(
        cohort=definition.name,
        title=definition.title,
        source=source,
        artificial=artificial,
        patients=disclosed(int(counts["patients"])),
        steps=tuple(
            AttritionStep(label=step.label, left=disclosed(int(counts[f"left_{i}"] or 0)))
            for i, step in enumerate(definition.step)
        ),
    )
