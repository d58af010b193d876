"""Every known failure is caught by the metrics that are there to catch it, and what is good passes everything.

The page docs/explanation/what-catches-what.md shows the whole table. Here stands what must be so: the most important
failures by the one metric that asks about them, which is quick; all of them by the whole evaluation, which is not.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from locum.evaluate import (
    Metrics,
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
)
from locum.evaluate.attacked import choose
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metric
from locum.evaluate.sample import Trio, read_trio
from tests.adversarial.clinic import VARIABLES
from tests.adversarial.failures import BY_NAME, FAILURES, GOOD, Patients

FEW = Patients(2_000, 1)
MANY = Patients(4_000, 1)
FAIL, WARN = Status.FAIL, Status.WARN


def ask(module: str, name: str) -> dict[str, Metric]:
    """The metrics of one MODULE on the failure NAME, as `evaluate` has them."""
    trio = read_trio(FEW.train, FEW.holdout, BY_NAME[name](FEW), VARIABLES, np.random.default_rng(0))
    return {m.name: m for m in ASK[module](trio, np.random.default_rng(1))}


def _attack(module, trio: Trio, rng: np.random.Generator) -> list[Metric]:
    return module.assess(trio, choose(trio, rng, quick=True), rng, quick=True)[0]


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
    "outliers": lambda trio, rng: [outliers.assess(trio, rng, quick=True)],
    "copies": lambda trio, rng: [copies.assess(trio, rng)],
}
