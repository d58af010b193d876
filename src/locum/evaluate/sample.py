"""The three tables as numpy columns on one footing: cast, checked, grouped by patient, cut to equal size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.errors import BadInput
from locum.evaluate.grid import PAIR_BINS, Grid, lay
from locum.evaluate.rolled import rolled_up
from locum.variables import Column, Kind, Role, Variable, Variables, check_sizes, to_columns

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Rows of one table: columns in declaration order, and whose row each is.

    patients: int64[n]; rows with the same number belong to one person.
    """

    columns: tuple[Column, ...]
    patients: Ints

    def __len__(self) -> int:
        return len(self.patients)

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(column.variable for column in self.columns)

    @cached_property
    def distinct_patients(self) -> int:
        return len(np.unique(self.patients))

    @cached_property
    def commonness(self) -> tuple[npt.NDArray[np.float64], ...]:
        """Of each column the place of every level among all, the commonest first; nothing for numbers."""
        out = []
        for column in self.columns:
            size = len(column.variable.levels) + 1 if column.variable.kind.has_levels else 0
            rank = np.empty(size)
            if size:
                counts = np.bincount(column.values[column.missing == 0].astype(np.int64), minlength=size)
                rank[np.argsort(-counts, kind="stable")] = np.arange(size)
            out.append(rank)
        return tuple(out)

    def take(self, rows: Ints) -> Sample:
        cut = tuple(c.take(rows) for c in self.columns)
        return Sample(cut, self.patients[rows])

    def draw(self, n: int, rng: np.random.Generator) -> Sample:
        """N rows at random, in their own order; all of them when there are no more."""
        if n >= len(self):
            return self
        return self.take(np.sort(rng.choice(len(self), n, replace=False)))

    def one_row_each(self, rng: np.random.Generator) -> Sample:
        """One random row of every patient, so that rows are independent, in random order."""
        return self.take(one_row_each(self.patients, rng))

    def shuffled(self, rng: np.random.Generator) -> Sample:
        """The floor: every column permuted by itself, so that marginals are kept and nothing else."""
        columns = []
        for column in self.columns:
            order = rng.permutation(len(self))
            columns.append(column.take(order))
        return Sample(tuple(columns), np.arange(len(self), dtype=np.int64))

    def blocks(self, count: int, rng: np.random.Generator) -> tuple[Sample, Ints]:
        """The rows sorted into COUNT random blocks that keep patients whole, and the blocks' offsets
        (count + 1)."""
        _, codes = np.unique(self.patients, return_inverse=True)
        patients = int(codes.max()) + 1 if len(codes) else 0
        block = rng.permutation(patients)[codes] % count
        order = np.argsort(block, kind="stable")
        return self.take(order), np.searchsorted(block[order], np.arange(count + 1)).astype(np.int64)


@dataclass(frozen=True)
class Trio:
    """What is compared.

    train, holdout, synthetic: as given. train_sized, synthetic_sized: equally many random rows of each, so
    that a
    metric and its ceiling carry the same sampling noise. shuffled: train_sized with every column permuted.
    """

    train: Sample
    holdout: Sample
    synthetic: Sample
    train_sized: Sample
    synthetic_sized: Sample
    shuffled: Sample
    k: int

    @property
    def variables(self) -> tuple[Variable, ...]:
        return self.train.variables

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """Of each variable the common grid that pairs of variables are counted on."""
        real = zip(self.train.columns, self.holdout.columns, strict=True)
        return tuple(lay([a, b], PAIR_BINS, self.k) for a, b in real)

    def of_rows(self, most: int, rng: np.random.Generator) -> Trio:
        """The same of at most MOST random rows of each table; of all where there are no more."""
        tables = self.train, self.holdout, self.synthetic, self.train_sized, self.synthetic_sized
        if max(map(len, tables)) <= most:
            return self
        train, holdout, synthetic = (s.draw(most, rng) for s in tables[:3])
        same = len(self.train_sized) == len(self.train), len(self.synthetic_sized) == len(self.synthetic)
        train_sized = train if same[0] else self.train_sized.draw(most, rng)
        synthetic_sized = synthetic if same[1] else self.synthetic_sized.draw(most, rng)
        shuffled = train_sized.shuffled(rng)
        return Trio(train, holdout, synthetic, train_sized, synthetic_sized, shuffled, self.k)


