"""What boosting a rare group buys: models trained on plain and on boosted draws, judged on unseen patients of it.

    boosting.py --data FOLDER [--seeds 3]

FOLDER holds the tables of `quality.py` that have a target. Each group is drawn `FACTOR` times as often as the model
would draw it, the table as long as before. Gradient-boosted trees are trained on the real rows, on a plain draw, and
on a boosted one, its weights left out (as BayesBoost does: Draghi et al. 2021) or used. Printed is the area under the
ROC curve among unseen patients of the group, and in brackets among all, means over the seeds.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from quality import TABLES, Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

import locum

FACTOR = 4.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """TABLE's patients of whom CONDITION holds; the same in the words of pandas."""

    table: str
    condition: str
    query: str


GROUPS = (
    Group("adult", "race in ('Amer-Indian-Eskimo', 'Other')", "race in ('Amer-Indian-Eskimo', 'Other')"),
    Group("adult", "race = 'Black'", "race == 'Black'"),
    Group("adult", "age >= 65", "age >= 65"),
    Group("framingham", "DIABETES = 1", "DIABETES == 1"),
    Group("framingham", "AGE >= 60", "AGE >= 60"),
)


def numbers(frame: pd.DataFrame, like: pd.DataFrame, table: Table) -> Floats:
    """float64[n, p]: the columns that may predict, levels as their place among the real ones."""
    columns = [
        name
        for name in like
        if name != table.target and not any(fnmatch(name, pattern) for pattern in table.exclude)
    ]
    out = np.empty((len(frame), len(columns)))
    for i, name in enumerate(columns):
        if like[name].dtype.kind in "if":
            out[:, i] = frame[name].astype(float)
        else:
            out[:, i] = pd.Categorical(frame[name].astype(str), sorted(like[name].astype(str).unique())).codes
    return out


def judged(
    drawn: pd.DataFrame,
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    table: Table,
    inside: npt.NDArray[np.bool_],
) -> tuple[float, float]:
    """AUC on unseen patients INSIDE the group, and on all, of a model trained on DRAWN and its column ``weight``."""
    event = sorted(train[table.target].astype(str).unique())[-1]
    model = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    weight = drawn.get("weight")
    model.fit(numbers(drawn, train, table), drawn[table.target].astype(str) == event, sample_weight=weight)
    risk = model.predict_proba(numbers(holdout, train, table))[:, 1]
    truth = (holdout[table.target].astype(str) == event).to_numpy()
    return float(roc_auc_score(truth[inside], risk[inside])), float(roc_auc_score(truth, risk))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    print(
        "| table, group | unseen patients of it | real | plain | boosted | with weights |\n|---|---|---|---|---|---|"
    )
    for group in GROUPS:
        table = TABLES[group.table]
        parts = table.halves(given.data)
        train, holdout = (part.to_pandas() for part in parts)
        inside = np.isin(holdout.index, holdout.query(group.query).index)
        found: list[list[tuple[float, float]]] = []
        for seed in range(given.seeds):
            model = locum.fit(parts[0], seed=seed)
            plain = model.sample(len(train), seed=seed).to_pandas()
            boosted = model.sample(len(train), seed=seed, boost={group.condition: FACTOR}).to_pandas()
            tables = [train, plain, boosted.drop(columns="weight"), boosted]
            found.append([judged(rows, train, holdout, table, inside) for rows in tables])
        means = np.mean(found, axis=0)
        cells = " | ".join(f"{own:.3f} ({every:.3f})" for own, every in means)
        print(f"| {group.table}, {group.condition} | {inside.sum():,} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
