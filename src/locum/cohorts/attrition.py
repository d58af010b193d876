"""The attrition of a cohort: how many patients each step left, `attrition.json`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, NonNegativeInt

ROUNDED_TO = 10
"""Counts are rounded to this, so that no two of them differ by a few people (as OpenSAFELY does, to 5 or 6)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AttritionStep(_Strict):
    """One step: its label, and about how many patients were left after it. None: there were some, fewer than 10."""

    label: str
    left: NonNegativeInt | None


class UsedCodelist(_Strict):
    """A codelist by which the cohort was drawn.

    system: of its codes, such as "SNOMED CT concepts". codes: how many. sha256: of its file. date, licence: as
    provenance.toml beside it says. text: the file as it is; None where provenance.toml does not say that it may be
    passed on (redistribute = true): others' codes are under licences of their own.
    """

    name: str
    system: str
    codes: NonNegativeInt
    sha256: str
    date: str = ""
    licence: str = ""
    text: str | None = None


class Attrition(_Strict):
    """From all patients of the records to the cohort, and the codelists that the way was found by."""

    format: int = 1
    cohort: str
    title: str
    source: str  # of the records
    artificial: bool  # the records are artificial
    rounded_to: int = ROUNDED_TO
    patients: NonNegativeInt | None  # in the records
    steps: tuple[AttritionStep, ...]
    codelists: tuple[UsedCodelist, ...] = ()


def disclosed(count: int) -> int | None:
    """COUNT rounded to the nearest ten; None for 1 to 9."""
    if 0 < count < ROUNDED_TO:
        return None
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
