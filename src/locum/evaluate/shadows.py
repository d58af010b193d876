"""Shadow models: the strongest known attack on a model, by someone who can learn others like it.

LiRA, after Carlini, Chien, Nasr, Song, Terzis & Tramèr (2022), Membership inference attacks from first principles,
section V: models are learned from random halves of the patients; a patient's likelihood under a model is held against
those under the models that saw them, and under those that did not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.evaluate.fitted import Fitted

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
LEAST_VARIANCE = 1e-9


def watch(
    model: Fitted, table: pa.Table, people: Ints, targets: Ints, fits: int, rng: np.random.Generator
) -> tuple[Floats, Bools]:
    """(float64[targets, fits], bool[targets, fits]): the log-likelihood of each target under each of FITS models like
    MODEL, and whether that one saw the target. Half of the fits see a target.

    table: the training rows, people: int64[rows], whose each is. targets: rows of as many different people.
    """
    sees = rng.permuted(np.tile(np.arange(fits) % 2 == 0, (len(targets), 1)), axis=1)
    _, codes = np.unique(people, return_inverse=True)
    records = table.take(pa.array(targets))
    likelihood = np.empty((len(targets), fits))
    for fit in range(fits):
        inside = rng.random(int(codes.max()) + 1) < 0.5
        inside[codes[targets]] = sees[:, fit]
        shadow = model.again(table.filter(pa.array(inside[codes])), int(rng.integers(2**31)))
        likelihood[:, fit] = shadow.log_likelihood(records)
    return likelihood, sees


def scores(likelihood: Floats, sees: Bools) -> Floats:
    """float64[targets, fits]: how sure the attack is that a model saw a target, from all other models.

    A target's likelihood is taken as normal among models that saw it, and among those that did not, with one spread,
    since there are few of them; the score is the log-ratio of the two densities.
    """
    fits = likelihood.shape[1]
    out = np.empty_like(likelihood)
    for fit in range(fits):
        others = np.arange(fits) != fit
        x, saw = likelihood[:, others], sees[:, others]
        counts = np.stack([saw.sum(axis=1), (~saw).sum(axis=1)])
        means = np.stack([np.where(saw, x, 0).sum(axis=1), np.where(saw, 0, x).sum(axis=1)]) / counts
        apart = x - np.where(saw, means[0][:, None], means[1][:, None])
        variance = np.maximum((apart**2).sum(axis=1) / (fits - 3), LEAST_VARIANCE)
        own = likelihood[:, fit]
        out[:, fit] = ((own - means[1]) ** 2 - (own - means[0]) ** 2) / (2 * variance)
    return out
