"""Generators that fail in one known way, and two that are good: each makes a table of the patients of a clinic.

What fails in fidelity or utility starts from real patients whom nobody else has, so that nothing but the named fault is
wrong with it; what fails in privacy takes something from the training patients. The same seed gives the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial.distance import cdist

import locum
from tests.adversarial import clinic
from tests.adversarial.clinic import END, VARIABLES, expit, followed, hazard, risk

NUMBERS = ("age", "bmi", "systolic", "diastolic", "cholesterol", "hba1c", "years")
KNOWN = ("age", "sex", "region")  # what a neighbour knows of someone


@dataclass(frozen=True)
class Patients:
    """Real patients of one clinic. rows: in each table; unseen ones are there twice over."""

    rows: int
    seed: int

    @cached_property
    def train(self) -> pa.Table:
        return clinic.clinic(self.rows, 10 * self.seed + 1)

    @cached_property
    def holdout(self) -> pa.Table:
        return clinic.clinic(self.rows, 10 * self.seed + 2)

    @cached_property
    def pool(self) -> pa.Table:
        return clinic.clinic(2 * self.rows, 10 * self.seed + 3)

    @property
    def unseen(self) -> pa.Table:
        """As many as there are training patients: what a perfect generator would give."""
        return self.pool.slice(0, self.rows)

    @cached_property
    def outliers(self) -> npt.NDArray[np.int64]:
        """Training rows, those first whose nearest other real patient is farthest away."""
        train, holdout = _coded(self.train, self.train), _coded(self.holdout, self.train)
        within = cdist(train, train, "cityblock")
        np.fill_diagonal(within, np.inf)
        apart = np.minimum(within.min(axis=1), cdist(train, holdout, "cityblock").min(axis=1))
        return np.argsort(-apart, kind="stable")


Make = Callable[[Patients, np.random.Generator], pa.Table]


@dataclass(frozen=True)
class Failure:
    """name: stable identifier. told: in a few words. wrong: the family in which it is wrong; none where it is good."""

    name: str
    told: str
    wrong: str
    make: Make

    def __call__(self, patients: Patients, seed: int = 0) -> pa.Table:
        return self.make(patients, np.random.default_rng([seed, *self.name.encode()]))


def changed(table: pa.Table, **columns: object) -> pa.Table:
    """TABLE with COLUMNS in place of its own, in the same types."""
    for name, values in columns.items():
        column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
        column = column.cast(table.schema.field(name).type)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def rows(table: pa.Table, which: npt.NDArray[np.int64]) -> pa.Table:
    return table.take(pa.array(which))


def numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """NaN where missing."""
    return table.column(name).to_numpy(zero_copy_only=False).astype(np.float64)


def gappy(values: npt.NDArray[np.float64], digits: int) -> pa.Array:
    return pa.array(np.round(values, digits), from_pandas=True)


# --- variables by themselves -----------------------------------------------------------------------------


def shift(p: Patients, rng: np.random.Generator) -> pa.Table:
    return changed(p.unseen, systolic=numbers(p.unseen, "systolic") + 40)


def scale(p: Patients, rng: np.random.Generator) -> pa.Table:
    bmi = numbers(p.unseen, "bmi")
    middle = np.nanmean(bmi)
    return changed(p.unseen, bmi=gappy(middle + 2 * (bmi - middle), 1))


def prevalence(p: Patients, rng: np.random.Generator) -> pa.Table:
    """The real share is one in twenty."""
    kidney = p.unseen.column("kidney").to_numpy()
    return changed(p.unseen, kidney=kidney | (rng.random(p.rows) < 0.25 / 0.95))


def rounding(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Every number at the middle of one of ten bins of its range."""
    out = p.unseen
    for name in NUMBERS:
        values = numbers(out, name)
        low, high = np.nanquantile(values, [0.01, 0.99])
        width = (high - low) / 10
        middle = low + width * (np.clip(np.floor((values - low) / width), 0, 9) + 0.5)
        digits = {"bmi": 1, "cholesterol": 1, "years": 2}.get(name, 0)
        out = changed(out, **{name: gappy(middle, digits)})
    return out


# --- who is there ----------------------------------------------------------------------------------------


