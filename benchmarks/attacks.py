"""Attack models from inside: who can ask a model how probable a record is, or draw from it as much as they like?

    attacks.py TRAIN HOLDOUT [--privacy open balanced strict] [--seeds 1] [--shadows 40] [--targets 20]

TRAIN and HOLDOUT are disjoint random halves of one table. The first half of HOLDOUT are the controls, the second half
teaches the reference model; members are as many first rows of TRAIN. Isolated rows are the tenth that the reference
model holds to be least probable. Three attackers:

    ratio     log-likelihood under the model, less that under the reference model (Murakonda et al. 2021)
    table     distance to the nearest reference row, less that to the nearest of ten times as many drawn rows
    shadows   models fitted with and without some isolated records, each on a random half of TRAIN; a record's
              likelihood under one of them is held against all others (LiRA: Carlini et al. 2022)

Each prints the area under its ROC curve, and the share of members it finds at 1 % and 0.1 % false alarms.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import locum
from locum.evaluate.model_attack import least_probable
from locum.evaluate.neighbours import Embedding, nearest
from locum.evaluate.sample import read_trio
from locum.evaluate.shadows import scores, watch
from locum.evaluate.statistics import auc, rate_at
from locum.network.codes import encode
from locum.network.draw import add_log_probability
from locum.variables import infer, to_columns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CAP = 8_000  # members, and as many controls
DRAWN = 10  # times as many rows as were learned from
PRIVACY = ("open", "balanced", "strict")


class Found(NamedTuple):
    """Area under the ROC curve, and shares of members found at 1 % and 0.1 % false alarms."""

    auc: float
    at_1pct: float
    at_01pct: float

    def __str__(self) -> str:
        return f"AUC {self.auc:.3f}  at 1 % {self.at_1pct:6.2%}  at 0.1 % {self.at_01pct:6.2%}"


@dataclass(frozen=True)
class Tables:
    """What the attacker and the defender hold; a reference row is neither member nor control."""

    train: pa.Table
    members: pa.Table
    controls: pa.Table
    reference: pa.Table
    variables: locum.Variables

    @classmethod
    def of(cls, train: pa.Table, holdout: pa.Table) -> Tables:
        half = min(CAP, holdout.num_rows // 2, train.num_rows // 2)
        return cls(train, train.slice(0, half), holdout.slice(0, half), holdout.slice(half), infer(train))

    def fit(self, table: pa.Table, privacy: str, seed: int) -> locum.Model:
        return locum.fit(table, self.variables, privacy=privacy, seed=seed)


def found(members: Floats, controls: Floats) -> Found:
    """How well a score, higher for members, tells them from controls."""
    member = np.repeat([True, False], [len(members), len(controls)])
    score = np.concatenate([members, controls])
    return Found(auc(member, score), *(rate_at(member, score, x)[0] / len(members) for x in (0.01, 0.001)))


def by_variable(model: locum.Model, table: pa.Table) -> Floats:
    """float64[variables, rows]: what each variable's conditional adds to the log-likelihood."""
    network = model.network
    cell, split = encode(network.cells, to_columns(table, model.variables), network.scores)
    out = np.zeros((len(network.cells), table.num_rows))
    for v, (own, trees) in enumerate(zip(network.cells, network.conditionals, strict=True)):
        add_log_probability(trees, own.state, own.body, own.shares(), own.ranks(), cell[v], split, out[v])
    return out


def ratio(
    tables: Tables, model: locum.Model, reference: locum.Model
) -> tuple[Found, Found, dict[str, float]]:
    """For all, for the isolated tenth, and how many nats each variable gives away on average."""
    members, controls = (
        by_variable(model, rows) - by_variable(reference, rows) for rows in (tables.members, tables.controls)
    )
    m, c = members.sum(axis=0), controls.sum(axis=0)
    rare_m, rare_c = isolated(*(reference.log_likelihood(t) for t in (tables.members, tables.controls)))
    gap = members.mean(axis=1) - controls.mean(axis=1)
    names = (own.variable.name for own in model.network.cells)
    given = sorted(zip(names, gap.tolist(), strict=True), key=lambda pair: -pair[1])
    return found(m, c), found(m[rare_m], c[rare_c]), dict(given)


