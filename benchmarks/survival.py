"""Survival times with censoring on real tables: does what is drawn die, and leave follow-up, as the real patients do?

    survival.py [FOLDER] [--only NAME ...] [--seeds 2] [--privacy balanced]

FOLDER holds tables (.parquet or .csv) with the columns ``time`` and ``event`` (1: it happened, 0: censored), such as
those that SurvSet on PyPI writes, and may hold framingham_train.parquet; without it, tables that lifelines ships are
used. Each is cut in two halves at random; a model learns from one, nothing declared, and draws as many patients. Those,
and in brackets the unseen half as the ceiling, are compared with the half learned from:

* survival, by group: largest gap of Kaplan and Meier's curves, overall and by the covariate that tells most;
* hazard: root mean square difference of log hazards in ten parts of follow-up, in standard errors;
* censoring, spikes: largest gap of the curves of leaving, and of the share of the censored at one time;
* ratios: mean difference of Cox's log hazard ratios, in standard errors;
* strength: how strong effects are, 1 as in the half learned from; the unseen half says which are effects.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

import locum
from locum.evaluate import cox
from locum.evaluate.kaplan_meier import Followed, beyond_expected, censoring, gap
from locum.evaluate.thresholds import AT_RISK

PARTS = 10  # of follow-up, with as many events each, in which hazards are compared
COVARIATES = 12  # of a Cox model, at most
SPIKE = 0.02  # share of the censored at one time

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A table with its time and event, and what is left out, mostly other outcomes of the same patients."""

    name: str
    table: pa.Table
    time: str = "time"
    event: str = "event"


SHIPPED = {"gbsg2": ("time", "cens"), "rossi": ("week", "arrest"), "kidney_transplant": ("time", "death")}
FRAMINGHAM = (("TIMEDTH", "DEATH"), ("TIMECVD", "CVD"), ("TIMEHYP", "HYPERTEN"), ("TIMEMI", "HOSPMI"))


def shipped() -> Iterator[Table]:
    for name, (time, event) in SHIPPED.items():
        yield Table(
            name, locum.read_table(Path(str(files("lifelines.datasets") / f"{name}.csv"))), time, event
        )


def found(folder: Path) -> Iterator[Table]:
    for file in sorted([*folder.glob("*.parquet"), *folder.glob("*.csv")]):
        table = locum.read_table(file)
        if {"time", "event"} <= set(table.column_names):
            yield Table(file.stem, table)
        elif file.stem == "framingham_train":
            for time, event in FRAMINGHAM:
                yield Table(f"framingham {event}", table, time, event)


def followed(table: pa.Table, of: Table) -> Followed:
    time = pd.to_numeric(table[of.time].to_pandas(), errors="coerce").to_numpy(float)
    event = table[of.event].to_pandas().astype(str).isin(["1", "1.0", "True", "true", "yes"]).to_numpy()
    known = ~np.isnan(time)
    return Followed(time[known], event[known])


def hazards(who: Followed, cuts: Floats) -> tuple[Floats, Floats]:
    """(events per time at risk between CUTS, how many events)."""
    risk = np.diff(np.minimum(who.time[:, None], cuts[None, :]).clip(cuts[0]).sum(axis=0))
    events = np.histogram(who.time[who.event], cuts)[0].astype(float)
    return events / np.maximum(risk, 1e-9), events


def hazard_apart(a: Followed, b: Followed) -> float:
    """Root mean square difference of the log hazards in parts of follow-up, in standard errors: 1 between samples."""
    cuts = np.unique(np.quantile(a.time[a.event], np.linspace(0, 1, PARTS + 1)))
    cuts[0], cuts[-1] = 0.0, np.nextafter(cuts[-1], np.inf)
    (one, n), (two, m) = hazards(a, cuts), hazards(b, cuts)
    both = (n > 0) & (m > 0)
    z = np.log(one[both] / two[both]) / np.sqrt(1 / n[both] + 1 / m[both])
    return float(np.sqrt(np.mean(z**2)))


def spikes_apart(a: Followed, b: Followed) -> float:
    """The largest difference in the share of the censored at a single time that holds many of A's."""
    times, count = np.unique(a.time[~a.event], return_counts=True)
    many = count >= SPIKE * count.sum()
    there = np.array([np.mean(b.time[~b.event] == t) for t in times[many]])
    return float(np.abs(count[many] / count.sum() - there).max(initial=0.0))


class Design(NamedTuple):
    """How covariates are made: numbers in standard deviations of both real halves, a flag for each common level."""

    numbers: dict[str, tuple[float, float]]
    levels: dict[str, list[str]]
    chosen: list[str]


