"""The model as a JSON document that a custodian can read, compare and inspect before it leaves, and back.

A tree is written node by node. ``on`` names the variable a node splits on (its number; -1 for a leaf), ``left`` the
split codes that go to the left child, as ranges ("0-17,20"), and ``child`` the number of the left child; the right
child follows it. The leaves, in the order of their nodes, have ``chance`` (millionths for each state) and, for numbers,
``knots`` (the quantiles of the body's rank, in 1/10,000ths; empty where the leaf never draws from the body).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.network.cells import Cells
from locum.network.conditional import Conditional
from locum.network.leaves import KNOTS, MILLION, RANKS
from locum.network.network import Network
from locum.network.settings import Settings
from locum.network.trees import CODES, WORDS
from locum.variables import Variables


def schema() -> dict[str, Any]:
    """The published JSON Schema of the model file."""
    text = files("locum.network").joinpath("model.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def to_document(network: Network) -> dict[str, Any]:
    """The network as plain lists, numbers and text; `from_document` gives the same network back."""
    return {
        "settings": {
            "name": network.settings.name,
            "members": network.settings.members,
            "part": network.settings.part,
            "smallest_leaf": network.settings.smallest_leaf,
            "charge": network.settings.charge,
            "smoothing": network.settings.smoothing,
        },
        "rows": network.rows,
        "patients": network.patients,
        "order": list(network.order),
        "cells": [_cells_entry(cells) for cells in network.cells],
        "conditionals": [
            _conditional_entry(c, own) for c, own in zip(network.conditionals, network.cells, strict=True)
        ],
    }


def _cells_entry(cells: Cells) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "variable": cells.variable.name,
        "share": cells.mass.tolist(),
        "split": cells.split.tolist(),
        "state": cells.state.tolist(),
        "body": cells.body,
    }
    if not cells.variable.kind.has_levels:
        entry["low"] = cells.low[cells.reasons :].tolist()
        entry["high"] = cells.high[cells.reasons :].tolist()
    return entry


def _conditional_entry(conditional: Conditional, cells: Cells) -> dict[str, Any]:
    ends = [*conditional.roots[1:].tolist(), len(conditional.variable)]
    return {
        "variable": cells.variable.name,
        "parents": conditional.parents,
        "trees": [
            _tree_entry(conditional, cells.body, a, b)
            for a, b in zip(conditional.roots.tolist(), ends, strict=True)
        ],
    }


def _tree_entry(conditional: Conditional, body: int, a: int, b: int) -> dict[str, Any]:
    on = conditional.variable[a:b]
    leaf = conditional.leaf[a:b]
    first, last = int(leaf[leaf >= 0].min()), int(leaf.max()) + 1
    entry: dict[str, Any] = {
        "on": on.tolist(),
        "left": _ranges(conditional.bits[a:b][on >= 0]),
        "child": (conditional.left[a:b] - a)[on >= 0].tolist(),
        "chance": conditional.probability[first:last].tolist(),
    }
    if body >= 0:
        draws = conditional.probability[first:last, body] > 0
        entry["knots"] = [
            k if d else []
            for k, d in zip(conditional.knots[first:last].tolist(), draws.tolist(), strict=True)
        ]
    return entry


def _ranges(bits: npt.NDArray[np.uint64]) -> list[str]:
    """Sets of codes as text: "0-17,20"."""
    if len(bits) == 0:
        return []
    flags = np.unpackbits(
        bits.astype("<u8").view(np.uint8).reshape(len(bits), CODES // 8), axis=1, bitorder="little"
    )
    edge = np.diff(flags.astype(np.int8), axis=1, prepend=0, append=0)
    starts, ends = np.nonzero(edge == 1), np.nonzero(edge == -1)
    texts: list[list[str]] = [[] for _ in range(len(bits))]
    for row, first, last in zip(starts[0].tolist(), starts[1].tolist(), (ends[1] - 1).tolist(), strict=True):
        texts[row].append(str(first) if first == last else f"{first}-{last}")
    return [",".join(t) for t in texts]


def from_document(document: dict[str, Any], variables: Variables, where: str) -> Network:
    """The network in DOCUMENT, for the modelled variables of the declaration.

    Raises BadInput when the document is not what `to_document` writes: every number that is used as an index is
    checked, so that a damaged or a hostile file is refused, not followed.
    """
    try:
        return _network(document, variables)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        what = str(error) if isinstance(error, _Damaged) else "its parts do not fit together"
        raise BadInput(
            f"{where} is damaged or was not written by locum: {what}; make the model again with locum fit"
        ) from None


class _Damaged(ValueError):
    """Says which part of the document is wrong."""


def _need(condition: bool | np.bool_, what: str) -> None:
    if not condition:
        raise _Damaged(what)


def _network(document: dict[str, Any], variables: Variables) -> Network:
    modelled = variables.modelled
    entries, trees, order = document["cells"], document["conditionals"], document["order"]
    _need(
        len(entries) == len(modelled) == len(trees), "the variables and their conditionals differ in number"
    )
    _need(sorted(order) == list(range(len(modelled))), "the order is not an order of the variables")
    cells = []
    for entry, variable in zip(entries, modelled, strict=True):
        _need(entry["variable"] == variable.name, f'the cells of "{variable.name}" are missing')
        reasons = len(variable.missing_reasons)
        mass = np.array(entry["share"], np.float64)
        nothing = np.full(reasons, np.nan)
        low, high = (
            np.full(len(mass), np.nan)
            if variable.kind.has_levels
            else np.concatenate([nothing, np.array(entry[key], np.float64)])
            for key in ("low", "high")
        )
        split, state = (np.array(entry[key], np.int64) for key in ("split", "state"))
        body = int(entry["body"])
        what = f'the cells of "{variable.name}" do not fit'
        _need(mass.ndim == 1 and reasons <= len(mass) <= np.iinfo(np.uint16).max, what)
        _need(len(mass) == len(low) == len(high) == len(split) == len(state), what)
        _need(np.isfinite(mass).all() and (mass >= 0).all() and mass.sum() > 0, what)
        _need(_inside(split, 0, CODES) and _inside(state, 0, CODES) and -1 <= body <= state.max(), what)
        _need(not variable.kind.has_levels or len(mass) == reasons + len(variable.levels) + 1, what)
        if not variable.kind.has_levels:
            lows, highs = low[reasons:], high[reasons:]
            _need(np.isfinite(lows).all() and np.isfinite(highs).all() and (np.diff(lows) >= 0).all(), what)
        cells.append(
            Cells(variable, reasons, low, high, mass, split.astype(np.uint8), state.astype(np.uint8), body)
        )
    before: set[int] = set()
    conditionals: dict[int, Conditional] = {}
    for v in order:
        _need(trees[v]["variable"] == modelled[v].name, f'the conditional of "{modelled[v].name}" is missing')
        conditionals[v] = _conditional(trees[v]["trees"], cells[v], before, f'a tree of "{modelled[v].name}"')
        before.add(v)
    settings = Settings(**document["settings"])
    return Network(
        tuple(cells),
        tuple(order),
        tuple(conditionals[v] for v in range(len(modelled))),
        settings,
        variables.k,
        int(document["rows"]),
        int(document["patients"]),
    )


def _inside(numbers: npt.NDArray[np.int64], least: int, beyond: int) -> bool:
    return bool(((numbers >= least) & (numbers < beyond)).all())


def _conditional(entries: Sequence[dict[str, Any]], cells: Cells, before: set[int], what: str) -> Conditional:
    _need(len(entries) > 0, f"{what} is missing")
    roots, variable, bits, left, leaf, chance, knots = [], [], [], [], [], [], []
    nodes = leaves = 0
    for entry in entries:
        on = np.array(entry["on"], np.int64)
        inner = on >= 0
        count = int((~inner).sum())
        _need(on.ndim == 1 and len(on) == 2 * count - 1, f"{what} is not a tree")
        _need(set(on[inner].tolist()) <= before, f"{what} splits on a variable that does not come before it")
        child = np.zeros(len(on), np.int64)
        child[inner] = np.array(entry["child"], np.int64)
        _need(bool((child[inner] > np.flatnonzero(inner)).all()), f"{what} runs in a circle")
        reached = np.concatenate([[0], child[inner], child[inner] + 1])
        _need(np.array_equal(np.sort(reached), np.arange(len(on))), f"{what} is not a tree")
        words = np.zeros((len(on), WORDS), np.uint64)
        words[inner] = _bits(entry["left"])
        number = np.full(len(on), -1, np.int64)
        number[~inner] = leaves + np.arange(count)
        p = np.array(entry["chance"], np.int64)
        _need(p.shape == (count, cells.states), f"{what} has leaves of the wrong size")
        _need(
            _inside(p, 0, MILLION + 1) and bool((p.sum(axis=1) == MILLION).all()),
            f"{what} has chances that do not add up",
        )
        q = np.zeros((count, KNOTS + 1), np.int64)
        if cells.body >= 0:
            for i, line in enumerate(entry["knots"]):
                if line:
                    q[i] = line
                else:
                    _need(p[i, cells.body] == 0, f"{what} lacks knots")
        _need(
            _inside(q, 0, RANKS + 1) and bool((np.diff(q, axis=1) >= 0).all()),
            f"{what} has knots that do not rise",
        )
        roots.append(nodes)
        variable.append(on)
        bits.append(words)
        left.append(np.where(inner, child + nodes, 0))
        leaf.append(number)
        chance.append(p.astype(np.int32))
        knots.append(q.astype(np.int32))
        nodes += len(on)
        leaves += count
    lefts = np.concatenate(left)
    numbers = np.concatenate(leaf)
    drawable = np.zeros(cells.states, np.bool_)
    drawable[cells.state[cells.mass > 0]] = True
    probability = np.concatenate(chance)
    _need(not probability[:, ~drawable].any(), f"{what} draws what no patient holds")
    return Conditional(
        roots=np.array(roots, np.int64),
        variable=np.concatenate(variable),
        bits=np.concatenate(bits),
        left=lefts,
        right=np.where(numbers < 0, lefts + 1, 0),
        leaf=numbers,
        probability=probability,
        knots=np.concatenate(knots),
    )


def _bits(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The inverse of `_ranges`."""
    flags = np.zeros((len(texts), CODES), np.uint8)
    for row, text in enumerate(texts):
        for part in text.split(","):
            first, _, last = part.partition("-")
            a, b = int(first), int(last or first)
            _need(0 <= a <= b < CODES, "a split names codes that do not exist")
            flags[row, a : b + 1] = 1
    return np.packbits(flags, axis=1, bitorder="little").view("<u8").astype(np.uint64)
