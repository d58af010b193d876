"""The plan of a study, ``study.toml``: which records, which cohorts or tables, and what is made of each."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from locum.errors import BadInput

RESERVED = ("records", "extract")
"""Folders of a study that are no cohort's."""
NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"

Several = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Simulated(_Strict):
    """Artificial records, as `locum simulate aurum` makes them."""

    patients: int = Field(ge=1)


class RecordsPlan(_Strict):
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


class Options(_Strict):
    """What is made of a cohort or a table, by the names of the options of `locum synthesize` and `generate`.

    rows: artificial patients to draw; as many as were learned from when None.
    """

    privacy: Literal["open", "balanced", "strict"] = "balanced"
    missing: Literal["state", "complete", "latent"] = "state"
    latent: Literal["off", "on", "auto"] = "off"
    order: Literal["finest", "tiers"] = "finest"
    target: str | None = None
    holdout: float | None = Field(default=None, gt=0, lt=1)
    rows: int | None = Field(default=None, ge=1)
    quick: bool = False


class CohortPlan(Options):
    """A cohort to draw from the records. definition: a name that ships or a file; the cohort's name when None."""

    definition: str | None = Field(default=None, min_length=1)


class TablePlan(Options):
    """A table as it is. variables: its declaration, inferred when None; patient: the column that tells them apart."""

    source: str = Field(min_length=1)
    variables: str | None = Field(default=None, min_length=1)
    patient: str | None = None


class Plan(_Strict):
    """study.toml."""

    format: Literal[1]
    title: str = ""
    seed: int = Field(default=0, ge=0)
    records: RecordsPlan | None = None
    cohort: dict[Annotated[str, Field(pattern=NAME)], CohortPlan] = {}
    table: dict[Annotated[str, Field(pattern=NAME)], TablePlan] = {}

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
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not TOML: {' '.join(str(error).split())}; mend that line") from None
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise BadInput(f"{where}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """The first fault, where it is and what to do."""
    first = error.errors(include_url=False, include_input=False)[0]
    *_, last = keys = [str(key) for key in first["loc"]] or [""]
    place = ".".join(keys)
    if first["type"] == "extra_forbidden":
        near = get_close_matches(last, _known(keys), 1)
        return f"unknown key {place}; " + (f'did you mean "{near[0]}"?' if near else "take it out")
    if first["type"] == "missing":
        return f"{place} is not given; add it"
    if last == "[key]":
        return f"{'.'.join(keys[:-1])}: the name becomes that of a folder; use letters, digits, - and _, a letter first"
    if first["type"] in ("model_type", "dict_type"):
        return f"{place} is to be a table; write it as [{place}{'.NAME' if keys in (['cohort'], ['table']) else ''}]"
    if first["type"] == "tuple_type":
        return f'{place} is to be a list; write it as {last} = ["..."]'
    message = str(first["msg"]).removeprefix("Value error, ").replace("Input should be", "it has to be")
    return f"{place}: {message}" if place else message


def _known(keys: list[str]) -> list[str]:
    """The keys that may stand where the last of KEYS does."""
    of: dict[str, type[BaseModel]] = {"records": RecordsPlan, "cohort": CohortPlan, "table": TablePlan}
    kind = (
        Simulated if keys[:2] == ["records", "simulate"] else of.get(keys[0], Plan) if len(keys) > 1 else Plan
    )
    return list(kind.model_fields)
