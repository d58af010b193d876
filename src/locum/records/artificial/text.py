"""Columns as text: dates as DD/MM/YYYY, numbers without needless points, identifiers that begin with 9999."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from locum.records.artificial.figures import NEVER
from locum.records.artificial.mess import UNREADABLE

FIRST, LAST = -30_000, 20_000
"""Days that have a text, from 1887 to 2024."""
Table = dict[str, Any]


@cache
def _dates() -> pa.Array:
    """DD/MM/YYYY of FIRST to LAST, then a date that does not exist."""
    days = np.arange(FIRST, LAST).astype("datetime64[D]").astype(str)
    return pa.array([*(f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in days), "30/02/2019"])


def dates(days: np.ndarray) -> pa.Array:
    """Text of DAYS; empty for NEVER, and a date that cannot be read for UNREADABLE."""
    index = np.where(days == UNREADABLE, LAST - FIRST, (days - FIRST).clip(0, LAST - FIRST - 1))
    return pc.take(_dates(), pa.array(index.astype(np.int32), mask=days == NEVER))


def optional(numbers: np.ndarray, there: np.ndarray) -> pa.Array:
    """NUMBERS, empty where they are not THERE."""
    return pa.array(numbers, mask=~there)


def decimals(values: np.ndarray) -> pa.Array:
    """Numbers as text; empty where missing, and without a point where whole."""
    text = pc.cast(pa.array(values, from_pandas=True), pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "")


def patid(number: np.ndarray, pracid: np.ndarray) -> np.ndarray:
    """9999, eight digits of the patient, five of the practice."""
    return np.asarray((9999 * 10**8 + number) * 10**5 + pracid)


def row_id(block: int, row: np.ndarray) -> np.ndarray:
    """Identifiers of rows of a block: 9999, five digits of the block, eight of the row."""
    return (9999 * 10**5 + block) * 10**8 + 1 + row


def write(folder: Path, name: str, part: int, columns: Table) -> None:
    """One part of a table."""
    path = folder / f"artificial_aurum_{name}_{part:03d}.txt"
    with path.open("wb") as file:
        file.write(("\t".join(columns) + "\n").encode("latin-1"))
        rows = next(len(c) for c in columns.values() if c is not None)
        empty = pa.nulls(rows, pa.string())
        table = pa.table({name: empty if c is None else c for name, c in columns.items()})
        options = pa_csv.WriteOptions(
            include_header=False, delimiter="\t", quoting_style="none", batch_size=65536
        )
        pa_csv.write_csv(table, file, options)
