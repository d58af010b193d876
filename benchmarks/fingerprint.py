"""What marking does to a dataset, and how little of a leaked copy is enough to trace it.

    fingerprint.py PACKAGE [--copies 10] [--tries 20]

PACKAGE is a package of locum, its directory or zip. Copies are those that `locum mark` would write. First: of every
share of a level, every mean and every correlation, how far a copy's is from the whole's, in standard errors of the
whole. Then: how often parts of a copy are traced to its recipient among 200, and how often anybody else is named.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.release.contents import opened
from locum.release.fingerprint import kept, trace
from locum.release.unpack import release_of

Floats = npt.NDArray[np.float64]
SECRET = bytes(range(32))
NAMES = [f"organisation {i}" for i in range(200)]
ROWS = (50, 100, 200, 500, 2000)


def features(table: pa.Table) -> Floats:
    """float64[features, rows]: an indicator of each level and of being missing, and each number, standardised."""
    found = []
    for column in table.columns:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_string(kind) or pa.types.is_boolean(kind):
            text = pc.cast(column, pa.string())
            found += [pc.equal(text, level).fill_null(False) for level in pc.unique(text).drop_null()]
        else:
            numbers = pc.cast(pc.cast(column, pa.int32()) if pa.types.is_date(kind) else column, pa.float64())
            found.append(pc.fill_null(numbers, pc.mean(numbers)))
        found.append(pc.is_null(column))
    lines = [line.cast(pa.float64()).to_numpy() for line in found]
    return np.array([(line - line.mean()) / line.std() for line in lines if line.std() > 0])


def changed(whole: Floats, holds: npt.NDArray[np.bool_]) -> Floats:
    """Differences of a copy's means and correlations from those of the whole, in standard errors of the whole."""
    n = whole.shape[1]
    part = whole[:, holds]
    means = part.mean(axis=1) * np.sqrt(n)
    upper = np.triu_indices(len(whole), 1)
    all_of, of_part = (x @ x.T / x.shape[1] for x in (whole, part))
    spread = np.sqrt(np.maximum((whole**2) @ (whole**2).T / n - all_of**2, 1e-12))
    pairs = ((of_part - all_of) / spread)[upper] * np.sqrt(n)
    return np.concatenate([means, pairs])


def rounded(table: pa.Table) -> pa.Table:
    """Numbers without decimals."""
    return pa.table(
        {
            name: pc.round(column) if pa.types.is_floating(column.type) else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--tries", type=int, default=20)
    given = parser.parse_args()
    with opened(given.package) as contents:
        evidence = release_of(contents).evidence
    whole, dataset = evidence.table, hashlib.sha256(evidence.parquet).hexdigest()
    print(f"{given.package.name}: {whole.num_rows:,} rows, {whole.num_columns} columns\n")
    seen = features(whole)
    print("| copy | rows | statistics | mean square | largest | beyond 1.96 |\n|---|---|---|---|---|---|")
    for name in NAMES[: given.copies]:
        holds = kept(whole.num_rows, SECRET, dataset, name)
        z = changed(seen, holds)
        print(
            f"| {name} | {holds.sum():,} | {len(z):,} | {np.mean(z**2):.3f} | {np.abs(z).max():.2f} | "
            f"{np.mean(np.abs(z) > 1.96):.2%} |"
        )
    head = " | ".join(f"{rows:,} rows" for rows in ROWS)
    print(f"\n| what leaked | {head} |\n" + "|---" * (len(ROWS) + 1) + "|")
    half = whole.column_names[::2]
    leaks: dict[str, Callable[[pa.Table], pa.Table]] = {
        "all columns": lambda t: t,
        "half of the columns": lambda t: t.select(half),
        "half of the columns, numbers rounded to whole ones": lambda t: rounded(t.select(half)),
    }
    wrong = 0
    for what, leak in leaks.items():
        cells = []
        for rows in ROWS:
            right = 0
            for i in range(given.tries):
                guilty = NAMES[i]
                copy = whole.filter(pa.array(kept(whole.num_rows, SECRET, dataset, guilty)))
                some = np.random.default_rng(i).choice(copy.num_rows, min(rows, copy.num_rows), replace=False)
                named = trace(leak(copy.take(np.sort(some))), whole, SECRET, dataset, NAMES).named
                right += named == guilty
                wrong += named not in (guilty, None)
            cells.append(f"{right} of {given.tries}")
        print(f"| {what} | {' | '.join(cells)} |", flush=True)
    print(f"\nsomebody else was named {wrong} times")


if __name__ == "__main__":
    main()