def covariates(table: pa.Table, design: Design) -> pd.DataFrame:
    frame = table.to_pandas()
    made = {}
    for name, (mean, spread) in design.numbers.items():
        made[name] = ((pd.to_numeric(frame[name], errors="coerce") - mean) / spread).clip(-4, 4).fillna(0.0)
    for name, levels in design.levels.items():
        text = frame[name].astype(str)
        made |= {f"{name}={level}": (text == level).astype(float) for level in levels}
    every = pd.DataFrame(made)
    return every[design.chosen] if design.chosen else every


def design_of(both: pa.Table, of: Table) -> Design:
    """The covariates most associated with the outcome, by their own test (of Savage scores), in both real halves."""
    frame = both.to_pandas()
    outcomes = {name for name in frame if name.upper().startswith("TIME")} | {of.time, of.event}
    outcomes |= {event for _, event in FRAMINGHAM} | {"ANGINA", "MI_FCHD", "ANYCHD", "STROKE"}
    numbers, levels = {}, {}
    for name in (name for name in frame if name not in outcomes):
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) and column.nunique() > 6:
            numbers[name] = (float(column.mean()), float(column.std()))
        elif column.nunique() <= 12:
            shares = column.astype(str).value_counts(normalize=True)
            levels[name] = [str(level) for level in shares.index[1:] if shares[level] >= 0.05]
    every = Design(numbers, levels, [])
    x, who = covariates(both, every), followed(both, of)
    left = beyond_expected(who)
    tested = x.apply(lambda c: abs(np.corrcoef(c, left)[0, 1]) if c.std() > 0 else 0.0)
    return every._replace(chosen=list(tested.sort_values(ascending=False).index[:COVARIATES]))


def ratios(table: pa.Table, of: Table, design: Design) -> tuple[Floats, Floats]:
    """(log hazard ratios, their standard errors)."""
    who = followed(table, of)
    found = cox.fit(
        Followed(np.maximum(who.time, 1e-6), who.event), covariates(table, design).to_numpy(float)
    )
    return found.estimate, found.error


Scores = dict[str, float]


def compared(a: pa.Table, b: pa.Table, of: Table, design: Design) -> Scores:
    """How far B is from A, the half learned from."""
    one, two = followed(a, of), followed(b, of)
    split = design.chosen[0]
    high, other = (covariates(t, design)[split] for t in (a, b))
    bar = high.median() if high.nunique() > 2 else 0.5
    groups = [
        gap(one.of(((high > bar) == side).to_numpy()), two.of(((other > bar) == side).to_numpy()), AT_RISK)
        for side in (False, True)
    ]
    return {
        "survival": gap(one, two, AT_RISK),
        "by group": max(groups),
        "hazard": hazard_apart(one, two),
        "censoring": gap(censoring(one), censoring(two), AT_RISK),
        "spikes": spikes_apart(one, two),
    }


def measured(of: Table, seeds: int, privacy: str) -> tuple[list[Scores], Scores]:
    """What each seed's draw scores, and what the unseen half does."""
    clean = of.table.filter(
        pa.array(~np.isnan(pd.to_numeric(of.table[of.time].to_pandas(), errors="coerce")))
    )
    rows = np.random.default_rng(0).permutation(clean.num_rows)
    half = len(rows) // 2
    a, b = clean.take(np.sort(rows[:half])), clean.take(np.sort(rows[half:]))
    design = design_of(pa.concat_tables([a, b]), of)
    (learned, error), (unseen, _) = ratios(a, of, design), ratios(b, of, design)

    def effects(coefficient: Floats) -> Scores:
        along = float((coefficient * unseen / error**2).sum() / (learned * unseen / error**2).sum())
        return {"ratios": float(np.mean(np.abs(coefficient - learned) / error)), "strength": along}

    drawn = []
    for seed in range(seeds):
        synthetic = locum.fit(a, privacy=privacy, seed=seed).sample(a.num_rows, seed=seed)
        drawn.append(compared(a, synthetic, of, design) | effects(ratios(synthetic, of, design)[0]))
    return drawn, compared(a, b, of, design) | effects(unseen)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="tables, by the beginning of their names")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--privacy", default="balanced", choices=("open", "balanced", "strict"))
    given = parser.parse_args()
    names = ("survival", "by group", "hazard", "censoring", "spikes", "ratios", "strength")
    print(f"| table | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    for of in found(given.folder) if given.folder else shipped():
        if given.only and not of.name.startswith(tuple(given.only)):
            continue
        drawn, real = measured(of, given.seeds, given.privacy)
        cells = []
        for name in names:
            ceiling = "" if name == "strength" else f" ({real[name]:.2f})"
            cells.append(f"{np.mean([one[name] for one in drawn]):.2f}{ceiling}")
        print(
            f"| {of.name}, {of.table.num_rows // 2:,} × {of.table.num_columns} | {' | '.join(cells)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
