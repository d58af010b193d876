"""Levels by the thousand, rolled up by their hierarchy, so that a synthetic table can be compared with real ones.

Of a level that fewer than k patients hold, a synthetic table gives back a relative instead. Level by level that is a
difference, as it has to be; group by group there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from locum.variables import Column
from locum.variables.rollup import roll_up

MOST_GROUPS = 250  # as many as the model tells apart


def rolled_up(columns: Sequence[Column], real: Sequence[Column], k: int) -> list[Column]:
    """COLUMNS of one variable with its groups for levels. The groups are laid on the REAL columns, k rows in each."""
    variable = real[0].variable
    levels = len(variable.levels)
    held = np.sum(
        [np.bincount(c.nearest[c.missing == 0], minlength=levels + 1)[:levels] for c in real], axis=0
    ).astype(np.float64)
    group = roll_up(variable.levels, variable.hierarchy, held, MOST_GROUPS, k)
    used, group = np.unique(group, return_inverse=True)
    size = np.bincount(group, minlength=len(used))
    commonest = np.zeros(len(used), np.int64)
    by_count = np.argsort(held, kind="stable")
    commonest[group[by_count]] = by_count  # the last one written is the commonest
    names = tuple(
        variable.levels[i] if n == 1 else f"{variable.levels[i]} and {n - 1} related"
        for i, n in zip(commonest.tolist(), size.tolist(), strict=True)
    )
    variable = replace(variable, levels=names, hierarchy="")
    group = np.append(group, len(used))  # other
    return [Column(variable, np.where(c.missing > 0, np.nan, group[c.nearest]), c.missing) for c in columns]
