"""Draw rows of artificial patients, variable by variable in the order of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from locum.network.arrays import Bytes, Flags, Floats
from locum.network.cells import Cells
from locum.network.codes import codes_of, follow, formula_lines
from locum.network.draw import draw_variable
from locum.variables import Column

if TYPE_CHECKING:
    from locum.network.network import Network


def draw_rows(
    network: Network, drawn: Sequence[Column], stream: Callable[[int], np.random.Generator]
) -> None:
    """Fill DRAWN, a column a variable, with artificial patients; STREAM gives the random numbers of a variable."""
    n = len(drawn[0])
    lines = formula_lines(network.cells)
    place_of = {own.variable.name: v for v, own in enumerate(network.cells)}
    split = np.zeros((len(network.cells) + len(lines), n), np.uint8)
    for v in network.order:
        own, column = network.cells[v], drawn[v]
        given = [follow(f, own.variable, place_of, [c.values for c in drawn]) for f in own.formulas]
        place = np.empty(n)
        drawable = own.drawable()
        draw_variable(
            network.conditionals[v], drawable, v, split, stream(v).random((3, n)), _shut(own, given), place
        )
        whole = np.maximum(place, 0.0).astype(np.int64)
        cell = np.where(place < 0, 0, drawable.order[whole])
        decoded = own.decode(cell, place - whole)
        column.values[:], column.missing[:] = decoded.values, decoded.missing
        if own.formulas:
            _put_in(given, own, cell, column, split[lines[v]])
            split[v] = codes_of(own, column.values, column.missing)


def _shut(own: Cells, given: Sequence[Floats]) -> Flags:
    """bool[n, states]: a formula is not open to rows in which a part of it is missing."""
    if not any(np.isnan(values).any() for values in given):
        return np.zeros((0, own.states), np.bool_)
    shut = np.zeros((len(given[0]), own.states), np.bool_)
    for state, values in zip(own.state[own.first_formula :], given, strict=True):
        shut[:, state] = np.isnan(values)
    return shut


def _put_in(given: Sequence[Floats], own: Cells, cell: np.ndarray, column: Column, line: Bytes) -> None:
    """Give the rows that follow a formula its value, and LINE its number."""
    for j, values in enumerate(given):
        here = cell == own.first_formula + j
        column.values[here] = values[here]
        column.missing[here] = 0
        line[here] = j + 1
