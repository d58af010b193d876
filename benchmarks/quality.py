"""Fit and draw a table with several seeds, and let a scorer from outside the project judge each draw.

    quality.py TRAIN HOLDOUT --scorer SCORE.PY [--seeds 3] [--privacy balanced] [SCORER OPTIONS]

SCORE.PY TRAIN HOLDOUT SYNTHETIC --json FILE must write {"synthetic": {name: value}, "real": {name: value}}.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import locum
from locum.records.tables import write_table

SHOWN = ("c2st", "member_auc", "member_tpr_at_1pct", "outlier_auc", "utility", "shape", "trend", "missing")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("holdout", type=Path)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--privacy", default="balanced")
    given, options = parser.parse_known_args()  # what is not ours is handed to the scorer
    train = locum.read_table(given.train)
    locum.fit(train, privacy=given.privacy)  # compiles the kernels
    found: list[dict[str, float | None]] = []
    for seed in range(given.seeds):
        start = time.perf_counter()
        model = locum.fit(train, privacy=given.privacy, seed=seed)
        fitted = time.perf_counter()
        synthetic = model.sample(train.num_rows, seed=seed)
        drawn = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            table, scores = Path(folder, "synthetic.parquet"), Path(folder, "scores.json")
            write_table(synthetic, table)
            subprocess.run(
                [
                    sys.executable,
                    given.scorer,
                    given.train,
                    given.holdout,
                    table,
                    "--json",
                    scores,
                    *options,
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            scored = json.loads(scores.read_text())
        found.append(scored["synthetic"])
        shown = "  ".join(
            f"{name} {value:.3f}" for name in SHOWN if (value := found[-1].get(name)) is not None
        )
        print(f"seed {seed}: fit {fitted - start:.2f} s, draw {drawn - fitted:.2f} s  {shown}", flush=True)
    for name in SHOWN:
        values = [value for one in found if (value := one.get(name)) is not None]
        if values:
            real = scored["real"].get(name)
            beside = f"   real {real:.3f}" if real is not None else ""
            print(f"median {name:20} {statistics.median(values):.3f}{beside}")


if __name__ == "__main__":
    main()
