"""Time fitting and drawing beside a peer in the same run: sequential CART on scikit-learn's trees (Reiter 2005).

    speed.py [ROWS ...]

The table is simulated: a chain of mixed variables. Times are of the second run, when the kernels are compiled, on one
thread and on all; memory is the peak of the process.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pyarrow as pa
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import locum

VARIABLES = 15


def simulated(rows: int, seed: int = 0) -> pa.Table:
    """Half measurements, half levels, each depending on two before it."""
    rng = np.random.default_rng(seed)
    hidden = [rng.normal(size=rows)]
    for i in range(1, VARIABLES):
        hidden.append(0.6 * hidden[i - 1] + 0.3 * hidden[max(0, i - 3)] + rng.normal(size=rows))
    columns = {}
    for i, h in enumerate(hidden):
        if i % 2:
            columns[f"level{i}"] = pa.array(np.array(list("abcdefgh"))[np.clip((h + 3).astype(int), 0, 7)])
        else:
            columns[f"measure{i}"] = pa.array(np.round(100 + 15 * h, 1))
    return pa.table(columns)


def sequential_cart(table: pa.Table) -> float:
    """Seconds that one tree a variable takes with scikit-learn, fit and draw: the leaf's own values, as synthpop."""
    codes = []
    for column in table.columns:
        values = column.to_numpy() if pa.types.is_floating(column.type) else None
        codes.append(values if values is not None else np.unique(column.to_numpy(), return_inverse=True)[1])
    start = time.perf_counter()
    rng = np.random.default_rng(0)
    drawn = [rng.choice(codes[0], len(codes[0]))]
    for i in range(1, len(codes)):
        kind = DecisionTreeRegressor if codes[i].dtype.kind == "f" else DecisionTreeClassifier
        tree = kind(min_samples_leaf=10).fit(np.stack(codes[:i], axis=1), codes[i])
        homes = tree.apply(np.stack(codes[:i], axis=1))
        order = np.argsort(homes, kind="stable")
        leaf = tree.apply(np.stack(drawn, axis=1))
        first, last = np.searchsorted(homes[order], leaf), np.searchsorted(homes[order], leaf, side="right")
        drawn.append(codes[i][order[(first + rng.random(len(leaf)) * (last - first)).astype(int)]])
    return time.perf_counter() - start


def main() -> None:
    head = (
        f"{'rows':>9}  {'fit, 1 thread':>13}  {'fit, all':>9}  {'draw, all':>9}  {'CART':>8}  {'CART / locum':>12}  "
        "memory"
    )
    print(head)
    for rows in [int(a) for a in sys.argv[1:]] or [16_000, 140_000]:
        table = simulated(rows)
        variables = locum.describe(table)
        locum.fit(table, variables, threads=1).sample(rows)
        times = []
        for threads in (1, None):
            start = time.perf_counter()
            model = locum.fit(table, variables, threads=threads)
            times.append(time.perf_counter() - start)
        start = time.perf_counter()
        model.sample(rows)
        draw = time.perf_counter() - start
        cart = sequential_cart(table)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:>9,}  {times[0]:>11.2f} s  {times[1]:>7.2f} s  {draw:>7.2f} s  {cart:>6.2f} s  "
            f"{cart / (times[1] + draw):>12.2f}  {memory:,.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
