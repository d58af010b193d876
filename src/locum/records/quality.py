"""The data-quality report of an extract: `quality.json`. Counts and names of checks, never a value of a patient."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, NonNegativeInt


class Finding(StrEnum):
    """What a check came to."""

    FINE = "fine"  # none found
    NOTE = "note"  # found, harmless: kept as it is
    WARNING = "warning"  # found, kept or quarantined; a person should know
    FAULT = "fault"  # so much that the extract should be asked for again


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableCount(_Strict):
    """The rows of one table of the contract."""

    table: str
    parts: NonNegativeInt  # files, or 1 for a table of a database
    read: NonNegativeInt
    kept: NonNegativeInt
    quarantined: (
        NonNegativeInt  # written to quarantine/TABLE.parquet with the reason; read = kept + quarantined
    )


class Check(_Strict):
    """One check of one table."""

    name: str  # a word or two: "duplicated rows"
    table: str
    meaning: str  # one sentence for the custodian: what it is and what was done
    found: NonNegativeInt
    of: NonNegativeInt  # rows, files or patients looked at
    finding: Finding


class Quality(_Strict):
    """What was read, what was kept, and what is odd about it."""

    format: int = 1
    source: str  # "CPRD Aurum 2.9", "OMOP CDM 5.3"
    artificial: bool  # the source says of itself that it is artificial
    tables: tuple[TableCount, ...]
    checks: tuple[Check, ...]
    notices: tuple[str, ...] = ()  # sentences that fit no check: what this source does not have
