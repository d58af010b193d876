"""The prediction of a forest, against scikit-learn's own."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from locum.evaluate.forest import chance


def test_it_predicts_as_scikit_learn_does_and_leaves_the_filters_of_warnings_alone() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    model = RandomForestClassifier(20, random_state=0).fit(x, x[:, 0] + rng.normal(size=400) > 0)
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: chance(model, x), range(8)))
    assert warnings.filters == before
    for one in found:
        np.testing.assert_allclose(one, model.predict_proba(x)[:, 1], rtol=0, atol=1e-12)
