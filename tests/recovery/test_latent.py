"""Patients of three latent classes: the network with a latent class comes closer to them than without."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from locum.network import Network, fit
from locum.variables import Column, Kind, Variable

FLAGS = 12
SHARE = np.array([0.4, 0.35, 0.25])
TRAIN = 2_000


@cache
def chance() -> npt.NDArray[np.float64]:
    """float64[classes, flags]: how common each flag is in each class."""
    return np.random.default_rng(4).beta(0.7, 0.7, (3, FLAGS)).clip(0.05, 0.95)


def patients(n: int, seed: int) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return (rng.random((n, FLAGS)) < chance()[rng.choice(3, n, p=SHARE)]).astype(np.float64)


def columns(values: npt.NDArray[np.float64]) -> list[Column]:
    names = [Variable(f"flag {v}", Kind.NOMINAL, levels=("no", "yes")) for v in range(FLAGS)]
    absent = np.zeros(len(values), np.uint8)
    return [Column(variable, values[:, v], absent) for v, variable in enumerate(names)]


def truth(values: npt.NDArray[np.float64]) -> float:
    """Nats a patient, on average, under the process itself."""
    p = chance()[None]
    by_class = np.log(np.where(values[:, None] == 1, p, 1 - p)).sum(axis=2) + np.log(SHARE)
    return float(logsumexp(by_class, axis=1).mean())


@cache
def learned(latent: str) -> Network:
    return fit(columns(patients(TRAIN, 1)), k=10, latent=latent, seed=2)


def lost(latent: str) -> float:
    """Nats a held-out patient lost against the truth."""
    unseen = patients(20_000, 2)
    return truth(unseen) - float(learned(latent).log_likelihood(columns(unseen)).mean())


def test_held_out_patients_are_likelier() -> None:
    assert lost("on") < 0.6 * lost("off")
    assert lost("on") < 0.1


def test_the_class_is_kept_where_it_pays() -> None:
    assert learned("auto").hidden == 1
    assert lost("auto") == lost("on")


def distance(latent: str) -> float:
    """Mean difference of the 66 correlations from those of the process."""
    drawn = np.stack([c.values for c in learned(latent).sample(50_000, seed=3)], axis=1)
    exact = np.corrcoef(patients(400_000, 9), rowvar=False)
    made = np.corrcoef(drawn, rowvar=False)
    return float(np.mean([abs(made[a, b] - exact[a, b]) for a, b in combinations(range(FLAGS), 2)]))


def test_associations_are_closer() -> None:
    """By chance alone TRAIN patients part a correlation from the truth by .8 / sqrt(2000) = .018 on average."""
    assert distance("on") < distance("off")
    assert distance("on") < 0.025
