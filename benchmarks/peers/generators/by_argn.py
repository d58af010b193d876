"""by_argn.py TRAIN ROWS SEED OUT MINUTES: TabularARGN of mostlyai-engine, a neural net that draws a column at a time.

Settings are its own defaults, on the processor. Learning stops after MINUTES if it has not converged by then, and
this script says so.
"""

from __future__ import annotations

import sys
import time

import pandas as pd
from mostlyai.engine import TabularARGN


def main() -> None:
    train, rows, seed, out, minutes = sys.argv[1:]
    model = TabularARGN(max_training_time=float(minutes), random_state=int(seed), device="cpu")
    start = time.perf_counter()
    model.fit(pd.read_parquet(train))
    if time.perf_counter() - start >= 60 * float(minutes):
        print(f"note: learning was stopped after {minutes} minutes, before it converged")
    model.sample(n_samples=int(rows)).to_parquet(out, index=False)


if __name__ == "__main__":
    main()
