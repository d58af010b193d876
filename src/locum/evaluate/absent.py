"""Levels that no synthetic row has, since too few real patients have them to be learned from."""

from __future__ import annotations

import numpy as np

from locum.evaluate.sample import Trio
from locum.variables import Variables


def levels(trio: Trio, declared: Variables) -> dict[str, list[str]]:
    """Variable to its levels that no synthetic row has, and fewer than k training patients, or none, have.

    Whether anybody has one is not told. Levels with a hierarchy are left aside: of those a relative is drawn.
    """
    found = {}
    for real, drawn in zip(trio.train.columns, trio.synthetic.columns, strict=True):
        if not real.variable.kind.has_levels or declared[real.variable.name].hierarchy:
            continue
        names = real.variable.levels
        held = np.bincount(drawn.values[drawn.missing == 0].astype(np.int64), minlength=len(names))
        none = [
            level
            for level in np.flatnonzero(held[: len(names)] == 0).tolist()
            if len(np.unique(trio.train.patients[(real.values == level) & (real.missing == 0)])) < trio.k
        ]
        if none:
            found[real.variable.name] = [names[level] for level in none]
    return found
