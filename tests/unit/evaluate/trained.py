"""Models of the two families that fit fast, on every table."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from locum.evaluate.agreement import Trained
from locum.evaluate.excess import Scores
from locum.evaluate.parallel import run_each
from locum.evaluate.predictors import fits, learn
from locum.evaluate.sample import Trio
from locum.evaluate.targets import Target


def trained(trio: Trio, target: Target, family: str) -> Trained:
    way = fits(trio, target, quick=True)[family]
    order, cuts = trio.train_sized.blocks(2, np.random.default_rng(0))
    halves = [order.take(np.arange(a, b)) for a, b in pairwise(cuts)]
    tables = [trio.train_sized, trio.synthetic_sized, trio.shuffled, *halves]
    real, synthetic, shuffled, first, second = run_each([lambda t=t: learn(way, t, target) for t in tables])
    return Trained(real, synthetic, shuffled, (first, second))


def scores(trio: Trio, target: Target, family: str) -> Scores:
    """Log-odds of the holdout."""
    models = trained(trio, target, family).all
    real, synthetic, shuffled, first, second = run_each([lambda m=m: m(trio.holdout) for m in models])
    return Scores(real, synthetic, shuffled, (first, second))
