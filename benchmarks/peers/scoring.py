"""The tables, cut in two, and what is said of what a generator made of the first half.

A scorer from outside the project is neutral; `locum.evaluate` is not quite, and stands in where none is given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import quality
from benchmarks.peers.results import Scores

import locum
from locum.records.tables import write_table

OUTSIDE = "a scorer from outside the project"
OWN = "locum evaluate --quick"
ONE_THREAD = {
    "OMP_NUM_THREADS": "1"
}  # threads that wait for each other take ten times as long on a busy machine
SHIPPED = "gbsg2"  # 686 women with breast cancer: lifelines ships it, so that anyone can run this
SHIPPED_TARGET = "cens"
TITLES = {"c2st": "c2st", "membership_auc": "member_auc", "membership_auc_isolated": "outlier_auc"}


@dataclass(frozen=True)
class Halves:
    """Rows to learn from and rows never seen, and the options of the outside scorer."""

    name: str
    train: pa.Table
    holdout: pa.Table
    target: str | None
    exclude: tuple[str, ...] = ()


def halves(name: str, data: Path | None) -> Halves:
    """A table of benchmarks/quality.py, in DATA; or, without DATA, the one that lifelines ships."""
    if data is not None:
        table = quality.TABLES[name]
        return Halves(name, *table.halves(data), table.target, table.exclude)
    whole = locum.read_table(Path(str(files("lifelines.datasets") / f"{name}.csv")))
    rows = np.random.default_rng(0).permutation(whole.num_rows)
    half = len(rows) // 2
    return Halves(name, whole.take(np.sort(rows[:half])), whole.take(np.sort(rows[half:])), SHIPPED_TARGET)


class NotScored(Exception):
    """The scorer refused what a generator wrote; the message is the last line that it said."""


def score(given: Halves, folder: Path, scorer: Path | None) -> tuple[Scores, Scores]:
    """Of FOLDER/synthetic.parquet, and of real rows; raises NotScored."""
    if scorer is None:
        return _own(given, folder)
    out = folder / "scores.json"
    rows = [folder / f"{name}.parquet" for name in ("train", "holdout", "synthetic")]
    options = ["--target", given.target, "--exclude", *given.exclude] if given.target else []
    command = [sys.executable, scorer, *rows, "--json", out, *options]
    found = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if found.returncode:
        raise NotScored((found.stderr.strip().splitlines() or [""])[-1])
    result = json.loads(out.read_text())
    return result["synthetic"], result["real"]


def _own(given: Halves, folder: Path) -> tuple[Scores, Scores]:
    try:
        found = locum.evaluate(
            given.train, given.holdout, folder / "synthetic.parquet", target=given.target, quick=True
        )
    except locum.LocumError as error:
        raise NotScored(str(error)) from error
    metrics = {metric.name: metric for metric in found.metrics if metric.name in TITLES}
    synthetic: Scores = {TITLES[name]: metric.value for name, metric in metrics.items()}
    real: Scores = {TITLES[name]: metric.ceiling for name, metric in metrics.items()}
    attack = metrics["membership_auc"].interval
    synthetic["member_auc_se"] = None if attack is None else (attack[1] - attack[0]) / (2 * 1.96)
    return synthetic, real


def lay(given: Halves, folder: Path) -> None:
    """The two halves as files, for generators and scorer."""
    write_table(given.train, folder / "train.parquet")
    write_table(given.holdout, folder / "holdout.parquet")
