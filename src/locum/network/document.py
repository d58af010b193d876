"""The model as a JSON document that a custodian can read, compare and inspect before it leaves, and back.

How each part is written is in the modules named after it: `cells_entry`, `conditional_entry`, `score_entry`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from importlib.resources import files
from typing import Any

import numpy as np

from locum.errors import BadInput
from locum.network.cells_entry import cells_entry, cells_from
from locum.network.codes import lines_of, variables_of
from locum.network.conditional import Conditional
from locum.network.conditional_entry import conditional_entry, conditional_from
from locum.network.damage import Damaged, keys, list_of, need, numbers, whole
from locum.network.implied import Held
from locum.network.latent import hidden_variable
from locum.network.mixture import CLASSES
from locum.network.network import Network
from locum.network.order import FINEST, TIERS
from locum.network.score_entry import score_entry, score_from
from locum.network.settings import Settings
from locum.variables import Variable, Variables
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
        **({"ordered_by": TIERS} if network.ordered_by == TIERS else {}),
        "settings": {
            "name": network.settings.name,
            "members": network.settings.members,
            "part": network.settings.part,
            "smallest_leaf": network.settings.smallest_leaf,
            "charge": network.settings.charge,
            "smoothing": network.settings.smoothing,
            "scores": network.settings.scores,
            "taught": network.settings.taught,
            "dearer": network.settings.dearer,
        },
        "rows": network.rows,
        "patients": network.patients,
        "order": list(network.order),
        "rates": [{"broken": held.rate, "kept": held.kept} for held in network.rules],
        "cells": [cells_entry(cells) for cells in network.cells],
        "scores": [score_entry(score) for score in network.scores],
        "conditionals": [
            conditional_entry(c, own, network.parents(v))
            for v, (c, own) in enumerate(zip(network.conditionals, network.cells, strict=True))
        ],
    }


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
    ordered_by = FINEST
    if "ordered_by" in document:
        ordered_by = TIERS
        tiers = [modelled[v].tier for v in order[len(hidden) :]]
        need(document["ordered_by"] == TIERS and None not in tiers, "the order is not by declared tiers")
        need(tiers == sorted(t for t in tiers if t is not None), "the order does not follow the tiers")
    settings = _settings(document["settings"])
    cells = [cells_from(entry, variable) for entry, variable in zip(entries, modelled, strict=True)]
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
        conditionals[v] = conditional_from(grown, cells[v], set(lines_of(v, before, cells, scores)), what)
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
        ordered_by,
    )


def _hidden(entry: Any, modelled: Sequence[Variable]) -> tuple[Variable, ...]:
    """The latent class, where there is one."""
    if entry is None:
        return ()
    what = "the latent class does not fit"
    keys(entry, {"classes"}, "the latent class")
    need(type(entry["classes"]) is int and entry["classes"] in CLASSES, what)
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
    factors = (settings.part, settings.charge, settings.smoothing, settings.taught, settings.dearer)
    for number in factors:
        need(type(number) in (int, float) and number is not None and 0 <= number < np.inf, what)
    need(0 < settings.part <= 1 and 0 < settings.taught <= 1 and type(settings.scores) is bool, what)
    return settings
