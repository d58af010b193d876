"""Fidelity and privacy on real tables: fit and draw with several seeds; a scorer from outside the project judges.

    quality.py --data FOLDER --scorer SCORE.PY [TABLE ...] [--seeds 3] [--privacy balanced] [--attack]
    make bench-quality DATA=FOLDER SCORER=SCORE.PY [TABLES="adult nafld1"]

TABLE names entries of `TABLES`, whose files are in FOLDER; all that are there when none is named.
SCORE.PY TRAIN HOLDOUT SYNTHETIC --json FILE [--target COLUMN --exclude PATTERN ...] must write
{"synthetic": {name: value}, "real": {name: value}}. Medians are printed as a table, beside the numbers to reach.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import attacks
import numpy as np
import pyarrow as pa

import locum
from locum.records.tables import write_table

SCORES = ("c2st", "member_auc", "outlier_auc")
ERRORS = (
    None,
    "member_auc_se",
    "outlier_auc_se",
)  # a leak may exceed its limit by the scorer's standard error
RESULTS_OF_CVD = ("DEATH", "ANGINA", "HOSPMI", "MI_FCHD", "ANYCHD", "STROKE", "HYPERTEN", "TIME*")


@dataclass(frozen=True)
class Table:
    """A public table: whether it comes as two halves or is to be cut in two, and what is wanted of a model of it.

    reach: C2ST, membership AUC, that of the isolated tenth (None: not assessable), set before the model was built.
    within: how much less than the real one the utility may be.
    """

    name: str
    reach: tuple[float, float | None, float | None]
    file: str = ""  # when it comes as one
    drop: tuple[str, ...] = ()
    target: str | None = None
    exclude: tuple[str, ...] = ()
    within: float = 0.0

    @property
    def files(self) -> tuple[str, ...]:
        return (self.file,) if self.file else (f"{self.name}_train.parquet", f"{self.name}_holdout.parquet")

    def halves(self, folder: Path) -> tuple[pa.Table, pa.Table]:
        """Training and unseen rows; a table that comes as one is cut in two at random, always in the same way."""
        tables = [locum.read_table(folder / file) for file in self.files]
        if len(tables) == 2:
            return tables[0], tables[1]
        whole = tables[0].drop_columns([name for name in self.drop if name in tables[0].column_names])
        rows = np.random.default_rng(0).permutation(whole.num_rows)
        half = len(rows) // 2
        return whole.take(np.sort(rows[:half])), whole.take(np.sort(rows[half:]))


TABLES = {
    table.name: table
    for table in (
        Table("adult", (0.540, 0.515, 0.530), target="income", within=0.008),
        Table("framingham", (0.600, 0.515, 0.530), target="CVD", exclude=RESULTS_OF_CVD, within=0.010),
        Table("nhanes", (0.650, 0.515, 0.530), "nhanes_1999_2020_cardio.parquet", ("svy_id",)),
        Table("israel", (0.510, None, None), "israel_covid_279k.parquet"),
        Table("nafld1", (0.530, 0.515, 0.530), "nafld1.parquet", ("", "id", "case.id", "rownames")),
    )
}


def scored(
    table: Table, train: pa.Table, holdout: pa.Table, scorer: Path, privacy: str, seeds: int
) -> tuple[list[dict[str, float | None]], dict[str, float]]:
    """What the scorer says of each seed's draw, with the seconds that fitting and drawing took; and of real rows."""
    found: list[dict[str, float | None]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{name}.parquet") for name in ("train", "holdout", "synthetic")]
        scores = Path(folder, "scores.json")
        options = ["--target", table.target, "--exclude", *table.exclude] if table.target else []
        for rows, file in zip((train, holdout), files[:2], strict=True):
            write_table(rows, file)
        for seed in range(seeds):
            start = time.perf_counter()
            model = locum.fit(train, privacy=privacy, seed=seed)
            fitted = time.perf_counter()
            synthetic = model.sample(train.num_rows, seed=seed)
            drawn = time.perf_counter()
            write_table(synthetic, files[2])
            command = [sys.executable, scorer, *files, "--json", scores, *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            result = json.loads(scores.read_text())
            found.append({**result["synthetic"], "fit": fitted - start, "draw": drawn - fitted})
            shown = [
                f"{name} {value:.3f}"
                for name in (*SCORES, "utility")
                if (value := found[-1].get(name)) is not None
            ]
            print(f"{table.name}, seed {seed}:", *shown, file=sys.stderr, flush=True)
    return found, result["real"]


def median(found: list[dict[str, float | None]], name: str) -> float | None:
    values = [value for one in found if (value := one.get(name)) is not None]
    return statistics.median(values) if values else None


def judged(value: float | None, reach: float | None, error: float | None = None) -> str:
    """The figure, its standard error, and the number to reach; bold where it is reached."""
    if value is None:
        return "not assessable"
    text = f"{value:.3f}" + (f" ± {error:.3f}" if error is not None else "")
    if reach is None:
        return text
    return (
        f"**{text}** ({reach:.3f})" if round(value, 3) <= reach + (error or 0.0) else f"{text} ({reach:.3f})"
    )


def line(
    table: Table, shape: tuple[int, int], found: list[dict[str, float | None]], real: dict[str, float]
) -> str:
    """The table's row of the printed table."""
    cells = [f"{table.name}, {shape[0]:,} × {shape[1]}"]
    for name, error, reach in zip(SCORES, ERRORS, table.reach, strict=True):
        cells.append(judged(median(found, name), reach, median(found, error) if error else None))
    utility = median(found, "utility")
    if utility is None:
        cells.append("")
    else:
        least = real["utility"] - table.within
        mark = "**" if round(utility, 3) >= round(least, 3) else ""
        cells.append(f"{mark}{utility:.3f}{mark} ({least:.3f}; real {real['utility']:.3f})")
    cells.append(f"{median(found, 'fit'):.1f} s, {median(found, 'draw'):.2f} s")
    return f"| {' | '.join(cells)} |"


def wanted(names: Iterable[str], folder: Path) -> list[Table]:
    """The tables of those names, or all whose files are in FOLDER."""
    named = [TABLES[name] for name in names]
    return named or [t for t in TABLES.values() if all((folder / file).exists() for file in t.files)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--privacy", default="balanced", choices=attacks.PRIVACY)
    parser.add_argument("--attack", action="store_true", help="also attack the models (attacks.py)")
    given = parser.parse_args()
    if unknown := set(given.tables) - set(TABLES):
        parser.error(f"unknown table {', '.join(sorted(unknown))}; use {', '.join(TABLES)}")
    tables = wanted(given.tables, given.data)
    if not tables:
        parser.error(f"none of the tables is in {given.data}")
    print(f"privacy {given.privacy}, medians of {given.seeds} seeds; in brackets what is to be reached\n")
    print(
        "| table | C2ST | membership AUC | isolated tenth AUC | utility | fit, draw |\n|---|---|---|---|---|---|"
    )
    for table in tables:
        train, holdout = table.halves(given.data)
        locum.fit(train.slice(0, 200), privacy=given.privacy)  # compiles the kernels, or loads them
        found, real = scored(table, train, holdout, given.scorer, given.privacy, given.seeds)
        print(line(table, (train.num_rows, train.num_columns), found, real), flush=True)
    for table in tables if given.attack else ():
        print(f"\nattacks on models of {table.name}")
        attacked = attacks.Tables.of(*table.halves(given.data))
        attacks.attack(attacked, given.privacy, given.seeds, fits=0, targets=0)


if __name__ == "__main__":
    main()
