"""Small learned models that several tests share."""

from __future__ import annotations

from functools import cache

import numpy as np

from locum.network import Network, Settings, fit
from locum.variables import Column
from tests.unit.network.columns import levels, numbers

TWO_TREES = Settings("test", members=2, part=0.8, smallest_leaf=10, charge=0.5, smoothing=1.0)


def mixed_columns(n: int, seed: int) -> list[Column]:
    """A number with an atom and missing values, a flag that depends on it, and a level that depends on both."""
    rng = np.random.default_rng(seed)
    value = np.where(rng.random(n) < 0.3, 0.0, np.round(rng.normal(50, 10, n), 1))
    value[rng.random(n) < 0.1] = np.nan
    reason = np.where(np.isnan(value), rng.integers(1, 3, n), 0)
    flag = np.where(np.nan_to_num(value, nan=99) > 50, rng.random(n) < 0.9, rng.random(n) < 0.1)
    group = (flag * 2 + rng.integers(0, 3, n)) % 5
    whole = np.round(rng.lognormal(2, 1, n)) + 10 * flag
    return [
        numbers(value, precision=0.1, missing=reason, reasons=("refused",)),
        levels(flag.astype(float), 2, name="flag"),
        levels(group.astype(float), 5, name="group"),
        numbers(whole, name="whole", precision=1.0, low=0.0, high=200.0),
    ]


@cache
def mixed_network() -> Network:
    return fit(mixed_columns(600, 3), k=5, settings=TWO_TREES, seed=7, threads=1)
