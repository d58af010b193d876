"""Read what is released, and the evidence on it, from a folder; what must not leave it is never opened."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from locum.cohorts.attrition import ROUNDED_TO, Attrition
from locum.digest import sha256
from locum.errors import BadInput
from locum.evaluate.metrics import Metrics
from locum.network.graph.schema import Graph
from locum.release.agreement import is_stored_as
from locum.release.release import Evidence
from locum.release.within import levels_hold, range_holds
from locum.report import load_attrition, load_graph, load_metrics
from locum.variables import OTHER, Variable, Variables, check, read_toml

GUARD, FIELD_ID = b"locum.guard", b"PARQUET:field_id"
"""Metadata that may stand in the Parquet file: how many rows were drawn again, and the numbers of columns."""
TABLE, DECLARATION, METRICS = "synthetic.parquet", "variables.toml", "metrics.json"
GRAPH, ATTRITION = "graph.json", "attrition.json"
PRIVATE = "private"


def read(folder: Path) -> Evidence:
    """The evidence in FOLDER, of `locum synthesize`, of a cohort of `locum run`, or of the commands one by one.

    Raises BadInput, in one line, for a file that is missing, broken or beyond the folder, and where the files do not
    speak of one table.
    """
    _check_folder(folder)
    parquet, table = _table(folder / TABLE)
    variables = read_toml(folder / DECLARATION)
    metrics = load_metrics(folder / METRICS)
    _check_table(table, variables, folder)
    _check_metrics(metrics, table, variables, folder)
    graph, attrition = load_graph(folder), load_attrition(folder)
    _check_graph(graph, variables, folder)
    _check_attrition(attrition, metrics, folder)
    read = [DECLARATION, METRICS]
    read += [name for name, one in ((GRAPH, graph), (ATTRITION, attrition)) if one is not None]
    hashes = {name: sha256(folder / name) for name in read}
    hashes = {TABLE: hashlib.sha256(parquet).hexdigest(), **hashes}
    return Evidence(table, parquet, variables, metrics, graph, attrition, hashes)


def check_values(evidence: Evidence, folder: Path) -> None:
    """Raises BadInput when the rows are not as they were declared: whoever verifies the package would refuse it."""
    for variable in evidence.variables.modelled:
        if wrong := _oddity(evidence.table.column(variable.name), variable):
            raise BadInput(
                f'{folder / TABLE}: "{variable.name}" {wrong}; mend the one or the other, and evaluate the table again'
            )


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise BadInput(f"{folder} {what}; give the folder that 'locum synthesize' wrote, or one like it")
    for name in (TABLE, DECLARATION, METRICS):
        if not (folder / name).is_file():
            raise BadInput(f"{folder} holds no {name}; {_mend(folder, name)}")
    private = (folder / PRIVATE).resolve()
    for name in (TABLE, DECLARATION, METRICS, GRAPH, ATTRITION):
        if private in (folder / name).resolve().parents:
            raise BadInput(
                f"{folder / name} is a file in {PRIVATE}/, whose files must not leave; take it away"
            )


def _mend(folder: Path, name: str) -> str:
    inner = sorted(path.parent.name for path in folder.glob(f"*/{TABLE}") if path.parent.name != PRIVATE)
    if inner:
        return f"name one of its folders: {', '.join(inner)}"
    return {
        TABLE: "put the artificial patients there, as they were evaluated",
        DECLARATION: "put the declaration there, which 'locum describe' writes",
        METRICS: "nothing is released without its evaluation; see 'locum evaluate'",
    }[name]


def _table(file: Path) -> tuple[bytes, pa.Table]:
    """The bytes of the file and the table in them: what is hashed is what is read."""
    try:
        parquet = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}); check its permissions") from None
    try:
        table = pq.ParquetFile(pa.BufferReader(parquet)).read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeError):
        raise BadInput(f"{file} is damaged, or no Parquet file; draw the artificial patients again") from None
    _check_notes(table.schema, file)
    return parquet, table


def _check_notes(schema: pa.Schema, file: Path) -> None:
    """Nothing goes out in the Parquet file beside its rows, but for what locum writes there."""
    notes = set(schema.metadata or {}).union(*(field.metadata or {} for field in schema)) - {GUARD, FIELD_ID}
    if notes:
        named = min(notes).decode("utf-8", errors="replace")
        raise BadInput(
            f'{file} carries notes beside its rows, under "{named}", that nobody looked at; write it without them '
            "(in Python: table.replace_schema_metadata(None)) and evaluate it again"
        )


def _check_table(table: pa.Table, variables: Variables, folder: Path) -> None:
    """The table has every variable that is declared, and nothing that was not evaluated."""
    # an artificial table has no identifiers, not even of patients
    check(table, replace(variables, variables=variables.modelled), str(folder / TABLE))
    modelled = {v.name for v in variables.modelled}
    if more := [name for name in table.column_names if name not in modelled]:
        raise BadInput(
            f'{folder / TABLE} has a column "{more[0]}" that {DECLARATION} does not declare as a variable, so that it '
            "was not evaluated; draw the artificial patients again without it"
        )
    for variable in variables.modelled:
        if _holds_more(table[variable.name], variable):
            raise BadInput(
                f'{folder / TABLE} holds values of "{variable.name}" that no row has and that are not declared, such '
                "as rare levels of the real table; write that column as text and evaluate again"
            )


def _holds_more(column: pa.ChunkedArray, variable: Variable) -> bool:
    """Whether the file has values in the dictionary of COLUMN that neither a row has nor the declaration."""
    if not pa.types.is_dictionary(column.type):
        return False
    held = {value for chunk in column.chunks for value in chunk.dictionary.to_pylist()}
    used = set(pc.unique(column.cast(column.type.value_type)).to_pylist())
    declared = {*variable.levels, OTHER, *chain.from_iterable(variable.missing.values())}
    return not {str(value) for value in held - used} <= declared


def _oddity(column: pa.ChunkedArray, variable: Variable) -> str | None:
    """In what COLUMN is not as it was declared, or None."""
    if not is_stored_as(column.type, variable.storage):
        return f"is stored as {column.type}, and {DECLARATION} says {variable.storage}"
    if variable.kind.has_levels:
        if not levels_hold(column, variable.levels, variable):
            return f"has a level that {DECLARATION} does not declare"
        return None
    try:
        holds = range_holds(column, variable.low, variable.high, variable)
    except BadInput:
        return f"does not read as {variable.kind}, as {DECLARATION} says"
    return None if holds else f"has values beyond the low or high of {DECLARATION}"


def _check_metrics(metrics: Metrics, table: pa.Table, variables: Variables, folder: Path) -> None:
    """The metrics speak of so many rows, of these variables, and of no others."""
    about, file = metrics.about, folder / METRICS
    if about.synthetic_rows != table.num_rows:
        raise BadInput(
            f"{file} speaks of {about.synthetic_rows:,} artificial patients, and {TABLE} has {table.num_rows:,}; "
            "evaluate this table"
        )
    names, charted = {v.name for v in variables.modelled}, {m.variable for m in metrics.marginals}
    if odd := sorted(names ^ charted):
        where = f"in {DECLARATION} and not" if odd[0] in names else f"not in {DECLARATION} but"
        raise BadInput(
            f'{file} is of another table: the variable "{odd[0]}" is {where} in it; evaluate this table'
        )
    if about.k != variables.k:
        raise BadInput(
            f"{file} has k {about.k}, and {DECLARATION} {variables.k}; evaluate with this declaration"
        )


def _check_graph(graph: Graph | None, variables: Variables, folder: Path) -> None:
    if graph is not None and {v.variable for v in graph.variables} != {v.name for v in variables.modelled}:
        raise BadInput(
            f"{folder / GRAPH} is of a model with other variables; take it away, or learn the model again"
        )


def _check_attrition(attrition: Attrition | None, metrics: Metrics, folder: Path) -> None:
    if attrition is not None and attrition.format != 1:
        raise BadInput(f"{folder / ATTRITION} is of another version; draw the cohort again")
    if attrition is None:
        return
    if metrics.about.artificial is not None and metrics.about.artificial is not attrition.artificial:
        one, other = ("artificial", "real") if attrition.artificial else ("real", "artificial")
        raise BadInput(
            f"{folder / ATTRITION} says that the records are {one}, and {METRICS} that they are {other}; "
            "draw the cohort and evaluate the table again"
        )
    counts = [attrition.patients, *(step.left for step in attrition.steps)]
    if attrition.rounded_to < ROUNDED_TO or any(count % attrition.rounded_to for count in counts if count):
        raise BadInput(
            f"{folder / ATTRITION} has counts of patients that are not rounded to {ROUNDED_TO}; draw the cohort again"
        )
