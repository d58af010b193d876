"""Time the evaluation of a large table, and its search for neighbours beside scikit-learn's in the same run.

    evaluation.py [ROWS] [--levels full quick] [--searched ROWS ...] [--stages]

`locum.evaluate` compares three simulated tables (`tables.py`) of ROWS patients, each level in a process of its own, its
kernels compiled. Then the nearest of a number of rows is looked for by `locum.evaluate.neighbours` and by scikit-learn
on a pandas frame of the same distance, which must give the same distances.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.neighbors import NearestNeighbors
from tables import COLUMNS, primary_care

import locum
from locum.evaluate.neighbours import Embedding, nearest
from locum.evaluate.sample import Sample, Trio, read_trio

ROWS, QUERIES = 500_000, 1_000
SEARCHED = (5_000, 20_000, 60_000)
LEVELS = ("full", "quick")


def tables(rows: int) -> list[pa.Table]:
    """Training, unseen and synthetic patients, all of the same population."""
    made = (primary_care(rows, COLUMNS, seed) for seed in range(3))
    return [pa.table({k: pa.array(v, from_pandas=True) for k, v in table.items()}) for table in made]


def alone(rows: int, level: str) -> dict[str, object]:
    """Seconds of wall-clock and of processor of one evaluation, of each of its stages, and the peak of memory in GB."""
    quick = level == "quick"
    small = tables(2_000)
    locum.evaluate(*small, variables=locum.describe(small[0]), quick=quick)  # compiles the kernels
    given = tables(rows)
    variables = locum.describe(given[0])
    stages: list[tuple[str, float, float]] = []
    locum.evaluate(
        *given,
        variables=variables,
        quick=quick,
        progress=lambda name: stages.append((name, time.perf_counter(), time.process_time())),
    )
    stages.append(("", time.perf_counter(), time.process_time()))
    each = [(a[0], b[1] - a[1], b[2] - a[2]) for a, b in itertools.pairwise(stages)]
    return {
        "wall": stages[-1][1] - stages[0][1],
        "cpu": stages[-1][2] - stages[0][2],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "stages": each,
    }


def levels(rows: int, wanted: list[str], stages: bool) -> None:
    for level in wanted:
        command = [sys.executable, "-W", "ignore", __file__, str(rows), "--alone", level]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"{level:>6}, {rows:,} x {COLUMNS} three times: {found['wall']:.0f} s, {found['cpu']:.0f} s of processor, "
            f"{found['memory']:.1f} GB at most",
            flush=True,
        )
        for name, wall, work in found["stages"] if stages else []:
            print(f"        {wall:>6.1f} s  {work:>6.1f} s of processor  {name}")


def frame(sample: Sample, embedding: Embedding) -> pd.DataFrame:
    """SAMPLE so that the sum of absolute differences is Gower's distance with missing as a state: levels as indicators,
    a rank r as r and 1 - r, missing as an indicator."""
    columns: dict[str, object] = {}
    for place, column in enumerate(sample.columns):
        scale, gone = embedding.scales[place], column.missing > 0
        values = np.nan_to_num(column.values)
        if scale is None:
            columns[column.variable.name] = pd.Series(np.where(gone, -1.0, values)).astype("category")
            continue
        rank = scale.of(values)
        columns[f"{place} up"] = np.where(gone, 0.0, rank)
        columns[f"{place} down"] = np.where(gone, 0.0, 1 - rank)
        columns[f"{place} gone"] = gone.astype(float)
    return pd.get_dummies(pd.DataFrame(columns), dtype=float) / 2


def neighbours(trio: Trio, rows: int) -> None:
    rng = np.random.default_rng(0)
    embedding = Embedding.on([trio.train, trio.holdout], rng)
    query, base = trio.holdout.draw(QUERIES, rng), trio.synthetic.draw(rows, rng)
    nearest(embedding.points(query), embedding.points(base))  # compiles the kernels
    start, work = time.perf_counter(), time.process_time()
    ours = nearest(embedding.points(query), embedding.points(base))
    own = time.perf_counter() - start, time.process_time() - work
    start, work = time.perf_counter(), time.process_time()
    left = frame(query, embedding)
    right = frame(base, embedding)
    left, right = left.align(right, join="outer", axis=1, fill_value=0.0)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute", metric="manhattan", n_jobs=-1)
    theirs = search.fit(right.to_numpy()).kneighbors(left.to_numpy())[0][:, 0]
    naive = time.perf_counter() - start, time.process_time() - work
    if not np.allclose(ours, theirs, atol=1e-4):
        raise SystemExit(f"the distances differ by up to {np.abs(ours - theirs).max():.5f}")
    print(
        f"{QUERIES:,} rows among {rows:>9,}: {own[0]:.2f} s ({own[1]:.2f} s of processor); "
        f"scikit-learn {naive[0]:.1f} s ({naive[1]:.1f} s), {naive[0] / own[0]:.0f} ({naive[1] / own[1]:.0f}) times as "
        "long, same distances",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--levels", nargs="*", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--searched", nargs="*", type=int, default=list(SEARCHED))
    parser.add_argument("--stages", action="store_true", help="print what each stage took")
    parser.add_argument("--alone", choices=LEVELS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(alone(given.rows, given.alone)))
        return
    levels(given.rows, given.levels, given.stages)
    if given.searched:
        made = tables(max(given.searched))
        trio = read_trio(*made, locum.describe(made[0]), np.random.default_rng(0))
        for rows in given.searched:
            neighbours(trio, rows)


if __name__ == "__main__":
    main()
