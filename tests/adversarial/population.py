"""An invented population with dependence and informative missingness, and generators good and bad."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from locum.variables import Kind, Role, Variable, Variables

VARIABLES = Variables(
    (
        Variable("age", Kind.COUNT, storage="int64", precision=1, unit="years"),
        Variable("sex", Kind.BINARY, levels=("female", "male")),
        Variable("smoker", Kind.NOMINAL, levels=("never", "ex", "current")),
        Variable("cigarettes", Kind.COUNT, storage="int64", precision=1),
        Variable("pressure", Kind.CONTINUOUS, storage="double", precision=0.1, unit="mmHg"),
        Variable("weight", Kind.CONTINUOUS, storage="double", precision=0.1, unit="kg"),
        Variable("cholesterol", Kind.CONTINUOUS, storage="double", precision=0.01, unit="mmol/L"),
        Variable("glucose", Kind.CONTINUOUS, storage="double", precision=0.01, unit="mmol/L"),
        Variable("diabetes", Kind.BINARY, storage="bool", levels=("false", "true")),
        Variable("stroke", Kind.BINARY, storage="int64", levels=("0", "1"), role=Role.TARGET),
    )
)


def population(patients: int, seed: int) -> pa.Table:
    """Who is measured depends on who they are: cholesterol on age, glucose on diabetes."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(55, 16, patients), 18, 95).astype(int)
    male = rng.random(patients) < 0.48
    smoker = np.where(rng.random(patients) < 0.4 + 0.2 * male, rng.integers(1, 3, patients), 0)
    cigarettes = np.where(smoker == 2, 1 + rng.poisson(11, patients), 0)
    weight = np.round(64 + 14 * male + rng.normal(0, 11, patients), 1)
    pressure = np.round(88 + 0.5 * age + 0.2 * (weight - 70) + rng.normal(0, 10, patients), 1)
    diabetes = rng.random(patients) < expit(-6.2 + 0.04 * age + 0.035 * weight - 0.9)
    cholesterol = np.round(4.2 + 0.015 * age - 0.5 * diabetes + rng.normal(0, 0.8, patients), 2)
    glucose = np.round(5 + 2.2 * diabetes + np.exp(rng.normal(-1, 0.5, patients)), 2)
    stroke = rng.random(patients) < expit(-11.5 + 0.09 * age + 0.035 * pressure + 0.8 * (smoker == 2))
    return pa.table(
        {
            "age": pa.array(age),
            "sex": pa.array(np.where(male, "male", "female")),
            "smoker": pa.array(np.array(["never", "ex", "current"])[smoker]),
            "cigarettes": pa.array(cigarettes),
            "pressure": pa.array(pressure),
            "weight": pa.array(weight, mask=rng.random(patients) < 0.15),
            "cholesterol": pa.array(cholesterol, mask=rng.random(patients) < np.where(age > 50, 0.1, 0.7)),
            "glucose": pa.array(glucose, mask=rng.random(patients) < np.where(diabetes, 0.05, 0.6)),
            "diabetes": pa.array(diabetes),
            "stroke": pa.array(stroke.astype(np.int64)),
        }
    )


def expit(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def replaced(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def shuffled(table: pa.Table, seed: int, names: tuple[str, ...] = ()) -> pa.Table:
    """Each column (or those of NAMES) permuted by itself."""
    rng = np.random.default_rng(seed)
    for name in names or table.column_names:
        table = replaced(table, name, table.column(name).take(pa.array(rng.permutation(len(table)))))
    return table


def noisy(table: pa.Table, part: float, seed: int) -> pa.Table:
    """Normal noise of PART of each number's standard deviation, rounded as the column is."""
    rng = np.random.default_rng(seed)
    for name, digits in (("age", 0), ("pressure", 1), ("weight", 1), ("cholesterol", 2), ("glucose", 2)):
        values = table.column(name).to_numpy().astype(float)
        moved = np.round(values + rng.normal(0, part * np.nanstd(values), len(values)), digits)
        column = pa.array(moved, from_pandas=True).cast(table.schema.field(name).type)
        table = replaced(table, name, column)
    return table


def missing_at_random(table: pa.Table, name: str, other: pa.Table, seed: int) -> pa.Table:
    """As many missing values as before, of anyone: values of unmeasured patients come from the column's
    own."""
    rng = np.random.default_rng(seed)
    gone = rng.permutation(table.column(name).is_null().to_numpy())
    values = table.column(name).to_numpy(zero_copy_only=False)
    present = values[~np.isnan(values)]
    filled = np.where(np.isnan(values), rng.choice(present, len(values)), values)
    return replaced(table, name, pa.array(filled, mask=gone))


def copula(table: pa.Table, rows: int, seed: int) -> pa.Table:
    """A decent generator: a Gaussian copula within each outcome, over what is recorded."""
    from scipy.stats import norm, rankdata

    rng = np.random.default_rng(seed)
    frame = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    stroke = frame["stroke"] == 1
    parts = []
    for level in (False, True):
        chosen = np.flatnonzero(stroke == level)
        coded = []
        for values in frame.values():
            v = values[chosen]
            if v.dtype.kind in "OU":
                v = np.unique(v.astype(str), return_inverse=True)[1]
            v = np.where(np.isnan(v.astype(float)), -1.0, v.astype(float))
            coded.append(norm.ppf((rankdata(v + rng.random(len(v)) * 1e-6) - 0.5) / len(v)))
        drawn = rng.multivariate_normal(
            np.zeros(len(coded)), np.corrcoef(coded), int(rows * len(chosen) / len(stroke))
        )
        part = {}
        for (name, values), latent in zip(frame.items(), drawn.T, strict=True):
            column = table.column(name).take(pa.array(chosen))
            order = np.argsort(
                [
                    ("" if v is None else str(v))
                    if values.dtype.kind in "OU"
                    else (-1e9 if v is None else float(v))
                    for v in column.to_pylist()
                ],
                kind="stable",
            )
            place = np.minimum((norm.cdf(latent) * len(chosen)).astype(int), len(chosen) - 1)
            part[name] = column.take(pa.array(order[place]))
        parts.append(pa.table(part))
    return pa.concat_tables(parts)
