"""A process that is known in full: informative missingness, atoms, skewed numbers, twelve regions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

REGIONS = np.array([f"region {i}" for i in range(12)])


def patients(n: int, seed: int) -> pa.Table:
    """N patients. A marker is measured more in the old (an observed cause), and less where it is high (its own value).

    Units are an atom at 0 for two thirds; cost is log-normal, more where there is disease; region has long tails.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, n)
    region = np.minimum(rng.geometric(0.2, n) - 1, 11)
    disease = rng.random(n) < 1 / (1 + np.exp(5 - 0.06 * age - 0.8 * (region % 3 == 0)))
    units = np.where(rng.random(n) < 0.65, 0, 1 + rng.poisson(6 + 6 * disease))
    marker = np.round(rng.gamma(3, 1.5 + disease), 1)
    measured = rng.random(n) < 1 / (1 + np.exp(-(-1.5 + 0.04 * age - 0.15 * (marker - 6))))
    cost = np.exp(rng.normal(4 + disease + 0.01 * age, 0.9))
    return pa.table(
        {
            "age": age,
            "region": REGIONS[region],
            "disease": np.where(disease, "yes", "no"),
            "units": units,
            "marker": pa.array(marker, mask=~measured),
            "cost": cost,
        }
    )


def coded(table: pa.Table, groups: int = 8) -> npt.NDArray[np.int64]:
    """int64[n, 6]: each column in at most GROUPS groups at fixed edges (regions: twelve); missing is one of its own."""
    edges = {
        "age": np.linspace(20, 90, groups)[1:],
        "units": np.array([0.5, 4.5, 6.5, 8.5, 11.5, 15.5]),
        "marker": np.array([2.05, 3.05, 4.05, 5.55, 7.55, 10.05]),
        "cost": np.exp(np.linspace(3, 8, groups - 1)),
    }
    columns = []
    for name in table.column_names:
        values = table[name].to_pylist()
        if name in edges:
            number = np.array([np.nan if v is None else v for v in values], np.float64)
            code = np.digitize(number, edges[name])
            code[np.isnan(number)] = len(edges[name]) + 1
        else:
            texts = REGIONS.tolist() if name == "region" else ["no", "yes"]
            code = np.array([texts.index(v) for v in values])
        columns.append(code)
    return np.stack(columns, axis=1)


def shares(codes: npt.NDArray[np.int64], *columns: int) -> npt.NDArray[np.float64]:
    """The joint distribution of COLUMNS, 13 codes each."""
    flat = np.zeros(len(codes), np.int64)
    for column in columns:
        flat = flat * 13 + codes[:, column]
    return np.bincount(flat, minlength=13 ** len(columns)) / len(codes)


def apart(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Total variation."""
    return float(np.abs(a - b).sum() / 2)


def by_chance(share: npt.NDArray[np.float64], n: int, m: int) -> float:
    """Expected total variation between samples of n and m from SHARE (mean absolute deviation of a normal)."""
    return float(np.sqrt(2 / np.pi * share * (1 - share) * (1 / n + 1 / m)).sum() / 2)
