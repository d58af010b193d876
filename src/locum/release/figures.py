"""``figures.json``: every figure of the release, each with how anyone, or the custodian, computes it again.

Those that follow from the package are computed here by the very script that lies in it, `reproduce.py`, and compared
by it with what other parts of locum wrote into metrics.json and the dictionary.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from locum.release import reproduce
from locum.release.commands import WHERE, evaluated_by, inputs
from locum.release.facts import as_json, data_files
from locum.release.release import Document, File, Release
from locum.variables import to_toml

HOW = "python reproduce.py"
NAMING = ("name", "analysis", "outcome", "target", "model", "term", "variable", "rule", "group", "label")
"""What tells one entry of a list of metrics.json from the others, as far as it has them."""

MEANT = {
    "about": "How many real rows and patients were compared",
    "metrics": "A measure of the report",
    "marginals": "The distribution of a variable, real patients beside artificial ones",
    "pairs": "How two variables go together, real patients beside artificial ones, total variation in %",
    "missing": "Share of missing values",
    "give_aways": "By what a classifier tells artificial patients from real ones",
    "predictions": "A prediction learned from real and from artificial patients, on unseen real ones",
    "attacks": "An attack on privacy by whoever holds the table",
    "model_attacks": "An attack on privacy by whoever holds the model",
    "combinations": "How three or four variables go together, total variation in %",
    "risks": "How often an attack is right about patients that taught the model, and about unseen ones",
    "guesses": "How well a variable is guessed of patients that taught the model, and of unseen ones",
    "subgroups": "A group of patients: its size, and the variable furthest off in it",
    "rules": "Share of rows that break a rule",
    "predicted_risks": "What predicted risks are worth for unseen real patients",
    "importances": "What a prediction rests on",
    "small_cells": "Combinations of known variables that few people have",
    "subgroup_utility": "A prediction in one group of unseen real patients",
    "effects": "A coefficient of a regression, on real and on artificial patients",
    "survival": "A survival curve, of real and of artificial patients",
}
REAL = ("train_rows", "train_patients", "holdout_rows", "holdout_patients")
AXES = ("edges", "false_positive_rate", "time", "thresholds", "k", "par", "caution", "fail")
"""What figures are told at, or judged by, and no figures themselves."""
UNITS = {
    "marginals": {"train": "share of rows", "holdout": "share of rows", "synthetic": "share of rows"}
    | {"gap": "%", "ceiling": "%"},
    "pairs": {"gap": "%", "ceiling": "%", "worst": "%"},
    "missing": dict.fromkeys(("train", "holdout", "synthetic"), "share of rows"),
    "combinations": dict.fromkeys(("gap", "ceiling", "worst_pair"), "%"),
    "subgroups": {"gap": "%", "ceiling": "%", "train": "share of rows", "holdout": "share of rows"}
    | {"synthetic": "share of rows"},
    "survival": {"gap": "points", "ceiling": "points"},
}


@dataclass(frozen=True)
class Stated:
    """A figure of metrics.json. where: the names that lead to it."""

    where: tuple[str, ...]
    value: Any
    unit: str
    what: str

    @property
    def name(self) -> str:
        return "report/" + "/".join(self.where)


def write(release: Release, files: Sequence[File]) -> bytes:
    """Those of the package first: the files' hashes, the table's figures; then those of the custodian."""
    evidence = release.evidence
    declared = {v["name"]: v for v in tomllib.loads(to_toml(evidence.variables))["variable"]}
    table, parquet = evidence.table, data_files(files)[0]
    read = {parquet.path: parquet.sha256}
    report = evidence.metrics.model_dump(mode="json")
    computed = list(
        reproduce.compute(
            [declared[name] for name in table.column_names],
            table.column,
            table.num_rows,
            report if release.derivation is None else reproduce.OF_ANOTHER,
        )
    )
    stated = {figure.name: figure for figure in figures_of(report)}
    package = [
        *(_package(f"files/{f.path}", f.sha256, "SHA-256", f.what, "sha256sum", {}) for f in files),
        *(
            # What the report states is compared with what the script counts, not what we counted just now.
            _package(
                f.name, stated[f.name].value if f.name in stated else f.value, f.unit, f.what, f.how, read
            )
            for f in computed
        ),
    ]
    known = {figure["name"] for figure in package}
    command, given = evaluated_by(release), inputs(release)
    custodian = [
        {
            "name": figure.name,
            "value": figure.value,
            "unit": figure.unit,
            "what": figure.what,
            "from": "custodian",
            "where": WHERE,
            "command": command,
            "inputs": given,
        }
        for figure in stated.values()
        if figure.name not in known
    ]
    return as_json([*package, *custodian])


def _package(name: str, value: Any, unit: str, what: str, how: str, read: dict[str, str]) -> dict[str, Any]:
    how = f"{HOW}: {how}"
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "what": what,
        "from": "package",
        "how": how,
        "inputs": read,
    }


def figures_of(report: dict[str, Any]) -> Iterator[Stated]:
    """Every figure of metrics.json, as a number or a list of numbers; words and settings are none."""
    for section, what in MEANT.items():
        entries = report[section]
        if section == "about":
            entries = {key: entries[key] for key in REAL}
        yield from _walk((section,), entries, what)


def _walk(where: tuple[str, ...], found: Any, what: str, unit: str = "") -> Iterator[Stated]:
    if isinstance(found, dict):
        if where[0] == "metrics":
            unit, what = found.get("unit", unit), found.get("title", what)
        for key, value in found.items():
            if key not in AXES or where[-1] == "floors":  # whose keys are words
                yield from _walk((*where, key), value, what, UNITS.get(where[0], {}).get(key, unit))
    elif isinstance(found, list) and found and all(isinstance(entry, dict) for entry in found):
        names = [_named(entry) for entry in found]
        for place, (name, entry) in enumerate(zip(names, found, strict=True), 1):
            alike = names.count(name) > 1 or not name
            yield from _walk((*where, f"{name} {place}".strip() if alike else name), entry, what, unit)
    elif _is_figure(found):
        yield Stated(where, found, unit, what)


def _named(entry: dict[str, Any]) -> str:
    told = [str(entry[key]) for key in NAMING if isinstance(entry.get(key), str)]
    return ", ".join(told or map(str, entry.get("variables", ())))


def _is_figure(found: Any) -> bool:
    """A number, or a list with numbers in it."""
    if isinstance(found, list):
        return any(_is_figure(one) for one in found)
    return isinstance(found, int | float) and not isinstance(found, bool)


def script(release: Release, files: Sequence[File]) -> bytes:
    """The source of `reproduce.py` beside this file, which imports nothing of locum."""
    return Path(reproduce.__file__).read_bytes()


DOCUMENTS = (
    Document(
        "figures.json",
        "application/json",
        "Every figure of the release, each with how it is computed again.",
        write,
    ),
    Document(
        "reproduce.py",
        "text/x-python",
        "A script that computes again every figure that follows from the package alone.",
        script,
    ),
)
