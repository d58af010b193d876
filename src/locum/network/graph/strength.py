"""How much the splits on each parent tell about a variable, over all members' trees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.network.arrays import Bytes, Floats
from locum.network.cells import Cells
from locum.network.codes import formula_lines
from locum.network.conditional import Conditional
from locum.network.scores import Score

TENTHS = 10  # groups of a number whose entropy counts


def classes(cells: Cells, split: Bytes) -> tuple[Bytes, int]:
    """(uint8[n] the class of each row, how many): codes of levels and missing reasons, tenths of the numbers.

    split: uint8[n], the split codes of drawn rows. A number that more than a tenth of the rows share is a class alone.
    """
    cells = cells.seen
    count = np.bincount(split, minlength=cells.splits).astype(np.float64)
    group = np.arange(len(count))
    if not cells.variable.kind.has_levels:
        numbers = count[cells.reasons :]
        share = numbers / max(numbers.sum(), 1.0)
        tenth = np.floor(TENTHS * (np.cumsum(share) - share / 2))
        alone = share > 1 / TENTHS
        begins = (np.diff(tenth, prepend=-1) > 0) | alone | np.append(False, alone[:-1])
        group[cells.reasons :] = cells.reasons + np.cumsum(begins)
    _, dense = np.unique(group[split], return_inverse=True)
    return dense.astype(np.uint8), int(dense.max()) + 1


def entropy(count: Floats) -> float:
    """Nats of a distribution given by counts."""
    share = count[count > 0] / count.sum()
    return float(-(share * np.log(share)).sum())


def strengths(
    trees: Conditional,
    cells: Sequence[Cells],
    scores: Sequence[Score],
    split: Bytes,
    own: Bytes,
    sizes: int,
) -> npt.NDArray[np.float64]:
    """float64[variables]: the share of the entropy of OWN that the splits on each variable take away.

    own: uint8[n], of SIZES classes; split: uint8[lines, n], drawn rows as the trees see them.
    """
    whole = entropy(np.bincount(own, minlength=sizes).astype(np.float64))
    if whole <= 0:
        return np.zeros(len(cells))
    ends = np.append(trees.roots[1:], len(trees.variable))
    most = int((ends - trees.roots).max())
    gained = _gains(trees, ends, split, own, np.zeros((most, sizes), np.int32), len(split))
    for v, line in formula_lines(cells).items():  # which formula a variable follows is something it tells
        gained[v] += gained[line]
    for score, told in zip(scores, gained[len(gained) - len(scores) :], strict=True):  # shared by weight
        weight = np.abs(score.weight) / np.abs(score.weight).sum()
        np.add.at(gained, score.variable, told * weight)
    return np.maximum(gained[: len(cells)], 0.0) / (len(trees.roots) * split.shape[1] * whole)


@njit(cache=True, nogil=True)
def _gains(
    trees: Conditional,
    ends: npt.NDArray[np.int64],
    split: Bytes,
    own: Bytes,
    count: npt.NDArray[np.int32],
    lines: int,
) -> Floats:
    """Nats that all rows gain at the splits on each line of codes, summed over the members.

    A split gains something by chance alone, about half a nat for each class it tells apart (Miller 1955): taken off.
    """
    gained = np.zeros(lines)
    rows = split.shape[1]
    size = count.shape[1]
    for member in range(len(ends)):
        root = trees.roots[member]
        nodes = ends[member] - root
        count[:nodes] = 0
        for i in range(rows):
            node = root
            count[0, own[i]] += 1
            while trees.variable[node] >= 0:
                c = split[trees.variable[node], i]
                goes_left = (trees.bits[node, c >> 6] >> np.uint64(c & 63)) & np.uint64(1)
                node = trees.left[node] if goes_left else trees.right[node]
                count[node - root, own[i]] += 1
        for node in range(nodes):
            v = trees.variable[root + node]
            if v < 0:
                continue
            gain, chance = 0.0, 0
            for side in range(3):
                at = node
                if side == 1:
                    at = trees.left[root + node] - root
                elif side == 2:
                    at = trees.right[root + node] - root
                sign = -1.0 if side == 0 else 1.0
                total, seen = 0, 0
                for t in range(size):
                    c = count[at, t]
                    if c > 0:
                        gain += sign * c * np.log(c)
                        total += c
                        seen += 1
                if total > 0:
                    gain -= sign * total * np.log(total)
                    chance += (seen - 1) * (1 if side else -1)
            gained[v] += gain - max(chance, 0) / 2
    return gained
