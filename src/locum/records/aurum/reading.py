"""Read all parts of one table into staged rows, and note which could not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from locum.records.aurum.heading import Unusable, read_heading
from locum.records.aurum.layout import Layout
from locum.records.aurum.parts import Damaged, Part, missing_numbers, unpacked
from locum.records.aurum.staging import quote, stage_part


@dataclass
class Reading:
    """What came of the parts of one table. `names` are the parts in the order of their numbers in staged rows."""

    layout: Layout
    missing: int = 0  # numbers between 1 and the highest of a set
    names: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # "NAME was left out: it …"
    cut: int = 0
    bare: int = 0  # a heading and no row
    lacking: int = 0  # parts that lack columns which nothing needs
    surplus: int = 0  # parts with columns that are not specified
    rows: int = 0
    staged: list[Path] = field(default_factory=list)

    def staged_rows(self) -> str:
        """SQL of the staged rows, with `file_row_number`: with `part`, the place of a row."""
        return f"read_parquet([{', '.join(map(quote, self.staged))}], file_row_number = true)"


def read_table(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    parts: Sequence[Part],
    spill: Path,
    told: Callable[[Part], None],
) -> Reading:
    """Stage every PART of the table LAYOUT in SPILL; TOLD hears of each one before it is read."""
    reading = Reading(layout, missing_numbers(parts))
    for part in parts:
        told(part)
        try:
            _read_part(connection, reading, part, spill)
        except Damaged:
            fault = "is a damaged or locked archive; copy or pack it again"
            reading.left_out.append(f"{part.name} was left out: it {fault}")
        except PermissionError:
            reading.left_out.append(f"{part.name} was left out: it may not be read; ask for the permission")
        except Unusable as why:
            reading.left_out.append(f"{part.name} was left out: it {why}")
    return reading


def _read_part(connection: duckdb.DuckDBPyConnection, reading: Reading, part: Part, spill: Path) -> None:
    to = spill / f"{reading.layout.file}_{len(reading.names):05d}.parquet"
    with unpacked(part, spill) as path:
        heading = read_heading(path, reading.layout)
        rows = stage_part(connection, path, reading.layout, heading, len(reading.names), to)
    reading.names.append(part.name)
    reading.staged.append(to)
    reading.rows += rows
    reading.bare += rows == 0
    reading.cut += heading.cut
    reading.lacking += bool(heading.lacks)
    reading.surplus += bool(heading.surplus)
