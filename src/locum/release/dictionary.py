"""The data dictionary, ``dictionary.json``: what each variable means, and how it is spread over the synthetic rows.

Every share is counted on the synthetic table, which is in the package; none is of real patients. The published JSON
Schema is kept beside this file as ``dictionary.schema.json``: `write_schema` writes it, a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from locum.errors import BadInput
from locum.release import codelists
from locum.release.distribution import Bin, Counted, count, day
from locum.release.release import Document, File, Release
from locum.variables import Kind, Variable

SCHEMA = Path(__file__).with_name("dictionary.schema.json")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LevelShare(_Part):
    level: str
    share: float
    """Of all rows, from 0 to 1."""


class MissingShare(_Part):
    reason: str
    share: float
    """Of all rows, from 0 to 1."""


class Quantile(_Part):
    share: float
    """Of the rows with a value, so many have this value or less."""
    value: float | str
    """A number, or a day or moment as ISO 8601 text."""


class HistogramBin(_Part):
    """From one value to under another. The last bin of a table reaches beyond its greatest value."""

    low: float | str
    under: float | str
    share: float
    """Of all rows, from 0 to 1."""


class Marginal(_Part):
    """A variable by itself, over the rows of the synthetic table."""

    present: float
    """Share of rows with a value, from 0 to 1."""
    distinct: int | None
    """Of numbers and dates: how many values there are. None for variables with levels."""
    mean: float | None
    """Of numbers, over the rows with a value."""
    sd: float | None
    quantiles: tuple[Quantile, ...]
    """Of numbers and dates. The first is the least value, the last the greatest."""
    bins: tuple[HistogramBin, ...]
    """Of numbers and dates. With the shares that are missing they add up to 1."""


class Codes(_Part):
    """A codelist. Only its name is known where the cohort was drawn by an older version."""

    name: str
    file: str | None = None
    """In the package. None where it is not the publisher's to pass on: ask them for the one of this hash."""
    sha256: str | None = None
    system: str | None = None
    """What its codes are, such as "SNOMED CT concepts"."""
    codes: int | None = None
    """How many it has."""
    date: str | None = None
    """Of the list, as its author says."""
    licence: str | None = None


class Entry(_Part):
    """A variable of the data."""

    name: str
    kind: Kind
    storage: str
    """The Arrow type of the column."""
    date_format: str | None
    """Of dates written as text, in the codes of strptime."""
    description: str
    unit: str | None
    levels: tuple[LevelShare, ...] | None
    """In order where the kind is ordinal. None for numbers and dates."""
    low: float | str | None
    """End of the plausible range, as declared. None where none was."""
    high: float | str | None
    precision: float | None
    """The step between neighbouring values, as declared."""
    missing: tuple[MissingShare, ...]
    """Why a value may be missing. An empty cell is always "not recorded"."""
    missing_values: dict[str, tuple[str, ...]]
    """Reason of being missing to the values in the data that stand for it, besides an empty cell."""
    role: str
    disclosure: str
    """How much harm the value of a real person would do in the wrong hands."""
    tier: int | None
    """Place in time: 0 demographics, 1 history, and so on, as declared."""
    codelists: tuple[Codes, ...]
    """By which the variable was read, where the cohort was drawn from records."""
    follows: tuple[str, ...]
    """Formulas by which the value follows from other variables, for all rows or for some."""
    marginal: Marginal | None
    """None for a variable that the model does not draw."""


class DictionaryRule(_Part):
    """A condition on the values of one row."""

    holds: str
    exactly: bool
    """True: for every row. False: broken as often as the real patients break it."""


class Dictionary(_Part):
    """The data dictionary of a synthetic dataset."""

    format: Literal[1] = 1
    name: str
    title: str
    version: str
    rows: int
    learned_from_patients: int
    """Real patients whose records the model learned from. More rows than that carry no more information."""
    artificial_source: bool
    """True: the records that were learned from were made up themselves."""
    variables: tuple[Entry, ...]
    """In the order of the columns."""
    rules: tuple[DictionaryRule, ...]


def describe(release: Release) -> Dictionary:
    """The dictionary of the synthetic table.

    Raises BadInput for a column that is not declared.
    """
    about, evidence = release.about, release.evidence
    table, declared = evidence.table, evidence.variables
    unknown = [name for name in table.column_names if name not in declared]
    if unknown:
        raise BadInput(
            f'the synthetic table has a column "{unknown[0]}" that variables.toml does not declare; '
            "declare it, or draw the table again without it"
        )
    return Dictionary(
        name=about.name,
        title=about.title,
        version=about.version,
        rows=table.num_rows,
        learned_from_patients=evidence.metrics.about.train_patients,
        artificial_source=about.artificial or bool(evidence.artificial),
        variables=tuple(_entry(declared[name], release) for name in table.column_names),
        rules=tuple(DictionaryRule(holds=rule.holds, exactly=rule.exactly) for rule in declared.rules),
    )


def _entry(v: Variable, release: Release) -> Entry:
    counted = count(release.evidence.table, v) if v.is_modelled else None
    return Entry(
        name=v.name,
        kind=v.kind,
        storage=v.storage,
        date_format=v.date_format,
        description=v.description,
        unit=v.unit,
        levels=_levels(v, counted),
        low=_end(v.low, v.kind),
        high=_end(v.high, v.kind),
        precision=v.precision,
        missing=tuple(MissingShare(reason=r, share=s) for r, s in counted.missing) if counted else (),
        missing_values=dict(v.missing),
        role=v.role,
        disclosure=v.disclosure,
        tier=v.tier,
        codelists=_codes(v, release),
        follows=tuple(formula.words() for formula in v.follows),
        marginal=_marginal(counted, v.kind) if counted else None,
    )


def _codes(v: Variable, release: Release) -> tuple[Codes, ...]:
    known = {
        one.name: Codes(
            name=one.name,
            file=codelists.path_of(one),
            sha256=one.sha256,
            system=one.system,
            codes=one.codes,
            date=one.date or None,
            licence=one.licence or None,
        )
        for one in codelists.used_by(release, v.codelists)
    }
    return tuple(known.get(name, Codes(name=name)) for name in v.codelists)


def _levels(v: Variable, counted: Counted | None) -> tuple[LevelShare, ...] | None:
    if not v.kind.has_levels:
        return None
    return tuple(LevelShare(level=level, share=share) for level, share in counted.levels) if counted else ()


def _marginal(counted: Counted, kind: Kind) -> Marginal:
    def bins(b: Bin) -> HistogramBin:
        return HistogramBin(low=_value(b.low, kind), under=_value(b.under, kind), share=b.share)

    return Marginal(
        present=counted.present,
        distinct=counted.distinct,
        mean=counted.mean,
        sd=counted.sd,
        quantiles=tuple(Quantile(share=q, value=_value(x, kind)) for q, x in counted.quantiles),
        bins=tuple(bins(b) for b in counted.bins),
    )


def _end(value: float | None, kind: Kind) -> float | str | None:
    return None if value is None else _value(value, kind)


def _value(value: float, kind: Kind) -> float | str:
    return day(value) if kind is Kind.DATE else value


def write(release: Release, _files: Sequence[File]) -> bytes:
    return (describe(release).model_dump_json(indent=1) + "\n").encode()


def schema_text() -> str:
    """The published JSON Schema."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Dictionary.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"


def write_schema() -> None:
    SCHEMA.write_text(schema_text(), encoding="utf-8")


DOCUMENTS = (
    Document(
        "dictionary.json",
        "application/json",
        "Data dictionary for programs: each variable, its meaning, unit, levels and distribution",
        write,
    ),
)
