"""Draw from the conditional distribution given evidence on any variables.

Rows are drawn in surplus up to the last variable that the evidence is about, each with the probability of its
evidence as weight (`locum.network.restrict`); as many as are wanted are chosen by weight (systematic resampling:
Kitagawa 1996) and drawn to their end. The surplus grows until no row need be chosen twice, or to a limit; how many
rows the chosen ones are worth (effective sample size: Kong 1992) is told. Where the evidence decides nothing but
first variables all weights are equal, and the draw is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locum.errors import BadInput
from locum.network.arrays import Floats, Integers
from locum.network.draw_rows import Stream, draw_chosen, weigh_rows
from locum.network.implied import Held
from locum.network.network import BLOCK, GIVEN, Network, check_draw
from locum.network.restrictions import Restrictions, restrictions
from locum.network.threads import Progress, in_threads
from locum.variables import Column
from locum.variables.clauses import Clause

FEWEST_WEIGHED = 4_096  # rows, however few are wanted
MOST_SURPLUS = 20  # times the rows wanted that are weighed at most
MOST_IN_VAIN = 200_000  # rows that are weighed when none of them can fit
LEAST_LIMIT = (
    1_000_000  # times a variable that evidence decides on is drawn at most, however few rows are wanted
)


@dataclass(frozen=True)
class Given:
    """Patients drawn given evidence, a column a variable.

    chance: the probability of the evidence under the model; weighed: how many rows were weighed.
    effective: how many independent patients they are worth, at most as many as they are.
    weight: float64[n], where groups were boosted: how many patients of the model each stands for.
    """

    columns: list[Column]
    chance: float
    weighed: int
    effective: float
    weight: Floats | None = None


@dataclass(frozen=True)
class Pool:
    """Weighed rows. weight: float64[blocks * size], 1 at most; chance: the mean, the probability of the evidence."""

    weight: Floats
    size: int  # rows of a block
    seeds: tuple[int, ...]
    held: Restrictions

    @property
    def chance(self) -> float:
        return float(self.weight.mean())

    @property
    def effective(self) -> float:
        """How many rows drawn from the very distribution they are worth."""
        squares = float((self.weight**2).sum())
        return float(self.weight.sum()) ** 2 / squares if squares > 0 else 0.0

    def wanted(self, rows: int) -> float:
        """How many rows must be weighed for ROWS to be chosen, none of them twice."""
        total = float(self.weight.sum())
        return rows * float(self.weight.max()) * len(self.weight) / total if total > 0 else np.inf

    def stream(self, block: int) -> Stream:
        return lambda v: np.random.default_rng([*self.seeds, block, v])


def draw_given(
    network: Network,
    evidence: Sequence[Clause],
    rows: int,
    *,
    seed: int = 0,
    part: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Given:
    """ROWS artificial patients for whom every clause of EVIDENCE holds; else as `Network.sample`.

    Raises BadInput when no patient of the model fits.
    """
    check_draw(rows, seed, part)
    pool = weigh(network, evidence, rows, (seed, part, 0), threads, progress)
    columns = draw_pool(network, pool, rows, threads, progress)
    return Given(columns, pool.chance, len(pool.weight), min(pool.effective, rows))


def weigh(
    network: Network,
    evidence: Sequence[Clause],
    rows: int,
    seeds: tuple[int, ...],
    threads: int | None = None,
    progress: Progress | None = None,
) -> Pool:
    """Weigh rows until ROWS of them can be chosen by EVIDENCE, none twice, or the limit is reached.

    seeds: begin every stream of random numbers. A pool whose weights are all 0 says that no patient fits.
    """
    held = [*network.rules, *(Held(clause, evidence=True) for clause in evidence)]
    found = restrictions(held, network.order, network.cells)
    size = min(BLOCK, max(FEWEST_WEIGHED, rows))
    if found.impossible:
        return Pool(np.zeros(1), size, (GIVEN, *seeds), found)
    limit = max(MOST_SURPLUS * rows, LEAST_LIMIT // max(found.asked, 1))
    pool = Pool(np.zeros(0), size, (GIVEN, *seeds), found)
    blocks = -(-rows // size)
    while True:
        done = len(pool.weight) // size
        fresh = np.empty((blocks - done, size))

        def work(i: int, pool: Pool = pool, fresh: Floats = fresh, done: int = done) -> None:
            fresh[i] = np.exp(weigh_rows(network, size, pool.stream(done + i), found))

        in_threads(work, range(len(fresh)), threads, progress)
        pool = Pool(np.concatenate([pool.weight, fresh.ravel()]), size, pool.seeds, found)
        weighed = len(pool.weight)
        enough = limit if pool.weight.any() else MOST_IN_VAIN
        if weighed >= enough or pool.wanted(rows) <= weighed or found.last is None:
            return pool
        blocks = -(-int(min(max(1.1 * pool.wanted(rows), 1.5 * weighed), enough)) // size)


def choose(pool: Pool, rows: int, random: np.random.Generator) -> Integers:
    """int64[rows]: rows of POOL by weight, in rising order."""
    ends = np.cumsum(pool.weight)
    at = (np.arange(rows) + random.random()) / rows * ends[-1]
    chosen = np.searchsorted(ends, at, side="right")
    last = np.flatnonzero(pool.weight)[-1]  # rounding may go beyond
    return np.minimum(chosen, last).astype(np.int64)


def draw_pool(
    network: Network,
    pool: Pool,
    rows: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> list[Column]:
    """ROWS artificial patients chosen from POOL, a column a variable. Raises BadInput when no patient fits."""
    if pool.chance <= 0.0:
        raise BadInput("no patient of the model fits the condition: its probability is about 0; ask for less")
    chosen = choose(pool, rows, np.random.default_rng([*pool.seeds]))
    drawn = [Column(own.variable, np.empty(rows), np.empty(rows, np.uint8)) for own in network.cells]
    starts = np.searchsorted(chosen, np.arange(0, len(pool.weight) + 1, pool.size))
    used = np.flatnonzero(np.diff(starts))

    def work(i: int) -> None:
        block = int(used[i])
        a, b = int(starts[block]), int(starts[block + 1])
        part = [Column(c.variable, c.values[a:b], c.missing[a:b]) for c in drawn]
        here = chosen[a:b] - block * pool.size
        draw_chosen(network, pool.size, here, part, pool.stream(block), pool.held)

    in_threads(work, range(len(used)), threads, progress)
    return drawn[: network.visible]
