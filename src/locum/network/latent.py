"""A latent class: a hidden variable that stands for unmeasured common causes of many others.

It is learned as a mixture over coarse codes (`locum.network.mixture`); each training row is given a class drawn from
its posterior, and the class is from there on a variable like others but for two things: it comes first in the order,
and it is left out of what is drawn. Nothing is claimed about its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Bytes, Flags, Integers
from locum.network.cells import Cells
from locum.network.learn_cells import coarse_groups, learn_cells
from locum.network.mixture import CLASSES, Mixture, learn_mixture
from locum.variables import Column, Kind, Variable

LATENT = 6  # keeps the streams of random numbers apart (see `locum.network.network`)
MOST_ROWS = 20_000  # that choices are made on: how many classes, and whether any
LEARNED_ROWS = 100_000  # that the mixture is learned from
HELD_OUT = 0.2  # of those patients


def hidden_variable(classes: int, names: Sequence[str]) -> Variable:
    """The latent class as a variable, by a name that none of NAMES is."""
    name = "latent class"
    while name in names:
        name = f"({name})"
    return Variable(
        name,
        Kind.NOMINAL,
        levels=tuple(f"class {z + 1}" for z in range(classes)),
        description="Stands for unmeasured common causes; never drawn",
    )


def hidden_column(
    columns: Sequence[Column],
    person: npt.NDArray[np.int64],
    counted: Flags,
    k: int,
    seed: int,
    threads: int | None = None,
) -> Column:
    """The latent class of each row of COLUMNS, of as many classes as explain held-out patients best.

    person: int64[n], the number of each row's person; counted: bool[n], one row of each.
    """
    codes, sizes = coarse_codes(columns, counted, k)
    mixture = best_mixture(codes, sizes, person, seed, threads)
    drawn = mixture.draw(codes, np.random.default_rng([seed, LATENT, 0]).random(len(codes)))
    variable = hidden_variable(mixture.classes, [column.variable.name for column in columns])
    return Column(variable, drawn.astype(np.float64), np.zeros(len(drawn), np.uint8))


def hidden_values(hidden: Sequence[Cells], n: int) -> Iterator[list[Column]]:
    """N rows of each class of the HIDDEN variables in turn; once no column at all when there is none."""
    sizes = [range(len(own.variable.levels)) for own in hidden]
    for values in product(*sizes):
        yield [
            Column(own.variable, np.full(n, float(value)), np.zeros(n, np.uint8))
            for own, value in zip(hidden, values, strict=True)
        ]


def coarse_codes(columns: Sequence[Column], counted: Flags, k: int) -> tuple[Bytes, list[int]]:
    """(uint8[n, variables], codes of each variable): missing reasons, common levels, quarters of numbers."""
    codes = np.empty((len(counted), len(columns)), np.uint8)
    sizes = []
    for v, column in enumerate(columns):
        own, classes = learn_cells(column, k, counted)
        group = coarse_groups(own, classes)
        codes[:, v] = group[classes[own.encode(column)]]
        sizes.append(int(group.max()) + 1)
    return codes, sizes


def best_mixture(
    codes: Bytes, sizes: Sequence[int], person: npt.NDArray[np.int64], seed: int, threads: int | None = None
) -> Mixture:
    """The mixture whose number of classes makes held-out patients likeliest, learned from all."""
    taught, unseen = inner_split(person, seed)
    found = [
        learn_mixture(codes[taught], sizes, classes, (seed, LATENT, 1, classes), threads)
        for classes in CLASSES
    ]
    best = max(found, key=lambda mixture: mixture.log_likelihood(codes[unseen])).classes
    rows = np.arange(len(codes))
    if len(rows) > LEARNED_ROWS:
        rows = np.sort(np.random.default_rng([seed, LATENT, 2]).permutation(rows)[:LEARNED_ROWS])
    return learn_mixture(codes[rows], sizes, best, (seed, LATENT, 3), threads)


def inner_split(person: npt.NDArray[np.int64], seed: int) -> tuple[Integers, Integers]:
    """(rows to learn from, rows held out): a fifth of the patients, of some 20,000 rows at most."""
    rng = np.random.default_rng([seed, LATENT, 4])
    people = int(person.max()) + 1
    chosen = rng.permutation(people)[: max(2, round(people * min(1.0, MOST_ROWS / len(person))))]
    part = np.zeros(people, np.uint8)
    part[chosen] = 1
    part[chosen[: max(1, round(HELD_OUT * len(chosen)))]] = 2
    return np.flatnonzero(part[person] == 1), np.flatnonzero(part[person] == 2)
