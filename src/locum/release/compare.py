"""How a release differs from the one before it: rows, variables, distributions, associations, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.errors import BadInput
from locum.evaluate.metrics import About as Evaluated
from locum.release.about import About
from locum.release.apart import holm, of_associations, of_counts, of_numbers
from locum.release.changes import Change, Changes
from locum.release.previous import Previous, check_follows
from locum.release.release import Evidence
from locum.variables import OTHER, Column, Kind, Variable, Variables, to_columns

ROWS = 200_000
"""Rows of each table that distributions are compared on: two distribution functions are then known to half a point of
each other (Massart 1990), less than anyone should care about."""
PAIRS = 10  # whose association changed most are told, those beyond chance first
LEAST_CHANGE = 0.01  # of an association that is told
GROUPS = 6  # of a variable whose associations are compared: four of its values, the rest, and none
SHOWN = 3  # levels whose shares changed most are told


@dataclass(frozen=True)
class _Tested:
    """A difference, and the chance that two draws of one model differ so."""

    change: Change
    p: float


def compare(previous: Previous, about: About, evidence: Evidence) -> Changes:
    """What is different from PREVIOUS in the release that ABOUT and EVIDENCE make.

    Raises UsageError when it is no later version of the same dataset, and BadInput when the last table does not fit its
    own declaration.
    """
    check_follows(about, previous)
    old, new = previous.variables, evidence.variables
    columns = (_columns(previous.table, old, "the last release: "), _columns(evidence.table, new, ""))
    tested: list[_Tested] = []
    both = [v.name for v in new.modelled if v.name in columns[0]]
    for name in both:
        tested += _of_variable(columns[0][name], columns[1][name])
    alike = [n for n in both if _alike(old[n], new[n])]
    tested += _of_pairs([(columns[0][name], columns[1][name]) for name in alike])
    beyond = holm([one.p for one in tested])
    changes = [
        one.change.model_copy(update={"beyond_chance": bool(sure)})
        for one, sure in zip(tested, beyond, strict=True)
    ]
    pairs = [c for c in changes if c.of == "association"]
    pairs = sorted(pairs, key=lambda c: (c.beyond_chance, _moved(c)), reverse=True)[:PAIRS]
    return Changes(
        before=previous.version,
        after=about.version,
        sha256=previous.sha256,
        differences=(
            *_sizes(previous.evaluated, evidence.metrics.about, previous.table, evidence.table),
            *_declared(old, new),
            *(c for c in changes if c.of != "association"),
            *(c for c in pairs if _moved(c) >= LEAST_CHANGE),
            *_settings(previous.evaluated, evidence.metrics.about),
        ),
        compared=(min(previous.table.num_rows, ROWS), min(evidence.table.num_rows, ROWS)),
    )


def _columns(table: pa.Table, variables: Variables, where: str) -> dict[str, Column]:
    """The columns of random rows of TABLE, always the same ones."""
    if table.num_rows > ROWS:
        rng = np.random.default_rng(table.num_rows)
        rows = np.sort(rng.choice(table.num_rows, ROWS, replace=False))
        table = pa.table(
            {v.name: table[v.name].take(rows) for v in variables.modelled if v.name in table.column_names}
        )
    try:
        return {column.variable.name: column for column in to_columns(table, variables, None)}
    except BadInput as error:
        raise BadInput(f"{where}{error}") from None


def _alike(old: Variable, new: Variable) -> bool:
    """Whether the values of both can be set side by side."""
    return old.kind.has_levels == new.kind.has_levels and (old.kind is Kind.DATE) == (new.kind is Kind.DATE)


def _sizes(old: Evaluated, new: Evaluated, before: pa.Table, after: pa.Table) -> Iterator[Change]:
    counts = {
        "rows": (before.num_rows, after.num_rows),
        "patients learned from": (old.train_patients, new.train_patients),
        "patients held out": (old.holdout_patients, new.holdout_patients),
        "variables": (old.variables, new.variables),
    }
    for what, (one, other) in counts.items():
        if one != other:
            yield Change(what=what, before=f"{one:,}", after=f"{other:,}", of="size")


def _declared(old: Variables, new: Variables) -> Iterator[Change]:
    """Variables that came, went or changed what they are, and levels likewise."""
    for v in new.modelled:
        if v.name not in old or not old[v.name].is_modelled:
            yield Change(what=v.name, before="not there", after=_kind(v))
    for v in old.modelled:
        if v.name not in new or not new[v.name].is_modelled:
            yield Change(what=v.name, before=_kind(v), after="not there")
            continue
        now = new[v.name]
        if _kind(v) != _kind(now):
            yield Change(what=v.name, before=_kind(v), after=_kind(now))
        gone = [level for level in v.levels if level not in now.levels]
        came = [level for level in now.levels if level not in v.levels]
        if gone or came:
            yield Change(what=v.name, before=_listed(gone), after=_listed(came), of="levels")


def _kind(v: Variable) -> str:
    return f"{v.kind}, {v.storage}" + (f", in {v.unit}" if v.unit else "")


def _listed(levels: Sequence[str]) -> str:
    more = f" and {len(levels) - 10:,} more" if len(levels) > 10 else ""
    return f"{', '.join(levels[:10])}{more}" if levels else "none"


def _of_variable(old: Column, new: Column) -> Iterator[_Tested]:
    """Its share of missing values, and the distribution of those that are there."""
    counts = [np.array([np.sum(c.missing == 0), np.sum(c.missing > 0)], dtype=np.int64) for c in (old, new)]
    gap, p = of_counts(*counts)
    before, after = (f"{100 * c[1] / c.sum():.1f} %" for c in counts)
    if gap > 0:
        yield _Tested(_change(new, "missing", before, after, gap), p)
    if not _alike(old.variable, new.variable) or not (counts[0][0] and counts[1][0]):
        return
    if not new.variable.kind.has_levels:
        one, other = (c.values[c.missing == 0] for c in (old, new))
        gap, p = of_numbers(one, other)
        before, after = _middle(one, new.variable), _middle(other, new.variable)
        yield _Tested(_change(new, "distribution", before, after, gap), p)
        return
    texts, index = _levels(old, new)
    held = [np.bincount(i[i >= 0], minlength=len(texts)) for i in index]
    gap, p = of_counts(*held)
    shares = [100 * h / h.sum() for h in held]
    moved = np.argsort(-np.abs(shares[0] - shares[1]), kind="stable")[:SHOWN]
    before, after = (", ".join(f"{texts[i]} {s[i]:.1f} %" for i in moved) for s in shares)
    yield _Tested(_change(new, "distribution", before, after, gap), p)


def _change(column: Column, of: str, before: str, after: str, gap: float) -> Change:
    what = column.variable.name
    return Change.model_validate(
        {"what": what, "before": before, "after": after, "gap": round(gap, 2), "of": of}
    )


def _middle(values: npt.NDArray[np.float64], variable: Variable) -> str:
    low, middle, high = (
        _number(float(x), variable) for x in np.quantile(values, [0.25, 0.5, 0.75], method="lower")
    )
    return f"median {middle}, middle half {low} to {high}"


def _number(value: float, variable: Variable) -> str:
    if variable.kind is not Kind.DATE:
        return f"{value:.6g}"
    return (date(1970, 1, 1) + timedelta(days=int(np.floor(value)))).isoformat()


def _levels(old: Column, new: Column) -> tuple[list[str], list[npt.NDArray[np.int64]]]:
    """The levels of both, and of each row the index among them; -1 where there is no value."""
    texts = list(dict.fromkeys([*new.variable.levels, *old.variable.levels, OTHER]))
    found = []
    for column in (old, new):
        places = np.array([texts.index(t) for t in (*column.variable.levels, OTHER)], dtype=np.int64)
        held = np.where(column.missing > 0, 0, column.values).astype(np.int64)
        found.append(np.where(column.missing > 0, -1, places[held]))
    return texts, found


def _of_pairs(columns: Sequence[tuple[Column, Column]]) -> Iterator[_Tested]:
    """Every pair of variables, each in a few groups."""
    if len(columns) < 2:
        return
    groups = [_groups(old, new) for old, new in columns]
    pairs = list(combinations(range(len(columns)), 2))
    tables = np.zeros((len(pairs), 2, GROUPS, GROUPS))
    for place, (i, j) in enumerate(pairs):
        for version in (0, 1):
            joint = GROUPS * groups[i][version] + groups[j][version]
            tables[place, version] = np.bincount(joint, minlength=GROUPS * GROUPS).reshape(GROUPS, GROUPS)
    strength, p = of_associations(tables)
    for (i, j), (before, after), chance in zip(pairs, strength, p, strict=True):
        what = f"{columns[i][1].variable.name} and {columns[j][1].variable.name}"
        change = Change(what=what, before=f"{before:.3f}", after=f"{after:.3f}", of="association")
        yield _Tested(change, float(chance))


def _groups(old: Column, new: Column) -> list[npt.NDArray[np.int64]]:
    """int64[n] of each: which group a row is in. Numbers by quarters of both together, levels by the most common."""
    rest, none = GROUPS - 2, GROUPS - 1
    if new.variable.kind.has_levels:
        texts, index = _levels(old, new)
        counts = sum(np.bincount(i[i >= 0], minlength=len(texts)) for i in index)
        most = np.argsort(-np.asarray(counts), kind="stable")[:rest]
        of = np.full(len(texts) + 1, rest, np.int64)
        of[most] = np.arange(len(most))
        of[-1] = none  # where the index is -1
        return [of[i] for i in index]
    values = np.concatenate([c.values[c.missing == 0] for c in (old, new)])
    edges = np.quantile(values, [0.25, 0.5, 0.75], method="lower") if len(values) else np.zeros(0)
    if len(
        edges
    ):  # where most have the largest value, such as the last day of follow-up, the rest are a group
        edges = np.unique(np.minimum(edges, np.nextafter(values.max(), -np.inf)))
    return [
        np.where(c.missing > 0, none, np.searchsorted(edges, np.nan_to_num(c.values)))  # up to each edge
        for c in (old, new)
    ]


def _moved(change: Change) -> float:
    return abs(float(change.after) - float(change.before))


def _settings(old: Evaluated, new: Evaluated) -> Iterator[Change]:
    """How both were made: settings, seeds and versions."""
    was, now = ({**a.made, "k": str(a.k), "Evaluated by": f"locum {a.locum_version}"} for a in (old, new))
    for what in dict.fromkeys([*was, *now]):
        if was.get(what) != now.get(what):
            yield Change(
                what=what, before=was.get(what, "not told"), after=now.get(what, "not told"), of="setting"
            )