def read_trio(
    train: pa.Table, holdout: pa.Table, synthetic: pa.Table, variables: Variables, rng: np.random.Generator
) -> Trio:
    """Raises BadInput when a table lacks a declared variable, a column cannot be read as declared or holds too large
    a number, a real table is empty, or train and holdout share a patient."""
    tables = {"training": train, "holdout": holdout, "synthetic": synthetic}
    for name, table in tables.items():
        absent = [v.name for v in variables.modelled if v.name not in table.column_names]
        if absent:
            raise BadInput(
                f"the {name} table lacks {', '.join(absent)}: give all three tables every variable of the "
                "declaration"
            )
        if table.num_rows == 0:
            raise BadInput(f"the {name} table has no rows: nothing can be compared with it")
    if not variables.modelled:
        raise BadInput(
            "the declaration has no variable to compare: declare at least one that is no identifier"
        )
    patients = _patients(tables, variables.with_role(Role.PATIENT))
    if np.isin(patients["training"], patients["holdout"]).any():
        raise BadInput(
            "the training and the holdout table share patients: split the rows by patient, then fit again"
        )
    columns = {name: _read(name, like(table, train, variables), variables) for name, table in tables.items()}
    for place, variable in enumerate(variables.modelled):
        if variable.hierarchy:
            real = (columns["training"][place], columns["holdout"][place])
            together = rolled_up([own[place] for own in columns.values()], real, variables.k)
            for own, column in zip(columns.values(), together, strict=True):
                own[place] = column
    samples = {name: Sample(tuple(own), patients[name]) for name, own in columns.items()}
    sized = min(len(samples["training"]), len(samples["synthetic"]))
    train_sized = samples["training"].draw(sized, rng)
    return Trio(
        samples["training"],
        samples["holdout"],
        samples["synthetic"],
        train_sized,
        samples["synthetic"].draw(sized, rng),
        train_sized.shuffled(rng),
        variables.k,
    )


def _read(name: str, table: pa.Table, variables: Variables) -> list[Column]:
    try:
        columns = to_columns(table, variables)
        check_sizes(columns)
        return columns
    except BadInput as error:
        raise BadInput(f"{name} table: {error}") from error


def like(table: pa.Table, model: pa.Table, variables: Variables) -> pa.Table:
    """TABLE's modelled columns, in MODEL's Arrow types where they can be cast: another generator may have
    written them."""
    columns = {}
    for variable in variables.modelled:
        column, wanted = table.column(variable.name), model.schema.field(variable.name).type
        columns[variable.name] = column if column.type == wanted else _cast(column, wanted)
    return pa.table(columns)


def _cast(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    target = wanted.value_type if pa.types.is_dictionary(wanted) else wanted
    try:
        return column.cast(plain).cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column  # the reader of declared kinds has the last word


def _patients(tables: dict[str, pa.Table], variable: Variable | None) -> dict[str, Ints]:
    """A number for each row's patient, the same number in all tables; every row its own where none is
    named."""
    out, next_free = {}, 0
    known: dict[str, int] = {}
    for name, table in tables.items():
        rows = table.num_rows
        codes = np.arange(next_free, next_free + rows, dtype=np.int64)
        next_free += rows
        if variable is not None and variable.name in table.column_names and name != "synthetic":
            text = pc.cast(table.column(variable.name), pa.string()).to_pylist()
            for row, value in enumerate(text):
                if value is not None:
                    codes[row] = known.setdefault(value, codes[row])
        out[name] = codes
    return out


def one_row_each(patients: Ints, rng: np.random.Generator) -> Ints:
    """The place of one random row of each of PATIENTS (the person of every row), in random order."""
    order = rng.permutation(len(patients))
    _, first = np.unique(patients[order], return_index=True)
    return np.asarray(order[np.sort(first)], dtype=np.int64)


def row_keys(sample: Sample) -> npt.NDArray[np.uint64]:
    """A 64-bit key of each row's content: equal rows have equal keys, others differ but for a chance of
    2^-64.

    Numbers are compared at their declared precision, else as 32-bit floats, so that writing a table in
    another type hides no copy.
    """
    keys = np.full(len(sample), 0x9E3779B97F4A7C15, np.uint64)
    for column in sample.columns:
        values = np.where(column.missing > 0, 0.0, column.values)
        if column.variable.kind.has_levels or column.variable.kind is Kind.COUNT:
            bits = np.rint(values).astype(np.int64)
        elif column.variable.precision:
            bits = np.rint(values / column.variable.precision).astype(np.int64)
        else:
            bits = (values.astype(np.float32) + np.float32(0.0)).view(np.int32).astype(np.int64)
        keys = _mix(keys ^ _mix(bits.astype(np.uint64) + (column.missing.astype(np.uint64) << np.uint64(56))))
    return keys


def held(keys: npt.NDArray[np.uint64], among: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """bool[keys]: which of KEYS are among AMONG, which is in rising order. Fastest where KEYS are too."""
    if len(among) == 0:
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.asarray(among[place] == keys)


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """splitmix64's finaliser (Steele, Lea & Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
