"""The model as a JSON document that a custodian can read, compare and inspect before it leaves, and back.

A tree is written node by node. ``on`` names the variable a node splits on (its number; -1 for a leaf), ``left`` the
split codes that go to the left child, as ranges ("0-17,20"), and ``child`` the number of the left child; the right
child follows it. The leaves, in the order of their nodes, have ``chance`` (millionths for each state) and, for numbers,
``knots`` (the quantiles of the body's rank, in 1/10,000ths; empty where the leaf never draws from the body).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.network.arrays import Floats
from locum.network.cells import Cells, on_line
from locum.network.codes import lines_of, variables_of
from locum.network.conditional import Conditional
from locum.network.damage import Damaged, inside, keys, list_of, need, numbers, whole
from locum.network.following import MOST_FORMULAS
from locum.network.implied import Held
from locum.network.latent import hidden_variable
from locum.network.leaves import KNOTS, MILLION, RANKS
from locum.network.mixture import CLASSES as CLASSES_TRIED
from locum.network.network import Network
from locum.network.score_entry import score_entry, score_from
from locum.network.settings import Settings
from locum.network.splits import CODES
from locum.network.trees import WORDS
from locum.network.within import CLASSES, MOST_DIGITS, SHARPEST, Within, exact_places
from locum.variables import Formula, Variable, Variables, formula_of
from locum.variables.rules import rule_clauses


def schema() -> dict[str, Any]:
    """The published JSON Schema of the model file."""
    text = files("locum.network").joinpath("model.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def to_document(network: Network) -> dict[str, Any]:
    """The network as plain lists, numbers and text; `from_document` gives the same network back."""
    return {
        **({"latent": {"classes": len(network.cells[-1].variable.levels)}} if network.hidden else {}),
        "settings": {
            "name": network.settings.name,
            "members": network.settings.members,
            "part": network.settings.part,
            "smallest_leaf": network.settings.smallest_leaf,
            "charge": network.settings.charge,
            "smoothing": network.settings.smoothing,
            "scores": network.settings.scores,
        },
        "rows": network.rows,
        "patients": network.patients,
        "order": list(network.order),
        "rates": [{"broken": held.rate, "kept": held.kept} for held in network.rules],
        "cells": [_cells_entry(cells) for cells in network.cells],
        "scores": [score_entry(score) for score in network.scores],
        "conditionals": [
            _conditional_entry(c, own, network.parents(v))
            for v, (c, own) in enumerate(zip(network.conditionals, network.cells, strict=True))
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
        entry["low"] = cells.low[cells.reasons : cells.first_formula].tolist()
        entry["high"] = cells.high[cells.reasons : cells.first_formula].tolist()
    if cells.within is not None:
        entry["within"] = _within_entry(cells.within)
    if cells.all is not None:
        entry["formulas"] = [formula.entry() for formula in cells.formulas]
        entry["all"] = _cells_entry(cells.all)
    return entry


def _within_entry(within: Within) -> dict[str, Any]:
    """Where inside their cells numbers lie, without what is even."""
    bent = np.flatnonzero(within.bend)
    return {
        "digits": within.digits.tolist(),
        "bends": [[i, p] for i, p in zip(bent.tolist(), within.bend[bent].tolist(), strict=True)],
        "peaks": [
            [i, value, share]
            for i, value, share in zip(
                within.peak_cell.tolist(), within.peak_value.tolist(), within.peak_share.tolist(), strict=True
            )
        ],
    }


def _conditional_entry(conditional: Conditional, cells: Cells, parents: list[int]) -> dict[str, Any]:
    ends = [*conditional.roots[1:].tolist(), len(conditional.variable)]
    return {
        "variable": cells.variable.name,
        "parents": parents,
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
        what = str(error) if isinstance(error, Damaged) else "its parts do not fit together"
        raise BadInput(
            f"{where} is damaged or was not written by locum: {what}; make the model again with locum fit"
        ) from None


def _network(document: dict[str, Any], variables: Variables) -> Network:
    modelled = variables.modelled
    hidden = _hidden(document.get("latent"), modelled)
    modelled += hidden
    entries, trees = list_of(document["cells"], "cells"), list_of(document["conditionals"], "conditionals")
    order = whole(document["order"], "order").tolist()
    need(len(entries) == len(modelled) == len(trees), "the variables and their conditionals differ in number")
    need(sorted(order) == list(range(len(modelled))), "the order is not an order of the variables")
    need(
        order[: len(hidden)] == list(range(len(modelled) - len(hidden), len(modelled))),
        "the latent class does not come first",
    )
    settings = _settings(document["settings"])
    cells = [_cells(entry, variable) for entry, variable in zip(entries, modelled, strict=True)]
    for own in cells[len(modelled) - len(hidden) :]:
        need(not own.mass[: own.reasons].any() and own.mass[-1] == 0, "the latent class has classes unknown")
    before: list[int] = []
    conditionals: dict[int, Conditional] = {}
    scores = tuple(score_from(entry, order, cells) for entry in list_of(document["scores"], "scores"))
    first = {modelled[v].name: i for i, v in enumerate(order)}
    for place, v in enumerate(order):
        name, entry = modelled[v].name, trees[v]
        parts = {part for formula in cells[v].formulas for part in formula.of}
        need(
            all(
                first.get(part, place) < place and modelled[order[first[part]]].kind.is_numeric
                for part in parts
            ),
            f'the formulas of "{name}" are not of numbers that come before it',
        )
        keys(entry, {"variable", "parents", "trees"}, f'the conditional of "{name}"')
        need(entry["variable"] == name, f'the conditional of "{name}" is missing')
        what = f'a tree of "{name}"'
        grown = list_of(entry["trees"], what)
        need(len(grown) == settings.members, f'the trees of "{name}" and the members differ in number')
        conditionals[v] = _conditional(grown, cells[v], set(lines_of(v, before, cells, scores)), what)
        parents = whole(entry["parents"], "parents").tolist()
        need(
            parents == variables_of(conditionals[v].lines, cells, scores),
            f'the parents of "{name}" are not those it splits on',
        )
        before.append(v)
    rows, patients = document["rows"], document["patients"]
    need(type(rows) is int and type(patients) is int, "rows or patients are not whole numbers")
    need(1 <= patients <= rows, "rows and patients do not agree")
    return Network(
        tuple(cells),
        tuple(order),
        tuple(conditionals[v] for v in range(len(modelled))),
        settings,
        variables.k,
        rows,
        patients,
        _rules(document["rates"], variables),
        len(hidden),
        scores,
    )


def _hidden(entry: Any, modelled: Sequence[Variable]) -> tuple[Variable, ...]:
    """The latent class, where there is one."""
    if entry is None:
        return ()
    what = "the latent class does not fit"
    keys(entry, {"classes"}, "the latent class")
    need(type(entry["classes"]) is int and entry["classes"] in CLASSES_TRIED, what)
    return (hidden_variable(entry["classes"], [variable.name for variable in modelled]),)


def _rules(rates: Any, variables: Variables) -> tuple[Held, ...]:
    """The clauses of the declared rules, each with the rate at which it is broken."""
    what = "the rates of the rules do not fit"
    entries = list_of(rates, what)
    clauses = [(rule, clause) for rule, found in rule_clauses(variables) for clause in found]
    need(len(entries) == len(clauses), what)
    held = []
    for entry, (rule, clause) in zip(entries, clauses, strict=True):
        keys(entry, {"broken", "kept"}, what)
        rate, kept = numbers([entry["broken"], entry["kept"]], what).tolist()
        need(0 <= rate <= 1 and 0 <= kept <= 1 and (not rule.exactly or rate == kept == 0), what)
        held.append(Held(clause, rate=rate, kept=kept))
    return tuple(held)


def _settings(entry: Any) -> Settings:
    what = "the settings do not fit"
    keys(entry, {field.name for field in fields(Settings)}, "settings")
    settings = Settings(**entry)
    need(type(settings.name) is str, what)
    need(type(settings.members) is int and type(settings.smallest_leaf) is int, what)
    need(settings.members >= 1 and settings.smallest_leaf >= 1, what)
    for number in (settings.part, settings.charge, settings.smoothing):
        need(type(number) in (int, float) and 0 <= number < np.inf, what)
    need(0 < settings.part <= 1 and type(settings.scores) is bool, what)
    return settings


def _cells(entry: Any, variable: Variable, *, inner: bool = False) -> Cells:
    what = f'the cells of "{variable.name}" do not fit'
    leveled = variable.kind.has_levels
    edges = set() if leveled else {"low", "high"}
    formulas: tuple[Formula, ...] = ()
    seen = None
    if not leveled and "formulas" in entry and not inner:
        edges |= {"formulas", "all"}
        formulas = tuple(formula_of(formula, what) for formula in list_of(entry["formulas"], what))
        need(0 < len(formulas) <= MOST_FORMULAS, what)
        seen = _cells(entry["all"], variable, inner=True)
    if not leveled and "within" in entry and not inner:
        edges |= {"within"}
    keys(entry, {"variable", "share", "split", "state", "body"} | edges, f'the cells of "{variable.name}"')
    need(entry["variable"] == variable.name, f'the cells of "{variable.name}" are missing')
    reasons = len(variable.missing_reasons)
    mass = numbers(entry["share"], what)
    split, state = whole(entry["split"], what), whole(entry["state"], what)
    body = entry["body"]
    need(reasons <= len(mass) <= np.iinfo(np.uint16).max, what)
    need(len(mass) == len(split) == len(state), what)
    need(bool((mass >= 0).all() and (mass <= 1).all() and mass.any()), what)
    need(inside(split, 0, CODES) and inside(state, 0, CODES), what)
    for codes in (split, state):  # missing reasons stand first, alone
        need(
            np.array_equal(codes[:reasons], np.arange(reasons)) and bool((codes[reasons:] >= reasons).all()),
            what,
        )
    need(type(body) is int and (body == -1 or (body >= reasons and body in state.tolist())), what)
    low = high = np.full(len(mass), np.nan)
    within = None
    if leveled:
        need(len(mass) == reasons + len(variable.levels) + 1 and body == -1, what)
    else:
        lows, highs = numbers(entry["low"], what), numbers(entry["high"], what)
        own_numbers = slice(reasons, len(mass) - len(formulas))
        need(len(lows) == len(highs) == len(mass[own_numbers]), what)
        own = state[len(mass) - len(formulas) :]
        need(
            np.array_equal(own, state[: own_numbers.stop].max(initial=-1) + 1 + np.arange(len(formulas))),
            what,
        )
        need(
            bool((np.diff(lows) > 0).all() and (lows <= highs).all() and (highs[:-1] <= lows[1:]).all()), what
        )
        for bound in (lows, highs):
            need(np.array_equal(on_line(variable, bound), bound), f"{what} its declared range and precision")
        if "within" in edges:
            within = _within(entry["within"], variable, lows, highs)
        low[own_numbers] = lows
        high = np.full(len(mass), np.nan)
        high[own_numbers] = highs
    return Cells(
        variable,
        reasons,
        low,
        high,
        mass,
        split.astype(np.uint8),
        state.astype(np.uint8),
        body,
        formulas,
        seen,
        within,
    )


def _within(entry: Any, variable: Variable, low: Floats, high: Floats) -> Within:
    what = f'where the numbers of "{variable.name}" lie within their cells does not fit'
    keys(entry, {"digits", "bends", "peaks"}, what)
    rows = [numbers(row, what) for row in list_of(entry["digits"], what)]
    need(len(rows) <= MOST_DIGITS and all(len(row) == CLASSES for row in rows), what)
    digits = np.array(rows).reshape(len(rows), CLASSES)
    need(bool((digits >= 0).all() and (digits <= 10).all() and (digits.sum(axis=1) > 0).all()), what)
    need(not rows or exact_places(np.concatenate([low, high]), variable.precision), what)
    bend = np.zeros(len(low))
    bends = [numbers(pair, what) for pair in list_of(entry["bends"], what)]
    need(all(len(pair) == 2 for pair in bends), what)
    peaks = [numbers(three, what) for three in list_of(entry["peaks"], what)]
    need(all(len(three) == 3 for three in peaks), what)
    for cell in [*(pair[0] for pair in bends), *(three[0] for three in peaks)]:
        need(cell == int(cell) and 0 <= cell < len(low), what)
    for number, rate in bends:
        need(0 < abs(rate) <= SHARPEST, what)
        bend[int(number)] = rate
    at = np.array([three[0] for three in peaks]).astype(np.int64)
    value, share = np.array([three[1] for three in peaks]), np.array([three[2] for three in peaks])
    need(bool((np.diff(at) >= 0).all() and (share > 0).all()), what)
    need(bool((np.bincount(at, share, minlength=1) <= 1 + 1e-9).all()), what)
    need(bool(((low[at] <= value) & (value <= high[at])).all()), what)
    need(np.array_equal(on_line(variable, value), value), what)
    return Within(digits, bend, at, value.astype(np.float64), share.astype(np.float64))


def _conditional(entries: Sequence[dict[str, Any]], cells: Cells, before: set[int], what: str) -> Conditional:
    need(len(entries) > 0, f"{what} is missing")
    roots, variable, bits, left, leaf, chance, knots = [], [], [], [], [], [], []
    nodes = leaves = 0
    for entry in entries:
        keys(entry, {"on", "left", "child", "chance"} | ({"knots"} if cells.body >= 0 else set()), what)
        on = whole(entry["on"], what)
        inner = on >= 0
        count = int((~inner).sum())
        need(len(on) == 2 * count - 1 and bool((on >= -1).all()), f"{what} is not a tree")
        need(set(on[inner].tolist()) <= before, f"{what} splits on a variable that does not come before it")
        child = np.zeros(len(on), np.int64)
        children = whole(entry["child"], what)
        need(len(children) == count - 1, f"{what} is not a tree")
        child[inner] = children
        need(bool((child < len(on)).all()), f"{what} is not a tree")
        need(bool((child[inner] > np.flatnonzero(inner)).all()), f"{what} runs in a circle")
        reached = np.concatenate([[0], child[inner], child[inner] + 1])
        need(np.array_equal(np.sort(reached), np.arange(len(on))), f"{what} is not a tree")
        words = np.zeros((len(on), WORDS), np.uint64)
        left_codes = list_of(entry["left"], what)
        need(len(left_codes) == count - 1, f"{what} is not a tree")
        words[inner] = _bits(left_codes)
        number = np.full(len(on), -1, np.int64)
        number[~inner] = leaves + np.arange(count)
        p = whole(entry["chance"], f"{what} has leaves of the wrong size", 2)
        need(p.shape == (count, cells.states), f"{what} has leaves of the wrong size")
        need(
            inside(p, 0, MILLION + 1) and bool((p.sum(axis=1) == MILLION).all()),
            f"{what} has chances that do not add up",
        )
        q = np.zeros((count, KNOTS + 1), np.int64)
        if cells.body >= 0:
            lines = list_of(entry["knots"], what)
            draws = p[:, cells.body] > 0
            need([bool(list_of(line, what)) for line in lines] == draws.tolist(), f"{what} has knots amiss")
            if draws.any():
                drawn = whole([line for line in lines if line], f"{what} has knots amiss", 2)
                need(drawn.shape[1] == KNOTS + 1, f"{what} has knots of the wrong number")
                q[draws] = drawn
        need(
            inside(q, 0, RANKS + 1) and bool((np.diff(q, axis=1) >= 0).all()),
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
    leaf_of = np.concatenate(leaf)
    drawable = np.zeros(cells.states, np.bool_)
    drawable[cells.state[cells.mass > 0]] = True
    probability = np.concatenate(chance)
    need(not probability[:, ~drawable].any(), f"{what} draws what no patient holds")
    return Conditional(
        roots=np.array(roots, np.int64),
        variable=np.concatenate(variable),
        bits=np.concatenate(bits),
        left=lefts,
        right=np.where(leaf_of < 0, lefts + 1, 0),
        leaf=leaf_of,
        probability=probability,
        knots=np.concatenate(knots),
    )


_RANGES = re.compile(r"[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*")


def _bits(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The inverse of `_ranges`."""
    flags = np.zeros((len(texts), CODES), np.uint8)
    for row, text in enumerate(texts):
        need(type(text) is str and _RANGES.fullmatch(text) is not None, "a split is not written as ranges")
        for part in text.split(","):
            first, _, last = part.partition("-")
            a, b = int(first), int(last or first)
            need(0 <= a <= b < CODES, "a split names codes that do not exist")
            flags[row, a : b + 1] = 1
    return np.packbits(flags, axis=1, bitorder="little").view("<u8").astype(np.uint64)
