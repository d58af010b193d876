"""The guard of the table: a drawn patient who comes too near to an isolated real one is drawn again.

The network keeps no patient, but where few are like a patient, what is drawn there may lie nearer to them than people
whom the model never saw would. Where the training rows are at hand, that can be seen and mended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.evaluate.neighbours import Embedding, Points, nearest, within
from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample
from locum.model import Model, people
from locum.network import Progress
from locum.variables import Column, to_columns, to_table

ISOLATED = 0.1  # of the patients count as isolated, as in the evaluation
UNSEEN = 0.05  # of isolated patients may have someone unseen as near as what is drawn again
SEARCHED = 10_000  # rows among whom isolated patients are looked for, so that a large table takes seconds
PAIRS = 2e8  # of a drawn row and an isolated patient looked at, for the same reason
BLOCK = 32_768  # rows looked at together
ROUNDS = 8  # of drawing again; each leaves some hundredths of those before
AGAIN = 2**31  # parts of the seed's streams from here on are for drawing again
STREAM = 71  # of random numbers, apart from those of learning and drawing
METADATA = b"locum.guard"  # the key of a drawn table's schema under which it tells how it was guarded


@dataclass(frozen=True)
class Guard:
    """Isolated patients as points, and how near to each of them a drawn patient may come.

    radius: float32[isolated], in the distance of `locum.evaluate.neighbours`.
    """

    embedding: Embedding
    isolated: Points
    radius: npt.NDArray[np.float32]

    @classmethod
    def of(cls, real: Sample, rows: int, rng: np.random.Generator) -> Guard:
        """The guard of the patients of REAL against ROWS drawn rows.

        Isolated are the tenth farthest from their nearest other patient. How near people whom the model never saw come
        is taken from the two halves of a random split of the patients: for an isolated one of a half, how far the
        nearest of the other half is, as a share of how far the nearest of its own half is. The radius is the low
        quantile of these shares, lower when more rows are drawn, times the patient's own distance.
        """
        seen = real.draw(SEARCHED, rng)
        embedding = Embedding.on([seen], rng)
        points = embedding.points(seen)
        _, person = np.unique(seen.patients, return_inverse=True)
        first = (rng.permutation(int(person.max()) + 1) % 2 == 0)[person]
        own, other = np.full(len(seen), np.inf), np.full(len(seen), np.inf)
        for half in (first, ~first):
            base = points[half]
            own[half] = nearest(base, base, person[half], person[half])
            other[~half] = nearest(points[~half], base)
        shares = np.concatenate(
            [other[half][(i := _farthest(own[half]))] / own[half][i] for half in (first, ~first)]
        )
        apart = np.minimum(own, other)
        isolated = _farthest(apart)[: int(PAIRS / max(rows, 1))]
        level = UNSEEN * min(1.0, len(seen) / max(rows, 1))
        share = float(np.quantile(shares, level, method="lower")) if len(shares) else 0.0
        return cls(embedding, points[isolated], (share * apart[isolated]).astype(np.float32))

    def too_near(self, columns: Sequence[Column]) -> npt.NDArray[np.bool_]:
        """bool[n]: which rows of COLUMNS lie within the radius of an isolated patient."""
        out = np.zeros(len(columns[0]), np.bool_)
        some = self.radius > 0  # nobody is nearer than 0
        isolated, radius = self.isolated[some], self.radius[some]
        if not len(isolated):
            return out

        def part(bounds: tuple[int, int]) -> None:
            rows = np.arange(*bounds, dtype=np.int64)
            points = self.embedding.points(Sample(tuple(c.take(rows) for c in columns), rows))
            out[rows] = within(points, isolated, radius)

        run_in_parts(part, len(out), BLOCK)
        return out


def _farthest(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The numbers of the isolated: the tenth with the largest distance, the farthest first, but for exact doubles."""
    ranked = np.argsort(-apart, kind="stable")[: int(np.ceil(ISOLATED * len(apart)))]
    return ranked[(apart[ranked] > 0) & np.isfinite(apart[ranked])]


@dataclass(frozen=True)
class Guarded:
    """A drawn table, whose schema's metadata tell how it was guarded."""

    table: pa.Table
    isolated: int  # patients who were guarded
    redrawn: int  # rows drawn again
    left: int  # rows that came too near each time


def draw_guarded(
    model: Model,
    train: pa.Table,
    rows: int,
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Guarded:
    """ROWS artificial patients by MODEL, none of them too near to an isolated patient of TRAIN, whom it learned from.

    As `Model.sample`, but for the few rows that are drawn again, each from streams of its own: the same seed gives the
    same rows, whatever THREADS. Rules hold for them as for all others.
    """
    rng = np.random.default_rng([seed, STREAM])
    patients = people(train, model.variables)
    whose = np.arange(train.num_rows, dtype=np.int64) if patients is None else patients
    guard = Guard.of(Sample(tuple(to_columns(train, model.variables)), whose), rows, rng)
    columns = model.network.sample(rows, seed=seed, threads=threads, progress=progress)
    near = np.flatnonzero(guard.too_near(columns))
    redrawn = len(near)
    for part in range(AGAIN, AGAIN + ROUNDS):
        if not len(near):
            break
        again = model.network.sample(len(near), seed=seed, part=part, threads=threads)
        for column, new in zip(columns, again, strict=True):
            column.values[near], column.missing[near] = new.values, new.missing
        near = near[guard.too_near(again)]
    found = {"drawn": rows, "isolated": len(guard.isolated), "redrawn": redrawn, "left": len(near)}
    table = to_table(columns)
    metadata = {**(table.schema.metadata or {}), METADATA: json.dumps(found).encode()}
    return Guarded(table.replace_schema_metadata(metadata), len(guard.isolated), redrawn, len(near))


def notices(synthetic: pa.Table) -> tuple[str, ...]:
    """What the metadata of a guarded table say of it, in a sentence; nothing for any other table."""
    try:
        found = json.loads((synthetic.schema.metadata or {})[METADATA])
        drawn, isolated, redrawn, left = (int(found[n]) for n in ("drawn", "isolated", "redrawn", "left"))
    except (KeyError, ValueError, TypeError):
        return ()
    told = (
        f"Of {drawn:,} drawn patients, {redrawn:,} came nearer to one of the {isolated:,} most isolated training "
        f"patients than people whom the model never saw do, and were drawn again"
    )
    return (f"{told}; {left:,} of them came too near each time." if left else f"{told}.",)
