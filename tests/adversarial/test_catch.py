"""Every known failure is caught by the metrics that are there to catch it, and what is good passes everything.

The page docs/explanation/what-catches-what.md shows the whole table. Here stands what must be so: the most important
failures by the one metric that asks about them, which is quick; all of them by the whole evaluation, which is not.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from locum.evaluate import (
    Status,
    attributes,
    combinations,
    copies,
    linkability,
    marginals,
    membership,
    missingness,
    outliers,
    pairs,
    rules,
    subgroups,
    targets,
    utility,
)
from locum.evaluate.attacked import choose
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metric
from locum.evaluate.sample import Trio, read_trio
from tests.adversarial.clinic import VARIABLES
from tests.adversarial.failures import BY_NAME, FAILURES, GOOD, Failure, Patients

FEW = Patients(2_000, 1)
MANY = Patients(4_000, 1)
F, W = Status.FAIL, Status.WARN

# failure, the module that asks about it, what must come out; the first ones in every run, the others in the slow one
FIRST = (
    ("shift", "marginals", {"marginal_worst": F}),
    ("prevalence", "marginals", {"marginal_worst": F}),
    ("independent", "pairs", {"pair_mean": F, "pair_strongest": F}),
    ("exclusive_or", "combinations", {"triple_worst": F, "quadruple_worst": F}),
    ("at_random", "missingness", {"missing_informative": F}),
    ("impossible", "rules", {"rule_broken": W}),
    ("copied_tenth", "membership", {"membership_auc": W, "membership_tpr": F}),
    ("copied_outlier", "outliers", {"outliers_copied": W}),
)
LATER = (
    ("scale", "marginals", {"marginal_worst": F}),
    ("rounding", "marginals", {"marginal_mean": W, "marginal_worst": F}),
    ("rounding", "pairs", {"pair_mean": F, "pair_strongest": F, "pair_worst": F}),
    ("dropped_group", "subgroups", {"subgroup_size": F}),
    ("collapse", "marginals", {"marginal_worst": F}),
    ("collapse", "pairs", {"pair_mean": F, "pair_strongest": F, "pair_worst": F}),
    ("independent", "subgroups", {"subgroup_within": F}),
    ("one_pair", "pairs", {"pair_worst": W}),
    ("one_pair", "subgroups", {"subgroup_within": F}),
    ("exclusive_or", "subgroups", {"subgroup_within": F}),
    ("filled_in", "missingness", {"missing_share": F, "missing_together": F, "missing_informative": F}),
    ("swapped_labels", "utility", dict.fromkeys(("utility_logistic", "calibration_level", "precision"), F)),
    ("unrelated_outcome", "utility", dict.fromkeys(("utility_logistic", "precision", "net_benefit"), F)),
    ("common_outcome", "utility", {"calibration_level": W}),
    ("weak_effects", "utility", {"calibration_slope": W}),
    ("reversed_group", "utility", {"calibration_slope": W, "net_benefit": W}),
    ("uncensored", "marginals", {"marginal_worst": F}),
    ("half_hazard", "marginals", {"marginal_worst": W}),
    ("survival_apart", "pairs", {"pair_strongest": W, "pair_worst": W}),
    ("survival_apart", "subgroups", {"subgroup_within": F}),
    (
        "copied",
        "membership",
        dict.fromkeys(("membership_auc", "membership_tpr", "membership_auc_isolated"), F),
    ),
    ("copied", "copies", {"copies_excess": F}),
    ("blurred", "membership", dict.fromkeys(("membership_auc", "membership_tpr"), F)),
    ("copied_tenth", "attributes", {"attributes": F, "attribute_worst": W}),
    ("copied_tenth", "linkability", {"linkability": F}),
    ("copied_tenth", "copies", {"copies_excess": F}),
    ("blurred_tenth", "membership", {"membership_auc": W, "membership_tpr": F}),
    ("copied_outliers", "outliers", {"outliers_copied": F}),
    ("copied_outliers", "copies", {"copies_excess": F}),
    ("leaked_column", "attributes", {"attributes": W, "attribute_worst": W}),
    ("from_holdout", "membership", dict.fromkeys(("membership_auc", "membership_auc_isolated"), F)),
)
SEVERITY = (Status.NOT_ASSESSABLE, Status.PASS, Status.WARN, Status.FAIL)


@pytest.mark.parametrize(("name", "module", "must"), FIRST, ids=lambda x: x if isinstance(x, str) else "")
def test_the_metric_that_asks_about_a_failure_catches_it(
    name: str, module: str, must: dict[str, Status]
) -> None:
    caught(name, module, must)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "module", "must"), LATER, ids=lambda x: x if isinstance(x, str) else "")
def test_every_metric_that_should_catch_a_failure_does(
    name: str, module: str, must: dict[str, Status]
) -> None:
    caught(name, module, must)


def caught(name: str, module: str, must: dict[str, Status]) -> None:
    """Whether the metrics in MUST are at least as bad as it says, and decide."""
    found = ask(module, BY_NAME[name])
    for metric, least in must.items():
        assert SEVERITY.index(found[metric].status) >= SEVERITY.index(least), (metric, found[metric].reasons)
        assert found[metric].decides


@pytest.mark.slow
@pytest.mark.parametrize("failure", GOOD, ids=lambda failure: failure.name)
def test_what_is_good_passes_everything_that_decides(failure: Failure) -> None:
    metrics = evaluate(MANY.train, MANY.holdout, failure(MANY), VARIABLES, quick=True)
    off = [(m.name, m.reasons) for m in metrics.metrics if m.decides and m.status is not Status.PASS]
    failed = [m.name for m in metrics.metrics if m.decides and m.status is Status.FAIL]
    assert failed == []
    # A generator may leave something to look at; real patients whom nobody else has may not.
    assert len(off) <= (0 if failure.name == "unseen" else 2), off


@pytest.mark.parametrize("module", ["marginals", "pairs", "rules", "missingness", "outliers", "copies"])
def test_unseen_patients_pass_where_failures_do_not(module: str) -> None:
    assert {m.status for m in ask(module, BY_NAME["unseen"]).values()} == {Status.PASS}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name)
def test_a_failure_is_the_same_table_again_and_not_the_good_one(failure: Failure) -> None:
    few = Patients(500, 2)
    table = failure(few)
    assert table.equals(failure(few))
    assert table.schema == few.train.schema
    assert len(table) == len(few.train)
    assert not table.equals(few.unseen)


# The published evaluation, as its public code computes it, beside this one: docs/explanation/evaluation.md lists what
# is not repeated; test_verdicts.py has a test of the whole evaluation for each.


def test_published_defect_2_independence_of_unpaired_columns_passes_whatever_the_prevalence() -> None:
    real, synthetic = (t.column("kidney").to_numpy() for t in (FEW.holdout, BY_NAME["prevalence"](FEW)))
    assert synthetic.mean() > 5 * real.mean()
    table = [[np.sum(real & synthetic), np.sum(real & ~synthetic)]]
    table += [[np.sum(~real & synthetic), np.sum(~real & ~synthetic)]]
    assert chi2_contingency(table).pvalue > 0.05  # what was tested: "not significantly different"
    counts = [[np.sum(x), np.sum(~x)] for x in (real, synthetic)]
    assert chi2_contingency(counts).pvalue < 1e-50  # what should have been
    caught("prevalence", "marginals", {"marginal_worst": F})


def test_published_defect_3_two_densities_each_on_its_own_grid_look_alike_after_a_shift() -> None:
    real, synthetic = (t.column("systolic").to_numpy() for t in (FEW.holdout, BY_NAME["shift"](FEW)))

    def divergence(own_grid: bool) -> float:
        both = np.concatenate([real, synthetic])
        ranges = [(x.min(), x.max()) if own_grid else (both.min(), both.max()) for x in (real, synthetic)]
        p, q = (
            np.histogram(x, 40, edges)[0] / len(x) + 1e-6
            for x, edges in zip((real, synthetic), ranges, strict=True)
        )
        return float(np.sum(p * np.log(p / q)))

    assert divergence(own_grid=True) < 0.3
    assert divergence(own_grid=False) > 10 * divergence(own_grid=True)
    caught("shift", "marginals", {"marginal_worst": F})


@pytest.mark.slow
def test_published_defect_5_rows_in_both_parts_flatter() -> None:
    table = FEW.train
    x = np.stack([table.column(n).to_numpy() for n in ("age", "systolic", "diastolic", "years")], axis=1)
    y = np.random.default_rng(0).random(len(x)) < 0.3  # nothing predicts it
    forest = RandomForestClassifier(50, random_state=0).fit(x, y)
    assert roc_auc_score(y, forest.predict_proba(x)[:, 1]) > 0.99  # rows that it learned from
    found = ask("utility", BY_NAME["unrelated_outcome"])
    assert found["utility_forest"].status is Status.FAIL  # judged on rows that nobody learned from


def ask(module: str, failure: Failure) -> dict[str, Metric]:
    """The metrics of one MODULE on FAILURE, as `evaluate` has them."""
    p = MANY if module == "utility" else FEW
    trio = read_trio(p.train, p.holdout, failure(p), VARIABLES, np.random.default_rng(0))
    return {m.name: m for m in ASK[module](trio, np.random.default_rng(1))}


def _attack(module: ModuleType, trio: Trio, rng: np.random.Generator) -> list[Metric]:
    return module.assess(trio, choose(trio, rng, quick=True), rng, quick=True)[0]


def _utility(trio: Trio, rng: np.random.Generator) -> list[Metric]:
    target, why = targets.find(trio, None, rng)
    return utility.assess(trio, target, why, rng, quick=True).metrics


ASK = {
    "marginals": lambda trio, rng: marginals.assess(trio, rng)[0],
    "pairs": lambda trio, rng: pairs.assess(trio, rng)[0],
    "combinations": lambda trio, rng: combinations.assess(trio, rng, quick=True)[0],
    "subgroups": lambda trio, rng: subgroups.assess(trio, rng, quick=True)[0],
    "rules": lambda trio, rng: rules.assess(trio, VARIABLES)[0],
    "missingness": lambda trio, rng: missingness.assess(trio, rng)[0],
    "membership": lambda trio, rng: _attack(membership, trio, rng),
    "attributes": lambda trio, rng: _attack(attributes, trio, rng),
    "linkability": lambda trio, rng: _attack(linkability, trio, rng),
    "utility": _utility,
    "outliers": lambda trio, rng: [outliers.assess(trio, rng, quick=True)],
    "copies": lambda trio, rng: [copies.assess(trio, rng)],
}