def isolated(members: Floats, controls: Floats) -> tuple[Ints, Ints]:
    """Who is among the least probable tenth of both together."""
    rare = least_probable(np.concatenate([members, controls]))
    return rare[rare < len(members)], rare[rare >= len(members)] - len(members)


def table_of_ten(tables: Tables, model: locum.Model, seed: int) -> tuple[Found, Found]:
    """The distance attack on ten times as many drawn rows: for all, and for those farthest from the reference."""
    drawn = model.sample(DRAWN * tables.train.num_rows, seed=seed)
    attacked = pa.concat_tables([tables.members, tables.controls])
    rng = np.random.default_rng(seed)
    trio = read_trio(attacked, tables.reference, drawn, tables.variables, rng)
    embedding = Embedding.on([trio.train, trio.holdout], rng)
    rows = embedding.points(trio.train)
    far = nearest(rows, embedding.points(trio.holdout))
    score = far - nearest(rows, embedding.points(trio.synthetic))
    half = tables.members.num_rows
    rare_m, rare_c = isolated(-far[:half], -far[half:])
    return found(score[:half], score[half:]), found(score[:half][rare_m], score[half:][rare_c])


def shadows(
    tables: Tables, model: locum.Model, reference: locum.Model, fits: int, targets: int, seed: int
) -> Found:
    """LiRA on the least probable training records: each of FITS models sees a random half of the rows.

    The attack is that of `locum evaluate --shadows` (`locum.evaluate.shadows`).
    """
    rows = tables.train.num_rows
    at = np.argsort(reference.log_likelihood(tables.train), kind="stable")[:targets]
    rng = np.random.default_rng(seed)
    likelihood, sees = watch(model, tables.train, np.arange(rows), at, fits, rng)
    score = scores(likelihood, sees)
    return found(score[sees], score[~sees])


def median(results: list[Found]) -> Found:
    return Found(*(statistics.median(column) for column in zip(*results, strict=True)))


def attack(tables: Tables, privacy: str, seeds: int, fits: int, targets: int, drawn: bool = True) -> None:
    """Run all attackers and print what they find, medians of SEEDS models."""
    rows: dict[str, list[Found]] = {}
    given: list[dict[str, float]] = []
    for seed in range(seeds):
        model, reference = (
            tables.fit(table, privacy, s)
            for table, s in ((tables.train, seed), (tables.reference, seed + 100))
        )
        everyone, rare, gaps = ratio(tables, model, reference)
        rows.setdefault("ratio, all", []).append(everyone)
        rows.setdefault("ratio, isolated tenth", []).append(rare)
        given.append(gaps)
        if drawn:
            everyone, rare = table_of_ten(tables, model, seed)
            rows.setdefault("table of ten times, all", []).append(everyone)
            rows.setdefault("table of ten times, isolated", []).append(rare)
    if fits:
        name = f"shadows, {targets} isolated records"
        rows[name] = [shadows(tables, model, reference, fits, targets, 0)]
    for name, results in rows.items():
        print(f"{privacy:9} {name:30} {median(results)}", flush=True)
    average = {name: statistics.mean(one[name] for one in given) for name in given[0]}
    most = sorted(average.items(), key=lambda pair: -pair[1])[:6]
    print(
        f"{privacy:9} gives away {sum(average.values()):.2f} nats a row:",
        ", ".join(f"{name} {nats:.2f}" for name, nats in most),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path)
    parser.add_argument("holdout", type=Path)
    parser.add_argument("--privacy", nargs="+", default=PRIVACY, choices=PRIVACY)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--shadows", type=int, default=40, help="models fitted; 0 leaves this attack out")
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--no-table", action="store_true", help="leave the table of ten times out")
    given = parser.parse_args()
    tables = Tables.of(locum.read_table(given.train), locum.read_table(given.holdout))
    for privacy in given.privacy:
        attack(tables, privacy, given.seeds, given.shadows, given.targets, not given.no_table)


if __name__ == "__main__":
    main()
