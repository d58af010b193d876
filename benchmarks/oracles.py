"""Where SDMetrics and anonymeter compute what locum does, where they agree with it, and what they do not see.

    oracles.py [--rows 4000] [--attacked 500] [--privacy] [--seed 1]

Runs in an environment of its own, since neither is a dependency of locum:

    python -m venv /tmp/oracles && /tmp/oracles/bin/pip install sdmetrics anonymeter pyarrow pydantic tomlkit
    PYTHONPATH=src /tmp/oracles/bin/python benchmarks/oracles.py

Prints Markdown: first the largest difference where both compute the same; then scores of tables whose fault is known.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
from anonymeter.evaluators.inference_evaluator import evaluate_inference_guesses
from anonymeter.neighbors.mixed_types_kneighbors import gower_distance
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity
from sdmetrics.reports.single_table.quality_report import QualityReport
from sdmetrics.single_column import KSComplement, MissingValueSimilarity, TVComplement
from sdmetrics.single_table import DCROverfittingProtection

sys.path.insert(0, str(Path(__file__).parents[1]))  # the failures lie among the tests

from locum.evaluate import (
    attributes,
    closeness,
    copies,
    linkability,
    marginals,
    membership,
    outliers,
    pairs,
    singling_out,
)
from locum.evaluate.attacked import choose
from locum.evaluate.metrics import Metric
from locum.evaluate.sample import Trio, read_trio
from tests.adversarial.clinic import VARIABLES
from tests.adversarial.failures import BY_NAME, NUMBERS, Patients

FAITHFUL = ("unseen", "shift", "scale", "prevalence", "independent", "one_pair", "exclusive_or", "at_random")
PRIVATE = ("copied_outlier", "copied_tenth", "copied", "unseen")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--attacked", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--privacy", action="store_true", help="only the last table, which is slow")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if not given.privacy:
        faithful(Patients(given.rows, given.seed))
    table(
        (
            "table",
            "SDMetrics DCR",
            "closest record",
            "membership AUC",
            "outliers, copies",
            "linked: anonymeter",
            "locum",
            "guessed: anonymeter",
            "locum",
            "singled out: anonymeter",
            "locum",
        ),
        privacy(Patients(given.attacked, given.seed)),
    )


def faithful(p: Patients) -> None:
    table(("both compute", "largest difference"), same(p))
    table(
        ("table", "SDMetrics quality", "shapes", "pair trends", "locum, dependence lost", "marginals, pairs"),
        fidelity(p),
    )
    table(("anonymeter", "gives", "should give"), slips())


def table(head: Sequence[str], lines: Iterator[Sequence[str]]) -> None:
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for line in lines:
        print(f"| {' | '.join(line)} |", flush=True)


def trio_of(p: Patients, synthetic: pa.Table) -> Trio:
    return read_trio(p.train, p.holdout, synthetic, VARIABLES, np.random.default_rng(0))


def frame(rows: pa.Table) -> pd.DataFrame:
    """Levels as text, so that both packages take them for what they are."""
    out = rows.to_pandas()
    for name in out.columns:
        out[name] = out[name].astype(float) if name in NUMBERS else out[name].astype(str)
    return out


def described() -> dict[str, object]:
    kinds = {v.name: "numerical" if v.name in NUMBERS else "categorical" for v in VARIABLES}
    return {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}


def same(p: Patients) -> Iterator[Sequence[str]]:
    """Unseen patients and shifted ones, all variables, all pairs of levels."""
    apart: dict[str, list[float]] = {}
    for name in ("unseen", "shift", "prevalence"):
        synthetic = BY_NAME[name](p)
        trio, real, drawn = trio_of(p, synthetic), frame(p.holdout), frame(synthetic)
        for place, variable in enumerate(VARIABLES):
            own = 1 - marginals.gap(trio.synthetic.columns[place], trio.holdout.columns[place], 0.05).gap
            a, b = real[variable.name], drawn[variable.name]
            gone = 1 - abs(np.mean(trio.synthetic.columns[place].missing > 0) - a.isna().mean())
            apart.setdefault("share of missing values", []).append(
                gone - MissingValueSimilarity.compute(a, b)
            )
            if variable.name not in NUMBERS:
                apart.setdefault("total variation of levels", []).append(own - TVComplement.compute(a, b))
            elif not a.isna().any():
                apart.setdefault("Kolmogorov-Smirnov distance", []).append(own - KSComplement.compute(a, b))
        gaps = pairs.compare(trio, np.random.default_rng(0))
        names = [v.name for v in VARIABLES]
        for (i, j), gap in zip(gaps.pairs, gaps.synthetic.gap, strict=True):
            if names[i] not in NUMBERS and names[j] not in NUMBERS:
                theirs = ContingencySimilarity.compute(
                    real[[names[i], names[j]]], drawn[[names[i], names[j]]]
                )
                apart.setdefault("two-way tables of levels", []).append(1 - gap - theirs)
    for what, differences in apart.items():
        yield what, f"{np.abs(differences).max():.1e} of {len(differences)}"


def fidelity(p: Patients) -> Iterator[Sequence[str]]:
    for name in FAITHFUL:
        synthetic = BY_NAME[name](p)
        report = QualityReport()
        report.generate(frame(p.holdout), frame(synthetic), described(), verbose=False)
        scores = report.get_properties().set_index("Property")["Score"]
        trio = trio_of(p, synthetic)
        gaps = pairs.compare(trio, np.random.default_rng(0))
        lost = gaps.lost(pairs.strongest(gaps)).share or 0.0
        ours = [*marginals.assess(trio, np.random.default_rng(0))[0]]
        ours += pairs.assess(trio, np.random.default_rng(0))[0]
        shape, trend = scores["Column Shapes"], scores["Column Pair Trends"]
        yield (
            BY_NAME[name].told,
            f"{report.get_score():.3f}",
            f"{shape:.3f}",
            f"{trend:.3f}",
            f"{lost:.0%}",
            worst(ours),
        )
    moved = BY_NAME["shift"](p)
    a, b = (frame(t)[["systolic", "diastolic"]] for t in (p.holdout, moved))
    yield (
        "shift, correlation of the two pressures",
        "",
        "",
        f"{CorrelationSimilarity.compute(a, b):.3f}",
        "",
        "",
    )


def worst(metrics: Sequence[Metric]) -> str:
    found = [m.status for m in metrics]
    return "fail" if "fail" in found else "warn" if "warn" in found else "ok"


def slips() -> Iterator[Sequence[str]]:
    gap = np.array([0.2, np.nan, np.nan, 1.0])
    yield (
        "distance of a record with two gaps from its copy",
        f"{gower_distance(gap, gap.copy(), 3):.1f}",
        "0.0",
    )
    full = np.array([0.2, 0.5, np.nan, 1.0])
    yield "distance where one of two has a number", f"{gower_distance(gap, full, 3):.1f}", "a number"
    guessed = evaluate_inference_guesses(pd.Series([-3.0]), pd.Series([50.0]), regression=True)
    yield "a guess of -3 for a true 50, tolerance 5 %", "right" if guessed[0] else "wrong", "wrong"


def privacy(p: Patients) -> Iterator[Sequence[str]]:
    train, control = frame(p.train), frame(p.holdout)
    few = min(200, p.rows)
    for name, gaps in [(n, True) for n in PRIVATE] + [("copied_tenth", False)]:
        synthetic = BY_NAME[name](p)
        drawn = frame(synthetic)
        kept = [n for n in train.columns if gaps or not train[n].isna().any()]
        trio, rng = trio_of(p, synthetic), np.random.default_rng(0)
        attacked = choose(trio, rng, quick=False)
        found = {m.name: m for m in membership.assess(trio, attacked, rng, quick=False)[0]}
        for more in (attributes, linkability):
            found |= {m.name: m for m in more.assess(trio, attacked, rng, quick=False)[0]}
        found |= {m.name: m for m in singling_out.assess(trio, rng, quick=False)[0]}
        described_only = closeness.assess(trio, rng).value or 0.0
        copied = worst([outliers.assess(trio, rng, quick=False), copies.assess(trio, rng)])
        dcr = DCROverfittingProtection.compute(train, drawn, control, {"tables": {"t": described()}}, "t")
        np.random.seed(0)  # noqa: NPY002 - what anonymeter draws from
        linked = LinkabilityEvaluator(
            train[kept],
            drawn[kept],
            (kept[::2], kept[1::2]),
            few,
            control=control[kept],
        )
        single = SinglingOutEvaluator(
            train[kept], drawn[kept], few, 3, control=control[kept], max_attempts=5_000, seed=0
        )
        yield (
            BY_NAME[name].told + ("" if gaps else ", columns without gaps"),
            f"{dcr:.2f}",
            f"{described_only:.2f}",
            f"{found['membership_auc'].value:.2f}",
            copied,
            f"{linked.evaluate(n_jobs=1).risk().value:.2f}",
            f"{found['linkability'].value:.2f}",
            f"{np.mean([_guess(train, drawn, control, kept, s) for s in _secrets(kept)]):.2f}",
            f"{found['attributes'].value:.2f}",
            f"{single.evaluate().risk().value:.2f}",
            f"{found['singling_out'].value:.2f}",
        )


def _secrets(kept: Sequence[str]) -> list[str]:
    return [n for n in ("smoking", "systolic", "hba1c", "years") if n in kept]


def _guess(
    train: pd.DataFrame, drawn: pd.DataFrame, control: pd.DataFrame, kept: Sequence[str], secret: str
) -> float:
    others = [n for n in kept if n != secret]
    attack = InferenceEvaluator(
        train[kept], drawn[kept], others, secret, secret in NUMBERS, 500, control[kept]
    )
    return float(attack.evaluate(n_jobs=1).risk().value)


if __name__ == "__main__":
    main()
