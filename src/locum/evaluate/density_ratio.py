"""Membership by density ratio: who stands where there are more synthetic than real patients?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier

from locum.evaluate import boosting
from locum.evaluate.attacked import ALL, ISOLATED, SIZES, Attacked, attackable
from locum.evaluate.forest import chance
from locum.evaluate.matrix import for_trees
from locum.evaluate.membership import too_few
from locum.evaluate.membership_figures import Scored, Words, figures
from locum.evaluate.metrics import Attack, Metric
from locum.evaluate.parallel import run_each, run_one_by_one
from locum.evaluate.sample import Sample, Trio

Floats = npt.NDArray[np.float64]
CAP, QUICK_CAP = 6_000, 3_000  # rows of each side that a classifier learns from
CELLS = 300_000  # most rows x columns a side: wide tables are attacked with fewer rows
BOOSTED, QUICK_BOOSTED = 60, 40  # trees
FOREST, QUICK_FOREST = 30, 20
ABSENT = -1e30  # stands for a missing value in a forest: below any
WORDS = Words(
    key="membership_density",
    name="density ratio",
    question="Who stands where there are more synthetic than real patients?",
    titles={
        "auc": "Can someone who learns what looks artificial tell who was in the training data?",
        "tpr": "How many training patients does someone who learns what looks artificial name?",
        "auc_isolated": "Can someone who learns what looks artificial tell who of the most unusual was in the data?",
        "tpr_isolated": "How many of the most unusual does someone who learns what looks artificial name?",
    },
    method="Two classifiers, gradient-boosted trees for the broad shape and a forest grown to single rows for what is "
    "close by, learn to tell synthetic rows from as many rows of unseen patients, who are neither attacked nor "
    "control: their log-odds, added up, stand for the ratio of the two densities (Sugiyama et al. 2012, section 4). "
    "The more synthetic-like patients look, the surer they are held to have been in the training data (density-based "
    "membership inference: van Breugel et al. 2023). Each half of the holdout is control once and reference once, "
    f"split by patient, one record a patient. {SIZES} The classifiers learn from up to {CAP:,} rows a side ("
    f"{QUICK_CAP:,} in a quick look), fewer of more than {CELLS // CAP} variables.",
)


def assess(
    trio: Trio, attacked: Attacked | None, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Attack]]:
    """attacked: None where there are too few to attack."""
    why = too_few(trio, attacked)
    found = None if attacked is None or why else measure(trio, attacked, rng, quick=quick)
    metrics: list[Metric] = []
    attacks: list[Attack] = []
    for group in (ALL, ISOLATED):
        if attacked is None or found is None:
            more, attack = WORDS.unjudged(group, why, attackable(trio))
        else:
            more, attack = figures(WORDS, group, found if group == ALL else found.take(attacked.isolated))
        metrics += more
        attacks.append(attack)
    return metrics, attacks


def measure(trio: Trio, attacked: Attacked, rng: np.random.Generator, *, quick: bool) -> Scored:
    """The log-odds of being synthetic of each attacked patient."""
    cap = max(min(QUICK_CAP if quick else CAP, CELLS // len(trio.variables)), 1000)
    tasks = []
    for side, reference in enumerate(attacked.references):
        n = min(cap, len(reference), len(trio.synthetic))
        pair = trio.synthetic.draw(n, rng), reference.draw(n, rng)
        tasks.append(_Task.of(*pair, attacked.rows.take(np.flatnonzero(attacked.side == side))))
    boosted = run_each([partial(t.boosted, QUICK_BOOSTED if quick else BOOSTED) for t in tasks])
    # Forests set the warning filters, which threads share.
    forest = run_one_by_one([partial(t.forest, QUICK_FOREST if quick else FOREST) for t in tasks])
    score = np.zeros(len(attacked))
    for side, (broad, close) in enumerate(zip(boosted, forest, strict=True)):
        score[attacked.side == side] = broad + close
    return Scored(attacked.member, score, attacked.rows.patients)


@dataclass(frozen=True)
class _Task:
    """Tell X where Y (synthetic rows) from the others, and say it of TEST."""

    x: Floats
    y: npt.NDArray[np.bool_]
    test: Floats

    @classmethod
    def of(cls, synthetic: Sample, reference: Sample, attacked: Sample) -> _Task:
        # Levels stand by how common they are among synthetic rows: the attacker knows no others.
        x = np.concatenate([for_trees(part, synthetic) for part in (synthetic, reference)])
        y = np.repeat([True, False], [len(synthetic), len(reference)])
        return cls(x, y, for_trees(attacked, synthetic))

    def boosted(self, trees: int) -> Floats:
        return _log_odds(boosting.fit(self.x, self.y, trees=trees).predict(self.test), 1e-6)

    def forest(self, trees: int) -> Floats:
        model = RandomForestClassifier(trees, random_state=0)
        model.fit(np.nan_to_num(self.x, nan=ABSENT), self.y)
        told = chance(model, np.nan_to_num(self.test, nan=ABSENT))
        return _log_odds(told, 0.5 / (trees + 1))  # half a vote from certainty


def _log_odds(chance: Floats, least: float) -> Floats:
    kept = np.clip(chance, least, 1 - least)
    return np.asarray(np.log(kept) - np.log1p(-kept))
