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


class Attrition(_Strict):
    """From all patients of the records to the cohort."""

    format: int = 1
    cohort: str
    title: str
    source: str  # of the records
    artificial: bool  # the records are artificial
    rounded_to: int = ROUNDED_TO
    patients: NonNegativeInt | None  # in the records
    steps: tuple[AttritionStep, ...]


def disclosed(count: int) -> int | None:
    """COUNT rounded to the nearest ten; None for 1 to 9."""
    if 0 < count < ROUNDED_TO:
        return None
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
