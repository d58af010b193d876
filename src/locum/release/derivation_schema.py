"""The shape of ``derivation.json``: whose copy of which package this is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Base(_Part):
    """The package that was copied. parquet, sums: SHA-256 of its data and of its SHA256SUMS."""

    name: str
    version: str
    rows: int
    parquet: str
    sums: str


class Derivation(_Part):
    """How a copy came from its base. left_out: the chance of each row to be left out."""

    format: int = 1
    base: Base
    recipient: str
    rows: int
    left_out: float
