"""How much worse a figure is for models trained on synthetic patients, the worst family named.

The interval has three sources: which unseen patients judge (influences, by patient), which patients trained (from two
halves of the real training rows), and having looked at several families (Bonferroni). What the halves tell has few
degrees of freedom (Satterthwaite 1946).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from locum.evaluate.statistics import standard_error

Floats = npt.NDArray[np.float64]
Figure = Callable[[Floats], tuple[float, Floats]]
"""Log-odds of the unseen rows -> a figure of which less is better, and each row's influence on it."""


@dataclass(frozen=True)
class Scores:
    """Log-odds that a family gives the unseen rows, by what it was trained on. halves: of the real training rows."""

    real: Floats
    synthetic: Floats
    shuffled: Floats
    halves: tuple[Floats, Floats]


@dataclass(frozen=True)
class Excess:
    """value: synthetic less real, in units of ``scale``; low, high: its 95 % interval over all families."""

    family: str
    value: float
    low: float
    high: float
    real: float
    synthetic: float
    shuffled: float


def worst_family(
    figure: Figure,
    scores: Mapping[str, Scores],
    patients: npt.NDArray[np.int64],
    scale: Mapping[str, float] | None = None,
) -> Excess:
    """The family that loses most. scale: what a family's loss is measured in (1 where not given)."""
    return max(each_family(figure, scores, patients, scale), key=lambda e: e.value)


def each_family(
    figure: Figure,
    scores: Mapping[str, Scores],
    patients: npt.NDArray[np.int64],
    scale: Mapping[str, float] | None = None,
) -> list[Excess]:
    """What every family loses, with intervals that hold for all of them at once."""
    found = {name: [figure(x)[0] for x in (*own.halves, own.shuffled)] for name, own in scores.items()}
    unit = {name: 1.0 if scale is None else scale[name] for name in scores}
    # Between halves the variance is twice that of a half, that of a half twice that of the whole; synthetic
    # and real were trained apart.
    trained = float(np.mean([((a - b) / unit[name]) ** 2 / 2 for name, (a, b, _) in found.items()]))
    out = []
    for name, own in scores.items():
        (real, influence_real), (synthetic, influence) = figure(own.real), figure(own.synthetic)
        judged = standard_error((influence - influence_real) / unit[name], patients)
        variance = judged**2 + trained
        freedom = len(scores) * (variance / trained) ** 2 if trained > 0 else np.inf
        z = float(student.isf(0.025 / len(scores), freedom))
        error = float(np.sqrt(variance))
        value = (synthetic - real) / unit[name]
        out.append(Excess(name, value, value - z * error, value + z * error, real, synthetic, found[name][2]))
    return out
