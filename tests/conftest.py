"""What tests of every kind share: tables, small, real where possible, never changed by a test; packages without PDF."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings
from lifelines import datasets
from sklearn.datasets import load_breast_cancer

from locum.errors import UsageError

# The same examples in every run, so that a change is judged by what it changed; HYPOTHESIS_PROFILE=search
# looks for new ones.
settings.register_profile("same", max_examples=150, deadline=None, derandomize=True, database=None)
settings.register_profile("search", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def gbsg2() -> pa.Table:
    """686 women with breast cancer, a trial of the German study group: 10 columns, none missing.

    Survival: ``time`` (days) and ``cens`` (1: the cancer came back or the woman died).
    Source: Schumacher et al., J Clin Oncol 1994, as shipped by lifelines.
    """
    return pa.Table.from_pandas(datasets.load_gbsg2(), preserve_index=False)


@pytest.fixture(scope="session")
def breast_cancer() -> pa.Table:
    """569 tumours, 30 continuous measurements that depend strongly on each other, and ``malignant``.

    Source: Wolberg et al. 1995, as shipped by scikit-learn.
    """
    data = load_breast_cancer()
    columns = {
        name.replace(" ", "_"): values for name, values in zip(data.feature_names, data.data.T, strict=True)
    }
    return pa.table({**columns, "malignant": data.target == 0})


def simulated(patients: int, seed: int) -> pa.Table:
    """A table with every kind of column, drawn from a process that is written down here.

    ``age`` is uniform; ``smoker`` (never, ex, current) depends on sex; ``pressure`` rises with age and is
    measured more often in the old, in one decimal; ``cigarettes`` is an atom of zeros for all but smokers;
    ``diabetes`` depends on age; ``visit`` is a date; ``practice`` has a long tail of rare levels.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 95, patients)
    female = rng.random(patients) < 0.52
    smoker = np.where(rng.random(patients) < np.where(female, 0.6, 0.5), 0, rng.integers(1, 3, patients))
    pressure = np.round(100 + 0.5 * age + 4 * (smoker == 2) + rng.normal(0, 12, patients), 1)
    measured = rng.random(patients) < 0.3 + 0.007 * age
    diabetes = rng.random(patients) < 1 / (1 + np.exp(6 - 0.07 * age))
    visit = np.datetime64("2018-01-01") + rng.integers(0, 3 * 365, patients)
    practice = np.minimum(rng.geometric(0.15, patients), 40)
    return pa.table(
        {
            "patient": pa.array([f"P{i:07d}" for i in range(patients)]),
            "age": pa.array(age),
            "sex": pa.array(np.where(female, "female", "male")),
            "smoker": pa.array(np.array(["never", "ex", "current"])[smoker]),
            "cigarettes": pa.array(np.where(smoker == 2, 1 + rng.poisson(11, patients), 0)),
            "pressure": pa.array(pressure, mask=~measured),
            "diabetes": pa.array(diabetes),
            "visit": pa.array(visit.astype("datetime64[D]")),
            "practice": pa.array([f"practice {i}" for i in practice]),
        }
    )


@pytest.fixture(scope="session")
def mixed() -> pa.Table:
    """2,000 simulated patients: every kind of column, informative missingness, an atom, rare levels."""
    return simulated(2000, seed=20)


@pytest.fixture(scope="session")
def mixed_unseen() -> pa.Table:
    """As many other patients of the same process: what a perfect generator would give."""
    return simulated(2000, seed=21)


@pytest.fixture(scope="module")
def without_pdf() -> Iterator[None]:
    """Packages are as where WeasyPrint is not installed: it takes longer than all else that is written into them."""

    def absent(html: str) -> bytes:
        raise UsageError("a PDF needs WeasyPrint")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("locum.release.method_page.to_pdf", absent)
        yield
