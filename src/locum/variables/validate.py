"""What a declaration may not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from locum.errors import BadInput
from locum.variables.hierarchy import hierarchy_faults
from locum.variables.reading import raw_number
from locum.variables.rules import rule_clauses
from locum.variables.storage import arrow_type, is_text_storage
from locum.variables.variable import NOT_RECORDED, Kind, Role, Variable, Variables
from locum.variables.writing import from_texts

LEAST_STEP = 1e-100  # finer grids are lost in rounding, down to no number at all
_ONE_OF = (Role.PATIENT, Role.TIME, Role.EVENT, Role.WEIGHT)


def validate(variables: Variables, where: str) -> Variables:
    """VARIABLES, when they agree with themselves; WHERE names the file they come from.

    Raises BadInput that names the file, the variable and the mend.
    """
    if variables.k < 1:
        raise BadInput(f"{where}: k is {variables.k}; give a whole number from 1, such as 10")
    if not variables.variables:
        raise BadInput(f"{where} declares no variable; add a [[variable]] for each column")
    names = Counter(v.name for v in variables)
    if double := [name for name, times in names.items() if times > 1]:
        raise BadInput(f'{where}: variable "{double[0]}" is declared {names[double[0]]} times; keep one')
    for role in _ONE_OF:
        holders = [v.name for v in variables if v.role is role]
        if len(holders) > 1:
            said = " and ".join(f'"{name}"' for name in holders)
            raise BadInput(f'{where}: {said} all have role "{role}"; keep it for one of them')
    for variable in variables:
        for fault in _faults(variable):
            raise BadInput(f'{where}: variable "{variable.name}": {fault}')
        for fault in _formula_faults(variable, variables):
            raise BadInput(f'{where}: variable "{variable.name}": {fault}')
    rule_clauses(variables, where)
    return variables


def _formula_faults(v: Variable, variables: Variables) -> Iterator[str]:
    if v.follows and not v.kind.is_numeric:
        yield f'kind "{v.kind}" cannot follow from others by a formula; take follows out'
    for name in dict.fromkeys(name for formula in v.follows for name in formula.of):
        if name == v.name:
            yield "it follows from itself; take it out of its own formulas"
        elif name not in variables:
            yield f'it follows from "{name}", which is not declared; mend the name'
        elif not (variables[name].is_modelled and variables[name].kind.is_numeric):
            yield f'it follows from "{name}", which is not a number that is modelled; take that formula out'


def _faults(v: Variable) -> Iterator[str]:
    if not v.name.strip():
        yield "it has no name; give the name of its column"
    if v.is_modelled:
        try:
            arrow_type(v.storage)
        except BadInput as error:
            yield str(error)
            return
    if not v.is_modelled and v.role in (Role.TARGET, Role.TIME, Role.EVENT, Role.QUASI_IDENTIFIER):
        yield f'role "{v.role}" needs a variable that is modelled, and kind "{v.kind}" is not; change one'
    yield from _level_faults(v)
    yield from _number_faults(v)
    yield from _missing_faults(v)


def _level_faults(v: Variable) -> Iterator[str]:
    if v.levels and not v.kind.has_levels:
        yield f'kind "{v.kind}" has no levels; take them out, or make it nominal'
        return
    if len(set(v.levels)) < len(v.levels):
        yield "a level is listed twice; keep one"
    if v.hierarchy and v.kind is not Kind.NOMINAL:
        yield f'kind "{v.kind}" has no hierarchy; take it out, or make it nominal'
    yield from hierarchy_faults(v.hierarchy)
    if any(not level.strip() for level in v.levels):
        yield "a level is empty; take it out, an empty cell is always missing"
    if v.kind is Kind.BINARY and len(v.levels) > 2:
        yield f'kind "binary" has at most two levels, not {len(v.levels)}; make it nominal'
    if v.levels and v.is_modelled and from_texts(list(v.levels), v.storage).null_count:
        yield f'a level cannot be written as storage "{v.storage}"; use storage = "string"'


def _number_faults(v: Variable) -> Iterator[str]:
    if not v.kind.is_numeric:
        for key in ("low", "high", "precision"):
            if getattr(v, key) is not None:
                yield f'kind "{v.kind}" has no {key}; take it out, or make it continuous'
    if v.low is not None and v.high is not None and v.low > v.high:
        yield "low is above high; swap them"
    if v.precision is not None and 0 < v.precision < LEAST_STEP:
        yield f"precision is below {LEAST_STEP}; take it out for values that lie on no grid"
    if v.precision is not None and v.precision <= 0:
        yield "precision is not above 0; give the step between values, such as 0.1, or take it out"
    if v.date_format is not None and v.kind is not Kind.DATE:
        yield f'kind "{v.kind}" has no date_format; take it out, or make it a date'
    if (
        v.kind is Kind.DATE
        and v.is_modelled
        and not (is_text_storage(v.storage) or v.storage.startswith(("date", "timestamp")))
    ):
        yield f'a date cannot be written as storage "{v.storage}"; use "date32[day]" or "string"'


def _missing_faults(v: Variable) -> Iterator[str]:
    raws = [raw for values in v.missing.values() for raw in values]
    if len(set(raws)) < len(raws):
        yield "a raw value stands for two missing reasons; keep one"
    if both := set(raws) & set(v.levels):
        yield f"{len(both)} raw value of a missing reason is also a level; keep one"
    if any(not reason.strip() for reason in v.missing):
        yield "a missing reason has no name; name it"
    if any(not values for reason, values in v.missing.items() if reason != NOT_RECORDED):
        yield 'a missing reason lists no raw value; list some, such as ["-7"]'
    if len(v.missing) > 250:
        yield "it has more than 250 missing reasons; merge some"
    if v.kind.is_numeric and v.is_modelled and not is_text_storage(v.storage):
        is_date = v.kind is Kind.DATE
        if any(raw_number(raw, is_date, None) is None for raw in raws):
            what = "dates such as 1900-01-01" if is_date else "numbers"
            yield f'the raw values of its missing reasons must be {what}, since its storage is "{v.storage}"'
