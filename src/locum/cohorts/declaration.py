"""The declaration of a cohort's variables, from its definition: nothing is left to be guessed from the table."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from locum.cohorts.definition import YES_NO, Definition, Measure
from locum.variables.rules import rule_clauses
from locum.variables.variable import Disclosure, Kind, Role, Rule, Variable, Variables

_WHOLE = ("age", "count", "consultations", "first_after", "time_to")


def declaration(definition: Definition, table: pa.Table) -> Variables:
    """The declaration of TABLE, a cohort of DEFINITION; of the table only levels are read, such as regions.

    Raises BadInput for a rule that does not fit the variables.
    """
    patient = Variable(
        "patient",
        Kind.IDENTIFIER,
        role=Role.IDENTIFIER,
        disclosure=Disclosure.DIRECT,
        description="Identifier of the source; never learned, never generated",
    )
    columns = (_variable(v, definition, table[v.name]) for v in definition.kept)
    rules = tuple(Rule(rule.holds, rule.exactly) for rule in definition.rules)
    found = Variables((patient, *columns), rules=rules)
    rule_clauses(found, f"the cohort {definition.name}")
    return found


def _variable(v: Measure, definition: Definition, column: pa.ChunkedArray) -> Variable:
    plain = Variable(
        v.name,
        Kind.NOMINAL,
        role=v.role,
        tier=v.tier,
        description=v.description,
        unit=v.unit,
        codelists=definition.codelists_of(v),
    )
    if v.is_ in YES_NO:
        return replace(plain, kind=Kind.BINARY, storage="int8", levels=("0", "1"))
    if v.is_ in _WHOLE:
        return replace(plain, kind=Kind.COUNT, storage="int64", low=0, precision=1)
    if v.is_ == "date" and v.precision != "month":
        return replace(plain, kind=Kind.DATE, storage="date32[day]", precision=1)
    if v.is_ in ("latest", "mean", "sd"):
        return _measured(v, definition, plain)
    levels = _levels(v, column)
    ordered = v.ordered or v.is_ == "date"
    kind = Kind.ORDINAL if ordered else Kind.BINARY if len(levels) == 2 else Kind.NOMINAL
    return replace(plain, kind=kind, levels=levels)


def _measured(v: Measure, definition: Definition, plain: Variable) -> Variable:
    low, high = definition.measurement[v.of[0]].plausible
    if v.is_ == "sd":  # two values differ by no more than the range is wide
        low, high = 0.0, high - low
    step = None if v.precision is None else float(v.precision)
    storage = "int64" if step is not None and step.is_integer() else "double"
    return replace(plain, kind=Kind.CONTINUOUS, storage=storage, low=low, high=high, precision=step)


def _levels(v: Measure, column: pa.ChunkedArray) -> tuple[str, ...]:
    if v.is_ == "which":
        return (*v.labels, *([v.otherwise] if v.otherwise else ()))
    present = {level for level in pc.unique(column).to_pylist() if level is not None}
    if v.is_ == "sex":  # also where all are of one sex, so that a rule can speak of the other
        present |= {"F", "M"}
    return v.levels or tuple(sorted(present))
