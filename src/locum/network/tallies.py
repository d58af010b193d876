"""Count a node's rows by code and class, of all variables at once: most of the time of learning goes here.

The counts of a large node lie in one flat table, variable after variable, codes by classes. Of two children only the
smaller is counted; the larger is what is left of the parent.
"""

from __future__ import annotations

import numpy as np

from locum.network.arrays import Bytes, Counts, Integers, Rows, Words
from locum.network.kernels import inner

MOST_ENTRIES = 2**21  # of one such table; beyond it, each node is counted by itself


@inner
def gather(codes: Bytes, before: Integers, rows: Rows) -> Bytes:
    """uint8[rows, variables]: the codes that may be split on, those of a row together."""
    matrix = np.empty((len(rows), len(before)), np.uint8)
    for i in range(len(rows)):
        r = rows[i]
        for j in range(len(before)):
            matrix[i, j] = codes[before[j], r]
    return matrix


@inner
def add_rows(
    matrix: Bytes,
    rows: Rows,
    own: Bytes,
    a: int,
    b: int,
    bases: Integers,
    classes: int,
    step: int,
    table: Counts,
) -> None:
    """Add STEP to the counts in TABLE for each of the rows [a, b), whose classes are in OWN."""
    stride = np.uint64(classes)  # unsigned, so that no index is checked for being negative
    for i in range(a, b):
        r = rows[i]
        t = np.uint64(own[i])
        for j in range(matrix.shape[1]):
            table[np.uint64(bases[j]) + np.uint64(matrix[r, j]) * stride + t] += step


@inner
def split_rows(
    matrix: Bytes,
    j: int,
    bits: Words,
    a: int,
    b: int,
    rows: Rows,
    own: Bytes,
    spare: Rows,
    spare_own: Bytes,
) -> int:
    """Move the rows of [a, b) whose code of variable J is in BITS to the front, in their order: how many they are."""
    front, back = a, 0
    for i in range(a, b):
        r, t = rows[i], own[i]
        c = matrix[r, j]
        goes_left = (bits[c >> 6] >> np.uint64(c & 63)) & np.uint64(1)
        rows[front], own[front] = r, t  # both are written, and one is kept: no branch to foresee
        spare[back], spare_own[back] = r, t
        front += int(goes_left)
        back += 1 - int(goes_left)
    for i in range(back):
        rows[front + i] = spare[i]
        own[front + i] = spare_own[i]
    return front - a
