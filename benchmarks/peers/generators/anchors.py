"""anchors.py TRAIN ROWS SEED OUT independent|copy|half: what no one should release, so that the others have a scale.

independent: each column is drawn by itself, so all that goes together is lost.
copy: the training rows themselves, in another order.
half: a random half of the training rows, each once, and so at most half as many rows as were asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def independent(train: pa.Table, rows: int, rng: np.random.Generator) -> pa.Table:
    columns = {name: train[name].take(rng.integers(train.num_rows, size=rows)) for name in train.column_names}
    return pa.table(columns)


def copy(train: pa.Table, rows: int, rng: np.random.Generator) -> pa.Table:
    return train.take(rng.permutation(train.num_rows)[:rows])


def half(train: pa.Table, rows: int, rng: np.random.Generator) -> pa.Table:
    return copy(train, min(rows, train.num_rows // 2), rng)


ANCHORS: dict[str, Callable[[pa.Table, int, np.random.Generator], pa.Table]] = {
    "independent": independent,
    "copy": copy,
    "half": half,
}


def main() -> None:
    train, rows, seed, out, name = sys.argv[1:]
    drawn = ANCHORS[name](pq.read_table(train), int(rows), np.random.default_rng(int(seed)))
    pq.write_table(drawn, out)


if __name__ == "__main__":
    main()
