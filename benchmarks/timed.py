"""Time one generator on one simulated table, in a process of its own, and print the figures as one line of JSON.

    timed.py locum|synthpop|pyagrum ROWS COLUMNS [THREADS]

Seconds of wall-clock and of processor, and the peak of memory. `speed.py` runs this, synthpop with a Python of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from tables import primary_care

Figures = dict[str, float]
BINS = 10  # a number is cut into, for the peer that knows no numbers
REPEATS = 2  # of which the faster counts: other work may share the machine


@contextlib.contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    """Keep the wall-clock and the processor's seconds of what is inside; the least, when it comes again."""
    wall, work = time.perf_counter(), time.process_time()
    yield
    seconds = {name: time.perf_counter() - wall, f"{name} cpu": time.process_time() - work}
    for key, value in seconds.items():
        figures[key] = min(value, figures.get(key, np.inf))


def peak() -> float:
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def locum(rows: int, columns: int, threads: int) -> Figures:
    import pyarrow as pa

    import locum

    small = pa.table({k: pa.array(v, from_pandas=True) for k, v in primary_care(2_000, columns).items()})
    locum.fit(small, threads=threads).sample(2_000, threads=threads)  # compiles the kernels
    table = pa.table({k: pa.array(v, from_pandas=True) for k, v in primary_care(rows, columns).items()})
    figures: Figures = {"table": peak()}
    with timed(figures, "describe"):
        variables = locum.describe(table)
    for _ in range(REPEATS):
        with timed(figures, "fit"):
            model = locum.fit(table, variables, threads=threads)
        with timed(figures, "draw"):
            model.sample(rows, threads=threads)
        with timed(figures, "sample"):  # without the table of Arrow
            model.network.sample(rows, threads=threads)
    return figures


def synthpop(rows: int, columns: int, threads: int) -> Figures:
    import pandas as pd
    from synthpop import Synthesiser

    frame = pd.DataFrame(primary_care(rows, columns))
    for name in frame.columns:
        if frame[name].dtype.kind not in "if":
            frame[name] = frame[name].astype("category")
    figures: Figures = {"table": peak()}
    synthesiser = Synthesiser(random_seed=42)
    with timed(figures, "fit"):
        synthesiser.fit(frame)
    with timed(figures, "draw"):
        synthesiser.generate(rows)
    return figures


def pyagrum(rows: int, columns: int, threads: int) -> Figures:
    import pandas as pd
    import pyagrum

    frame = pd.DataFrame({k: _binned(v) for k, v in primary_care(rows, columns).items()})
    figures: Figures = {"table": peak()}
    with timed(figures, "fit"):
        learner = pyagrum.BNLearner(frame)
        learner.setNumberOfThreads(threads)
        learner.useGreedyHillClimbing()
        learner.useScoreBIC()
        learner.useSmoothingPrior()
        learner.learnBN()
    return figures


def _binned(values: np.ndarray) -> np.ndarray:
    """Whole numbers from 0: levels as they are, numbers cut at quantiles, what is missing last."""
    if values.dtype.kind not in "if":
        return np.unique(values.astype(str), return_inverse=True)[1]
    cuts = np.unique(np.nanquantile(values, np.arange(1, BINS) / BINS))
    return np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values, side="right"))


GENERATORS: dict[str, Callable[[int, int, int], Figures]] = {
    "locum": locum,
    "synthpop": synthpop,
    "pyagrum": pyagrum,
}


def main() -> None:
    name, rows, columns, *rest = sys.argv[1:]
    threads = int(rest[0]) if rest else os.cpu_count() or 1
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        figures = GENERATORS[name](int(rows), int(columns), threads)
    figures["memory"] = peak()
    print(json.dumps({key: round(value, 4) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
