"""Groups of patients by one variable or by two, and how many rows of a table fall into each bin of a variable there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate import grid as grids
from locum.evaluate.grid import Grid
from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample, Trio
from locum.variables import Role

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
BINS, FINE_BINS = 4, 10  # of a variable that splits together with another, and of one that splits alone
MOST_PAIRS = 150


@dataclass(frozen=True)
class Splits:
    """Every way to part the patients that is looked at, by one variable or two.

    of: int64[splits, 2], the columns of `codes`; the last column, of zeros, stands for no second variable.
    fine, coarse: the grids of each variable.
    """

    of: Ints
    fine: tuple[Grid, ...]
    coarse: tuple[Grid, ...]

    @property
    def base(self) -> int:
        """More than any code."""
        return max(g.first_missing + 1 for g in (*self.fine, *self.coarse))

    @property
    def values(self) -> int:
        """More than any coarse code."""
        return max(g.first_missing + 1 for g in self.coarse)

    def members(self, split: int) -> list[int]:
        """The variables that split."""
        many = len(self.fine)
        return [int(c) % many for c in self.of[split] if c < 2 * many]

    def name(self, split: int, group: int) -> str:
        """Such as "sex female, age 40 to 60"."""
        parts = []
        for column, code in zip(self.of[split].tolist(), divmod(group, self.base), strict=True):
            if column < 2 * len(self.fine):
                grid = (*self.fine, *self.coarse)[column]
                label = "not recorded" if code >= grid.first_missing else grid.labels[code]
                parts.append(f"{grid.variable.name} {label}")
        return ", ".join(parts)

    def codes(self, sample: Sample) -> Codes:
        """uint8[rows, 2 * variables + 1]: fine codes, coarse codes, zeros. All reasons of being missing are one."""
        found = [
            np.minimum(grid.codes(column), grid.first_missing)
            for layer in (self.fine, self.coarse)
            for grid, column in zip(layer, sample.columns, strict=True)
        ]
        return np.ascontiguousarray(np.stack([*found, np.zeros(len(sample))], axis=1).astype(np.uint8))


def splits(trio: Trio, rng: np.random.Generator) -> Splits:
    """By each variable, and by pairs of them: all, or so many at random; those of declared subgroups always."""
    real = list(zip(trio.train.columns, trio.holdout.columns, strict=True))
    fine, coarse = (tuple(grids.lay(r, bins, trio.k) for r in real) for bins in (FINE_BINS, BINS))
    many = len(real)
    pairs = list(itertools.combinations(range(many), 2))
    known = declared(trio)
    if len(pairs) > MOST_PAIRS:
        first = [p for p in pairs if known >= set(p)][:MOST_PAIRS]
        rest = [p for p in pairs if not known >= set(p)]
        some = rng.permutation(len(rest))[: MOST_PAIRS - len(first)]
        pairs = [*first, *(rest[i] for i in np.sort(some))]
    alone = [(i, 2 * many) for i in range(many)]
    return Splits(np.array(alone + [(many + i, many + j) for i, j in pairs], np.int64), fine, coarse)


def declared(trio: Trio) -> set[int]:
    """Quasi-identifiers, and what is declared to be of the first tier (demographics)."""
    return {i for i, v in enumerate(trio.variables) if v.role is Role.QUASI_IDENTIFIER or v.tier == 0}


def count(codes: Codes, found: Splits) -> npt.NDArray[np.int32]:
    """int32[splits, groups, variables, bins]: rows. Codes are those of `Splits.codes`; a group is both its codes."""
    variables, base = len(found.fine), found.base
    groups = base * base
    out = np.zeros((len(found.of), groups, variables, found.values), np.int32)

    def part(bounds: tuple[int, int]) -> None:
        _count(codes, found.of, base, variables, bounds[0], bounds[1], out)

    run_in_parts(part, len(found.of), 8)
    return out


@njit(nogil=True, cache=True)
def _count(codes, of, base, variables, first, last, out):  # type: ignore[no-untyped-def]
    for s in range(first, last):
        i, j = of[s, 0], of[s, 1]
        for r in range(codes.shape[0]):
            group = codes[r, i] * base + codes[r, j]
            for v in range(variables):
                out[s, group, v, codes[r, variables + v]] += 1