def dropped_group(p: Patients, rng: np.random.Generator) -> pa.Table:
    kept = p.pool.filter(pc.not_equal(p.pool.column("region"), "islands"))
    return kept.slice(0, p.rows)


def dropped_few(p: Patients, rng: np.random.Generator) -> pa.Table:
    """One in a hundred: women of the islands who smoke."""
    sex, region, smoking = (p.pool.column(name).to_numpy() for name in ("sex", "region", "smoking"))
    few = (sex == "female") & (region == "islands") & (smoking != "never")
    return p.pool.filter(pa.array(~few)).slice(0, p.rows)


def collapse(p: Patients, rng: np.random.Generator) -> pa.Table:
    return rows(p.unseen, rng.integers(0, p.rows // 40, p.rows))


def impossible(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Two in a hundred have the two blood pressures the wrong way round."""
    upper, lower = numbers(p.unseen, "systolic"), numbers(p.unseen, "diastolic")
    wrong = rng.random(p.rows) < 0.02
    return changed(p.unseen, systolic=np.where(wrong, lower, upper), diastolic=np.where(wrong, upper, lower))


# --- what goes with what ---------------------------------------------------------------------------------


def independent(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _permuted(p.unseen, [[name] for name in p.unseen.column_names], rng)


def one_pair(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Measured HbA1c permuted among those who have it: it says nothing about diabetes any more."""
    values = numbers(p.unseen, "hba1c")
    measured = np.flatnonzero(~np.isnan(values))
    values[measured] = values[rng.permutation(measured)]
    return changed(p.unseen, hba1c=gappy(values, 0))


def exclusive_or(p: Patients, rng: np.random.Generator) -> pa.Table:
    """The third of three even flags follows from the other two; each pair is as it was."""
    winter, morning = (p.unseen.column(name).to_numpy() for name in ("winter", "morning"))
    return changed(p.unseen, firstborn=winter ^ morning)


def at_random(p: Patients, rng: np.random.Generator) -> pa.Table:
    """As many values missing as before, of anyone: whoever had none gets one of the column's."""
    out = p.unseen
    for name, digits in (("cholesterol", 1), ("hba1c", 0)):
        values = numbers(out, name)
        gone = np.isnan(values)
        filled = np.where(gone, rng.choice(values[~gone], len(values)), values)
        filled[rng.permutation(gone)] = np.nan
        out = changed(out, **{name: gappy(filled, digits)})
    return out


def filled_in(p: Patients, rng: np.random.Generator) -> pa.Table:
    values = numbers(p.unseen, "hba1c")
    return changed(p.unseen, hba1c=gappy(np.where(np.isnan(values), np.nanmean(values), values), 0))


# --- what follows from what ------------------------------------------------------------------------------


def swapped_labels(p: Patients, rng: np.random.Generator) -> pa.Table:
    return changed(p.unseen, stroke=1 - p.unseen.column("stroke").to_numpy())


def unrelated_outcome(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _permuted(p.unseen, [["stroke"]], rng)


def common_outcome(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Odds twice what they are; every effect as it is."""
    return changed(p.unseen, stroke=rng.random(p.rows) < expit(risk(p.unseen) + np.log(2)))


def weak_effects(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Half of every effect on the outcome, which is as common as it was."""
    half = risk(p.unseen) / 2
    level = _level(half, float(p.unseen.column("stroke").to_numpy().mean()))
    return changed(p.unseen, stroke=rng.random(p.rows) < expit(half + level))


def reversed_group(p: Patients, rng: np.random.Generator) -> pa.Table:
    """In one region of four, what raises the risk lowers it; as many have the outcome there."""
    stroke = p.unseen.column("stroke").to_numpy().copy()
    there = np.flatnonzero(p.unseen.column("region").to_numpy() == "east")
    score = risk(p.unseen)[there]
    turned = score.mean() - (score - score.mean())
    level = _level(turned, float(stroke[there].mean()))
    stroke[there] = rng.random(len(there)) < expit(turned + level)
    return changed(p.unseen, stroke=stroke)


def uncensored(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Everyone's follow-up ends in death."""
    return changed(p.unseen, died=np.ones(p.rows, np.int64))


def half_hazard(p: Patients, rng: np.random.Generator) -> pa.Table:
    years, died = followed(hazard(p.unseen) / 2, rng)
    return changed(p.unseen, years=years, died=died)


def survival_apart(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Follow-up and death of another patient: the survival curve is right, every hazard ratio is 1."""
    return _permuted(p.unseen, [["years", "died"]], rng)


# --- who is given away -----------------------------------------------------------------------------------


def copied(p: Patients, rng: np.random.Generator) -> pa.Table:
    return rows(p.train, rng.permutation(p.rows))


def blurred(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _blurred(copied(p, rng), rng)


def copied_tenth(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _mixed(p, copied(p, rng).slice(0, p.rows // 10))


def blurred_tenth(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _mixed(p, _blurred(copied(p, rng).slice(0, p.rows // 10), rng))


def copied_few(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Two in a thousand, ordinary ones."""
    return _mixed(p, rows(p.train, rng.permutation(p.outliers[p.rows // 5 :])[: p.rows // 500]))


def copied_one(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _mixed(p, rows(p.train, rng.permutation(p.outliers[p.rows // 5 :])[:1]))


def copied_outlier(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _mixed(p, rows(p.train, p.outliers[:1]))


def copied_outliers(p: Patients, rng: np.random.Generator) -> pa.Table:
    """The hundredth most unlike anyone else."""
    return _mixed(p, rows(p.train, p.outliers[: p.rows // 100]))


def blurred_outlier(p: Patients, rng: np.random.Generator) -> pa.Table:
    return _mixed(p, _blurred(rows(p.train, p.outliers[:1]), rng, like=p.train))


def leaked_column(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Every column is invented but HbA1c: that of the training patient who is most like the invented one."""
    known = p.train.filter(pa.array(~np.isnan(numbers(p.train, "hba1c"))))
    others = [name for name in known.column_names if name != "hba1c"]
    base, query = _coded(known.select(others), known), _coded(p.unseen.select(others), known)
    nearest = cdist(query, base, "cityblock").argmin(axis=1)
    told = numbers(known, "hba1c")[nearest]
    return changed(p.unseen, hba1c=gappy(np.where(np.isnan(numbers(p.unseen, "hba1c")), np.nan, told), 0))


def leaked_known(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Age, sex, region, illnesses and smoking of training patients, and measurements of others like them."""
    kept = (*KNOWN, "smoking", "diabetes", "kidney", "prostate", "stroke")
    own = copied(p, rng)
    base, query = _coded(p.unseen.select(kept), p.train), _coded(own.select(kept), p.train)
    nearest = cdist(query, base, "cityblock").argmin(axis=1)
    return changed(rows(p.unseen, nearest), **{name: own.column(name) for name in kept})


def from_holdout(p: Patients, rng: np.random.Generator) -> pa.Table:
    """Tuned on the patients who were to be unseen, until it repeats them with some noise."""
    return _blurred(rows(p.holdout, rng.permutation(p.rows)), rng)


# --- what must pass --------------------------------------------------------------------------------------


def unseen(p: Patients, rng: np.random.Generator) -> pa.Table:
    return p.unseen


def balanced(p: Patients, rng: np.random.Generator) -> pa.Table:
    seed = int(rng.integers(2**31))
    return locum.fit(p.train, VARIABLES, privacy="balanced", seed=seed).sample(p.rows, seed=seed)


FAILURES = (
    Failure("shift", "systolic pressure 40 mmHg too high", "fidelity", shift),
    Failure("scale", "body mass index spread twice as wide", "fidelity", scale),
    Failure("prevalence", "kidney disease in 30 % in place of 5 %", "fidelity", prevalence),
    Failure("rounding", "all numbers rounded to ten bins", "fidelity", rounding),
    Failure("dropped_group", "a region of one in twenty left out", "fidelity", dropped_group),
    Failure("dropped_few", "a group of one in a hundred left out", "fidelity", dropped_few),
    Failure("collapse", "few patients, each forty times", "fidelity", collapse),
    Failure("impossible", "two in a hundred patients impossible", "fidelity", impossible),
    Failure("independent", "each column right, nothing goes with anything", "fidelity", independent),
    Failure("one_pair", "one dependence lost: HbA1c and diabetes", "fidelity", one_pair),
    Failure("exclusive_or", "three flags bound, each pair right", "fidelity", exclusive_or),
    Failure("at_random", "missing at random what was missing for a reason", "fidelity", at_random),
    Failure("filled_in", "missing values filled in by the mean", "fidelity", filled_in),
    Failure("swapped_labels", "outcome the wrong way round", "utility", swapped_labels),
    Failure("unrelated_outcome", "outcome of another patient", "utility", unrelated_outcome),
    Failure("common_outcome", "odds of the outcome doubled", "utility", common_outcome),
    Failure("weak_effects", "every effect on the outcome halved", "utility", weak_effects),
    Failure("reversed_group", "effects reversed in one region", "utility", reversed_group),
    Failure("uncensored", "everyone's follow-up ends in death", "utility", uncensored),
    Failure("half_hazard", "patients die half as fast", "utility", half_hazard),
    Failure("survival_apart", "survival of another patient", "utility", survival_apart),
    Failure("copied", "all training patients copied", "privacy", copied),
    Failure("blurred", "all copied, with some noise", "privacy", blurred),
    Failure("copied_tenth", "a tenth copied", "privacy", copied_tenth),
    Failure("blurred_tenth", "a tenth copied, with some noise", "privacy", blurred_tenth),
    Failure("copied_few", "two in a thousand copied", "privacy", copied_few),
    Failure("copied_one", "one ordinary patient copied", "privacy", copied_one),
    Failure("copied_outlier", "one outlier copied", "privacy", copied_outlier),
    Failure("blurred_outlier", "one outlier copied, with some noise", "privacy", blurred_outlier),
    Failure("copied_outliers", "a hundredth copied, all outliers", "privacy", copied_outliers),
    Failure("leaked_column", "one column of the nearest training patient", "privacy", leaked_column),
    Failure("leaked_known", "half of the columns of training patients", "privacy", leaked_known),
    Failure("from_holdout", "tuned on the patients meant to be unseen", "privacy", from_holdout),
)
GOOD = (
    Failure("unseen", "real patients whom nobody else has", "", unseen),
    Failure("balanced", "locum, as it comes", "", balanced),
)
BY_NAME = {failure.name: failure for failure in (*FAILURES, *GOOD)}


def _permuted(table: pa.Table, groups: list[list[str]], rng: np.random.Generator) -> pa.Table:
    for names in groups:
        order = pa.array(rng.permutation(len(table)))
        table = changed(table, **{name: table.column(name).take(order) for name in names})
    return table


def _mixed(p: Patients, taken: pa.Table) -> pa.Table:
    """TAKEN rows in the place of as many unseen ones."""
    return pa.concat_tables([taken, p.unseen.slice(len(taken))])


def _blurred(table: pa.Table, rng: np.random.Generator, like: pa.Table | None = None) -> pa.Table:
    """A twentieth of a standard deviation (of LIKE, when given) of noise on every number but the end of follow-up."""
    for name in NUMBERS:
        values = numbers(table, name)
        spread = np.nanstd(values if like is None else numbers(like, name))
        digits = {"bmi": 1, "cholesterol": 1, "years": 2}.get(name, 0)
        moved = values + rng.normal(0, 0.05 * spread, len(values))
        if name == "years":
            moved = np.where(values < END, np.clip(moved, 0.01, END), values)
        table = changed(table, **{name: gappy(moved, digits)})
    return table


def _coded(table: pa.Table, like: pa.Table) -> npt.NDArray[np.float64]:
    """Numbers in standard deviations of LIKE, levels and gaps as flags: who is like whom, told plainly."""
    out = []
    for name in table.column_names:
        if name in NUMBERS:
            values, real = numbers(table, name), numbers(like, name)
            gone = np.isnan(values)
            out += [np.where(gone, 0, (values - np.nanmean(real)) / np.nanstd(real)), 2.0 * gone]
        else:
            text = np.array(table.column(name).to_pylist(), dtype=str)
            levels = np.unique(np.array(like.column(name).to_pylist(), dtype=str))
            out += [1.0 * (text == level) for level in levels]
    return np.stack(out, axis=1)


def _level(score: npt.NDArray[np.float64], share: float) -> float:
    """What is added to log-odds SCORE so that on average a SHARE has the outcome (by bisection)."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(score + middle).mean() < share else (low, middle)
    return low
