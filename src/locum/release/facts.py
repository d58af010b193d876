"""What the machine-readable documents of a package say alike: its names, addresses, sentences and columns."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from locum.cohorts.attrition import Attrition
from locum.errors import BadInput
from locum.release.release import File, Release
from locum.release.seal import PUBLIC_KEY
from locum.variables import NOT_RECORDED, Kind, Variable

PARQUET, CSV = "application/vnd.apache.parquet", "text/csv"
SHOWN = 30
"""Levels that are named in a description; documents that list all of them do so elsewhere."""

Sort = Literal["integer", "number", "boolean", "date", "datetime", "string"]


def as_json(document: Any) -> bytes:
    """DOCUMENT as the bytes of a JSON file. Keys stand in the order in which they were given."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def filled(**entries: Any) -> dict[str, Any]:
    """ENTRIES but those that say nothing: None, and empty text and lists."""
    return {key: value for key, value in entries.items() if value not in (None, "", [], {}, ())}


def data_files(files: Sequence[File]) -> tuple[File, File]:
    """The Parquet and the CSV file."""
    found = {file.path.rpartition(".")[2]: file for file in files if file.path.startswith("data/")}
    return found["parquet"], found["csv"]


def is_signed(files: Sequence[File]) -> bool:
    """Whether the package will be signed: then its public key is written before its documents."""
    return any(file.path == PUBLIC_KEY for file in files)


def columns(release: Release) -> list[tuple[Variable, pa.ChunkedArray]]:
    """The declaration of each column of the table, and its values, in the table's order."""
    table, variables = release.evidence.table, release.evidence.variables
    absent = [name for name in table.column_names if name not in variables]
    if absent:
        raise BadInput(
            f'column "{absent[0]}" of the synthetic table is not declared in variables.toml; evaluate with '
            "the declaration that the rows were drawn with"
        )
    return [(variables[name], table.column(name)) for name in table.column_names]


def sort_of(kind: pa.DataType) -> Sort:
    """What the values of an Arrow type are; a length of time counts its unit, as in the CSV file."""
    if pa.types.is_dictionary(kind):
        return sort_of(kind.value_type)
    if pa.types.is_integer(kind) or pa.types.is_duration(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind):
        return "date"
    return "datetime" if pa.types.is_timestamp(kind) else "string"


def words(variable: Variable) -> str:
    """The variable in sentences: its meaning, unit, levels, and what stands for a missing value."""
    levels = [*variable.levels[:SHOWN], *(["and more"] if len(variable.levels) > SHOWN else [])]
    reasons = [
        f"{reason} ({', '.join(raws)})" for reason, raws in variable.missing.items() if reason != NOT_RECORDED
    ]
    said = (
        variable.description or variable.name,
        f"Unit: {variable.unit}" if variable.unit else "",
        f"{'Levels in order' if variable.kind is Kind.ORDINAL else 'Levels'}: {', '.join(levels)}"
        if levels
        else "",
        f"Missing: empty when {NOT_RECORDED}{''.join(f', {reason}' for reason in reasons)}",
    )
    return " ".join(f"{sentence.rstrip('.')}." for sentence in said if sentence)


def is_artificial(release: Release) -> bool:
    """Whether the records that were learned from are themselves artificial."""
    return release.about.artificial or bool(release.evidence.artificial)


def layout(attrition: Attrition) -> str:
    """What the records are, said so that nobody takes artificial ones for those of a research service."""
    if attrition.artificial:
        return f"Artificial records in the layout of {attrition.source}"
    return attrition.source


def source(release: Release) -> str:
    """What the records are that were learned from; empty where nobody said."""
    attrition = release.evidence.attrition
    return release.about.source or (layout(attrition) if attrition else "")


def people(release: Release, count: int = 2) -> str:
    """Whom the model learned from, after their COUNT."""
    patients = "patient" if count == 1 else "patients"
    return f"{patients} of artificial records" if is_artificial(release) else f"real {patients}"


def nobody(release: Release) -> str:
    """That no row is a person, where locum made the rows; of another generator nobody here can say it."""
    if release.evidence.metrics.about.made:
        return "No row is a person's record."
    return "How the rows were made is for the publisher to say."


def statement(release: Release) -> str:
    """That no row is a person, how many rows there are, and from how many patients they were learned."""
    table, about = release.evidence.table, release.evidence.metrics.about
    return (
        f"Synthetic data: {table.num_rows} artificial patients in {table.num_columns} columns. {nobody(release)} "
        f"A model that learned from {about.train_patients} {people(release)} drew them, and conclusions "
        f"are no more precise than those of {about.train_patients} patients allow, however many rows there are."
    )


def description(release: Release) -> str:
    """What the custodian says of the dataset, and the statement that it is synthetic."""
    return " ".join(filter(None, (release.about.description.strip(), statement(release))))


def address(sha256: str) -> str:
    """A URI that names the bytes of this SHA-256 (RFC 6920), wherever they are kept."""
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode()


def doi(release: Release) -> str | None:
    """The web address of the dataset's DOI."""
    return release.about.identifier and f"https://doi.org/{release.about.identifier}"


def identifier(release: Release, files: Sequence[File]) -> str:
    """The dataset's URI: its DOI, else one that follows from the data's bytes."""
    return doi(release) or f"{address(data_files(files)[0].sha256)}#dataset"


def dates_covered(release: Release) -> tuple[str, str] | None:
    """The first and the last day in the table, dates of demographic variables (such as births) left aside."""
    days = []
    for variable, column in columns(release):
        kind = column.type
        if (
            variable.kind is Kind.DATE
            and variable.tier != 0
            and (pa.types.is_date(kind) or pa.types.is_timestamp(kind))
        ):
            raw = {text for texts in variable.missing.values() for text in texts}
            found = pc.unique(column.cast(pa.date32())).cast(pa.string()).drop_null().to_pylist()
            days += [day for day in found if day not in raw]
    return (min(days), max(days)) if days else None
