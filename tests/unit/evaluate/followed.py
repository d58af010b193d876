"""An invented cohort with follow-up: a treatment that helps, and generators that get it wrong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from locum.evaluate.sample import Trio, read_trio
from locum.variables import Kind, Role, Variable, Variables

VARIABLES = Variables(
    (
        Variable("age", Kind.COUNT, storage="int64", precision=1),
        Variable("treated", Kind.BINARY, levels=("no", "yes")),
        Variable("marker", Kind.CONTINUOUS, storage="double", precision=0.1),
        Variable("site", Kind.NOMINAL, levels=("a", "b", "c")),
        Variable("days", Kind.COUNT, storage="int64", precision=1, role=Role.TIME, unit="days"),
        Variable("died", Kind.BINARY, storage="int64", levels=("0", "1"), role=Role.EVENT),
    )
)


def cohort(patients: int, seed: int, *, effect: float = -0.7, longer: float = 1.0) -> pa.Table:
    """effect: log hazard ratio of the treatment. longer: by how much every time is stretched."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(60, 12, patients), 20, 95).astype(int)
    treated, site = rng.random(patients) < 0.5, rng.integers(0, 3, patients)
    marker = np.round(rng.normal(size=patients), 1)
    hazard = np.exp(0.04 * (age - 60) + effect * treated + 0.3 * marker) / 2000
    event, left = rng.exponential(1 / hazard), np.minimum(rng.exponential(3000, patients), 1825)
    return pa.table(
        {
            "age": age,
            "treated": np.where(treated, "yes", "no"),
            "marker": marker,
            "site": np.array(["a", "b", "c"])[site],
            "days": np.ceil(longer * np.minimum(event, left)).astype(int),
            "died": (event <= left).astype(int),
        }
    )


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table({n: table[n].take(pa.array(rng.permutation(len(table)))) for n in table.column_names})


def trio(synthetic: pa.Table, patients: int, seed: int = 0) -> Trio:
    real = [cohort(patients, seed + i) for i in range(2)]
    return read_trio(*real, synthetic, VARIABLES, np.random.default_rng(0))
