"""The plan of a study, ``study.toml``: which records, which cohorts or tables, and what is made of each."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from locum.strict import Several, Strict, parse, validate

RESERVED = ("records", "extract")
"""Folders of a study that are no cohort's."""


def _named(name: str) -> str:
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", name):
        raise ValueError("the name becomes that of a folder; use letters, digits, - and _, a letter first")
    return name


Name = Annotated[str, AfterValidator(_named)]


class Simulated(Strict):
    """Artificial records, as `locum simulate aurum` makes them."""

    patients: int = Field(ge=1)


class RecordsPlan(Strict):
    """Where the records come from.

    source: raw or loaded records, as `locum load` and `locum extract` take them.
    codelists: folders of lists that come before those of the definition and of locum.
    """

    simulate: Simulated | None = None
    source: str | None = Field(default=None, min_length=1)
    codelists: Several = ()

    @model_validator(mode="after")
    def _one(self) -> RecordsPlan:
        if (self.simulate is None) == (self.source is None):
            raise ValueError("give simulate or source, one of them")
        return self


class Options(Strict):
    """What is made of a cohort or a table, by the names of the options of `locum synthesize` and `generate`.

    rows: artificial patients to draw; as many as were learned from when None.
    leave_out: columns that are not part of the dataset.
    """

    privacy: Literal["open", "balanced", "strict"] = "balanced"
    missing: Literal["state", "complete", "latent"] = "state"
    latent: Literal["off", "on", "auto"] = "off"
    order: Literal["finest", "tiers"] = "finest"
    target: str | None = None
    holdout: float | None = Field(default=None, gt=0, lt=1)
    rows: int | None = Field(default=None, ge=1)
    leave_out: Several = ()
    quick: bool = False


class CohortPlan(Options):
    """A cohort to draw from the records. definition: a name that ships or a file; the cohort's name when None."""

    definition: str | None = Field(default=None, min_length=1)


class TablePlan(Options):
    """A table as it is. variables: its declaration, inferred when None; patient: the column that tells them apart."""

    source: str = Field(min_length=1)
    variables: str | None = Field(default=None, min_length=1)
    patient: str | None = None


class Plan(Strict):
    """study.toml."""

    format: Literal[1]
    title: str = ""
    seed: int = Field(default=0, ge=0)
    records: RecordsPlan | None = None
    cohort: dict[Name, CohortPlan] = Field(default_factory=dict)
    table: dict[Name, TablePlan] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees(self) -> Plan:
        names = [*self.cohort, *self.table]
        if not names:
            raise ValueError("there is nothing to make; add a table such as [cohort.cvd]")
        if self.cohort and self.records is None:
            raise ValueError("cohorts are drawn from records; add a table [records]")
        if self.records is not None and not self.cohort:
            raise ValueError("no cohort is drawn from the records; add a table such as [cohort.cvd]")
        lower = [name.lower() for name in names]
        if taken := [name for name in names if name.lower() in RESERVED]:
            raise ValueError(f'"{taken[0]}" is a folder of every study; name it otherwise')
        if double := [name for i, name in enumerate(names) if name.lower() in lower[:i]]:
            raise ValueError(f'"{double[0]}" is named twice; both would be written to one folder')
        return self


def parse_plan(text: str, where: str) -> Plan:
    """The plan in TEXT; WHERE names the file. Raises BadInput that says what is wrong in which entry."""
    return validate(parse(text, where), Plan, where)
