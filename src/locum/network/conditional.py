"""The conditional of one variable: the trees of all members, laid end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Flags, Integers, Rows
from locum.network.cells import Cells
from locum.network.codes import lines_of
from locum.network.leaves import MILLION, RANKS, fill_leaves
from locum.network.quantiles import KNOTS
from locum.network.scores import Score
from locum.network.settings import Settings
from locum.network.trees import grow


class Conditional(NamedTuple):
    """Trees of one variable. Node arrays have one entry a node, all members' trees laid end to end.

    roots: int64[members]; variable: int64[nodes], the variable split on, -1 for a leaf.
    bits: uint64[nodes, 4], the split codes that go left; left, right: int64[nodes], children, right after left.
    leaf: int64[nodes], the leaf's number, -1 for a split.
    probability: int32[leaves, states], in millionths; knots: int32[leaves, KNOTS + 1], ranks in 1/10,000ths.
    """

    roots: npt.NDArray[np.int64]
    variable: npt.NDArray[np.int64]
    bits: npt.NDArray[np.uint64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    leaf: npt.NDArray[np.int64]
    probability: npt.NDArray[np.int32]
    knots: npt.NDArray[np.int32]

    @property
    def lines(self) -> list[int]:
        """The lines of codes that any tree splits on."""
        return sorted(set(self.variable[self.variable >= 0].tolist()))


@dataclass(frozen=True)
class Codes:
    """The training table as the trees see it.

    cell: uint16[variables, n]; split: uint8[lines, n], see `locum.network.codes`; classes: uint8[variables, n];
        coarse: for each variable, uint8[classes], the group of each class; counted: bool[n], one row of each patient.
    lines: the sizes of the lines of SPLIT, as `line_sizes` gives them.
    """

    cell: npt.NDArray[np.uint16]
    split: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.uint8]
    coarse: tuple[npt.NDArray[np.uint8], ...]
    counted: npt.NDArray[np.bool_]
    lines: tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]


def learn_tree(
    codes: Codes,
    cells: Sequence[Cells],
    target: int,
    before: Sequence[int],
    rows: Rows,
    settings: Settings,
    k: int,
    xlogx: Integers,
    scores: Sequence[Score],
    taught: Flags,
) -> Conditional:
    """The tree of one member for TARGET given the variables BEFORE it, on the member's ROWS (uint32[m]).

    taught: bool[n], the patients whose values fill the leaves.
    """
    own = cells[target]
    rows = rows.copy()
    variable, bits, left, right, start, end = grow(
        codes.split,
        *codes.lines,
        np.array(lines_of(target, before, cells, scores), dtype=np.int64),
        codes.classes[target],
        len(codes.coarse[target]),
        codes.coarse[target],
        codes.counted,
        rows,
        max(settings.smallest_leaf, k),
        k,
        settings.price(len(rows)),
        xlogx,
    )
    allowed = np.zeros(own.states, np.bool_)
    allowed[own.state[own.mass > 0]] = True
    leaf, probability, knots = fill_leaves(
        variable,
        left,
        right,
        start,
        end,
        rows,
        codes.cell[target],
        own.state,
        codes.classes[target],
        len(codes.coarse[target]),
        allowed,
        own.body,
        own.ranks(),
        settings.smoothing,
        taught,
    )
    return Conditional(
        roots=np.zeros(1, np.int64),
        variable=variable,
        bits=bits,
        left=left,
        right=right,
        leaf=leaf,
        probability=millionths(probability),
        knots=np.rint(knots * RANKS).astype(np.int32)
        if own.body >= 0
        else np.zeros((len(knots), KNOTS + 1), np.int32),
    )


def join(trees: Sequence[Conditional]) -> Conditional:
    """One conditional from the trees of all members."""
    nodes = np.cumsum([0, *(len(t.variable) for t in trees)])
    leaves = np.cumsum([0, *(len(t.probability) for t in trees)])
    return Conditional(
        roots=np.concatenate([t.roots + a for t, a in zip(trees, nodes, strict=False)]),
        variable=np.concatenate([t.variable for t in trees]),
        bits=np.concatenate([t.bits for t in trees]),
        left=np.concatenate([t.left + a for t, a in zip(trees, nodes, strict=False)]),
        right=np.concatenate([t.right + a for t, a in zip(trees, nodes, strict=False)]),
        leaf=np.concatenate(
            [np.where(t.leaf >= 0, t.leaf + a, -1) for t, a in zip(trees, leaves, strict=False)]
        ),
        probability=np.concatenate([t.probability for t in trees]),
        knots=np.concatenate([t.knots for t in trees]),
    )


def millionths(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Whole millionths that add up to a million in each row; what rounding leaves over goes to the largest."""
    whole = np.floor(probability * MILLION).astype(np.int64)
    rows = np.arange(len(whole))
    whole[rows, probability.argmax(axis=1)] += MILLION - whole.sum(axis=1)
    return whole.astype(np.int32)
