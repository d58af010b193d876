"""Whether a regression on synthetic patients comes to the conclusions of one on real patients.

Compared are the coefficients of the same regression on synthetic and on unseen real rows; the ceiling compares as many
training rows with the unseen ones. How far chance moves the figures is seen by drawing the coefficients again from
their normal distributions. That of synthetic rows has two parts: which patients the generator learned from, and which
rows it drew (Raab, Nowok & Dibben 2016). Either is taken to be that of as many training rows: a synthetic table with
hardly an event is no excuse for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate import thresholds as limits
from locum.evaluate.combining import Combined
from locum.evaluate.logistic import Fit
from locum.evaluate.metrics import Effect, Metric, Status
from locum.evaluate.statistics import Z
from locum.evaluate.terms import Terms
from locum.evaluate.verdict import Judgement, Wording, judge_if_sure, not_assessable, worst

Floats = npt.NDArray[np.float64]
DRAWS = 400


@dataclass(frozen=True)
class Analysis:
    """name: as the reader sees it. stem: of the names of its metrics. ratio: what a coefficient is the logarithm of."""

    name: str
    stem: str
    ratio: str

    @property
    def titles(self) -> dict[str, str]:
        return {
            f"{self.stem}_apart": f"Are the effects that a {self.name} finds as strong, and the same?",
            f"{self.stem}_kept": f"Would a {self.name} come to the same conclusions?",
            f"{self.stem}_overlap": f"Do the intervals of a {self.name} agree?",
        }

    @property
    def told(self) -> Wording:
        """Makes its metrics."""
        return Wording("utility", self.titles, self.methods, dict.fromkeys(self.titles, "%"))

    @property
    def methods(self) -> dict[str, str]:
        start = (
            f"{self.name[0].upper()}{self.name[1:]} of the outcome on up to eight variables that tell most about it in "
            "the training rows: numbers in standard deviations of real patients, levels against the commonest. One row "
            "of each patient. "
        )
        end = (
            " Synthetic against unseen real patients; the ceiling, as many training against unseen patients; the "
            "floor, shuffled columns. Interval by drawing the coefficients again, for both patients and synthetic rows."
        )
        return {
            f"{self.stem}_apart": f"{start}Standard deviation, over patients, of the difference between the two linear "
            "predictors, as a share of that of the real one: 0 is the same model, 100 % one without effects, 200 % one "
            "with all effects turned round. What chance makes of it is taken off before it is judged." + end,
            f"{self.stem}_kept": f"{start}Share of log {self.ratio}s whose sign and significance (95 %) are the same."
            + end,
            f"{self.stem}_overlap": f"{start}Mean overlap of the 95 % intervals of log {self.ratio}s, as a share of "
            "either (Karr et al. 2006, Am Stat 60:224). It shrinks as tables grow, whatever the generator, so that it "
            "informs and does not decide." + end,
        }


@dataclass(frozen=True)
class Fits:
    """The same regression on each table."""

    holdout: Fit
    train: Fit
    synthetic: Fit
    shuffled: Fit


def overlap(a: Fit, b: Fit) -> Floats:
    """float64[p]: what two 95 % intervals share, as the mean of the parts of either; 0 where they do not meet."""
    return _overlap(a.estimate, a.error, b.estimate, b.error)


def standardised(synthetic: Fit, real: Fit) -> Floats:
    """float64[p]: the difference in standard errors of the real estimate (Raab, Nowok & Dibben 2017, section 3)."""
    return np.asarray((synthetic.estimate - real.estimate) / np.maximum(real.error, 1e-12))


def conclusions(estimate: Floats, error: Floats, z: float = Z) -> Floats:
    """-1, 1: an effect beyond chance, and its sign; 0: none is shown."""
    return np.asarray(np.sign(estimate) * (np.abs(estimate) > z * error))


def assess(
    analysis: Analysis,
    outcome: str,
    terms: Terms,
    fits: Fits,
    spread: Floats,
    rng: np.random.Generator,
    combined: Combined | None = None,
) -> tuple[list[Metric], list[Effect]]:
    """spread: float64[p, p], covariance of the terms among real patients. combined: of several synthetic tables."""
    drawn = _drawn(fits, rng)
    judged = [_apart(analysis, fits, spread, drawn), _kept(analysis, terms, fits, drawn)]
    return [*judged, _overlaps(analysis, fits, drawn)], _shown(analysis, outcome, terms, fits, combined)


def _apart(analysis: Analysis, fits: Fits, spread: Floats, drawn: dict[str, Floats]) -> Metric:
    def size(beta: Floats) -> Floats:
        return np.asarray(np.einsum("...i,ij,...j->...", beta, spread, beta))

    def noise(*of: Fit) -> float:
        return float(sum(np.trace(spread @ f.covariance) for f in of))

    name, real = f"{analysis.stem}_apart", fits.holdout.estimate
    whole = float(size(real)) - noise(fits.holdout)
    if whole <= Z * float(size(drawn["holdout"]).std()):
        return analysis.told(
            name, "Not assessable.", not_assessable("real patients show no effects beyond chance")
        )
    square = float(size(fits.synthetic.estimate - real))
    excess = square - noise(fits.holdout, fits.train, fits.train)
    half = Z * float(size(drawn["synthetic"] - drawn["holdout"]).std())

    def share(x: float) -> float:
        return float(100 * np.sqrt(max(x, 0.0) / whole))

    value, ceiling, floor = (
        share(float(size(f.estimate - real))) for f in (fits.synthetic, fits.train, fits.shuffled)
    )
    lost = share(excess)
    chance = " (chance taken off)"
    return analysis.told(
        name,
        f"The risks that the two regressions give differ by {value:.0f} % of how much real ones vary; those of "
        f"training patients by {ceiling:.0f} %, of shuffled columns by {floor:.0f} %.",
        judge_if_sure(
            lost,
            share(excess - half),
            limits.EFFECTS_APART_WARN,
            limits.EFFECTS_APART_FAIL,
            f"the share by which effects differ{chance}",
            " %",
            0,
        ),
        value=value,
        interval=(share(square - half), share(square + half)),
        ceiling=ceiling,
        floors={"shuffled columns": floor},
    )


def _kept(analysis: Analysis, terms: Terms, fits: Fits, drawn: dict[str, Floats]) -> Metric:
    def kept(a: Floats, fit: Fit, real: Floats) -> Floats:
        same = conclusions(a, fit.error) == conclusions(real, fits.holdout.error)
        return np.asarray(100 * same.mean(axis=-1))

    found = _compare(kept, fits, drawn)
    judgement = judge_if_sure(
        found.ceiling - found.value,
        found.low_lost,
        limits.CONCLUSIONS_LOST_WARN,
        limits.CONCLUSIONS_LOST_FAIL,
        "the share of conclusions lost against as many real patients",
        " points",
        0,
    )
    turned = _turned(fits, terms)
    if turned:
        reason = f"turned round, each beyond chance: {', '.join(turned)}"
        judgement = worst([judgement, Judgement(Status.FAIL, (reason,))])
    return analysis.told(
        f"{analysis.stem}_kept",
        f"Of {len(terms)} {analysis.ratio}s, {found.value:.0f} % lead to the conclusion that unseen real patients lead "
        f"to (higher, lower, or no difference shown); with as many training patients {found.ceiling:.0f} %. "
        + (f"The other way round: {', '.join(turned)}." if turned else "None is turned round."),
        judgement,
        value=found.value,
        interval=found.interval,
        ceiling=found.ceiling,
        floors={"shuffled columns": found.floor},
    )


def _overlaps(analysis: Analysis, fits: Fits, drawn: dict[str, Floats]) -> Metric:
    def met(a: Floats, fit: Fit, real: Floats) -> Floats:
        return np.asarray(100 * _overlap(a, fit.error, real, fits.holdout.error).mean(axis=-1))

    found = _compare(met, fits, drawn)
    synthetic, real = (
        float(np.mean(np.abs(standardised(f, fits.holdout)))) for f in (fits.synthetic, fits.train)
    )
    return analysis.told(
        f"{analysis.stem}_overlap",
        f"Intervals from synthetic and from unseen real patients share {found.value:.0f} % of their length on average; "
        f"those of training and unseen patients {found.ceiling:.0f} %. Coefficients differ by {synthetic:.1f} standard "
        f"errors on average, those of training patients by {real:.1f}.",
        judge_if_sure(
            found.ceiling - found.value,
            found.low_lost,
            limits.OVERLAP_LOST_WARN,
            limits.OVERLAP_LOST_FAIL,
            "the overlap lost against as many real patients",
            " points",
            0,
        ),
        value=found.value,
        interval=found.interval,
        ceiling=found.ceiling,
        floors={"shuffled columns": found.floor},
    )


@dataclass(frozen=True)
class _Compared:
    """low_lost: the low end of what is lost against the ceiling."""

    value: float
    interval: tuple[float, float]
    ceiling: float
    floor: float
    low_lost: float


def _compare(
    figure: Callable[[Floats, Fit, Floats], Floats], fits: Fits, drawn: dict[str, Floats]
) -> _Compared:
    real = fits.holdout.estimate
    value, ceiling, floor = (
        float(figure(f.estimate, f, real)) for f in (fits.synthetic, fits.train, fits.shuffled)
    )
    again = figure(drawn["synthetic"], fits.synthetic, drawn["holdout"])
    lost = figure(drawn["train"], fits.train, drawn["holdout"]) - again
    # Noise is added to figures that hold some: the spread of the draws is taken, not their centre.
    half = Z * float(again.std())
    interval = (max(0.0, value - half), min(100.0, value + half))
    return _Compared(value, interval, ceiling, floor, ceiling - value - Z * float(lost.std()))


def empty(analysis: Analysis, why: Judgement) -> list[Metric]:
    return [analysis.told(name, "Not assessable.", why) for name in analysis.titles]


def few_terms(terms: Terms) -> Judgement | None:
    """Why there is nothing to compare; None where there is."""
    if len(terms) >= limits.LEAST_TERMS:
        return None
    return not_assessable(
        f"{len(terms)} coefficients could be compared; at least {limits.LEAST_TERMS} are needed"
    )


def _overlap(a: Floats, a_error: Floats, b: Floats, b_error: Floats) -> Floats:
    first, second = np.maximum(2 * Z * a_error, 1e-12), np.maximum(2 * Z * b_error, 1e-12)
    shared = np.minimum(a + first / 2, b + second / 2) - np.maximum(a - first / 2, b - second / 2)
    return np.asarray(np.maximum(shared, 0.0) * (1 / first + 1 / second) / 2)


def _drawn(fits: Fits, rng: np.random.Generator) -> dict[str, Floats]:
    """float64[draws, p] for each table: coefficients of other patients."""

    def again(fit: Fit, covariance: Floats) -> Floats:
        size = len(fit.estimate)
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(fit.estimate + rng.normal(size=(DRAWS, size)) @ root.T)

    return {
        "holdout": again(fits.holdout, fits.holdout.covariance),
        "train": again(fits.train, fits.train.covariance),
        "synthetic": again(fits.synthetic, 2 * fits.train.covariance),
    }


def _turned(fits: Fits, terms: Terms) -> list[str]:
    """Terms with an effect the other way round, surely so on either side, allowing for how many there are."""
    z = float(norm.isf(0.025 / len(terms)))
    real, told = (conclusions(f.estimate, f.error, z) for f in (fits.holdout, fits.synthetic))
    return [t.label for t, product in zip(terms.terms, real * told, strict=True) if product < 0]


def _shown(
    analysis: Analysis, outcome: str, terms: Terms, fits: Fits, combined: Combined | None
) -> list[Effect]:
    shared, apart = overlap(fits.synthetic, fits.holdout), standardised(fits.synthetic, fits.holdout)
    same = conclusions(fits.synthetic.estimate, fits.synthetic.error) == conclusions(
        fits.holdout.estimate, fits.holdout.error
    )

    def told(fit: Fit, i: int) -> tuple[float, tuple[float, float]]:
        return round(float(fit.estimate[i]), 3), (round(float(fit.low[i]), 3), round(float(fit.high[i]), 3))

    out = []
    for i, term in enumerate(terms.terms):
        (holdout, of_holdout), (train, of_train), (synthetic, of_synthetic) = (
            told(f, i) for f in (fits.holdout, fits.train, fits.synthetic)
        )
        out.append(
            Effect(
                analysis=analysis.name,
                outcome=outcome,
                term=term.label,
                holdout=holdout,
                holdout_interval=of_holdout,
                train=train,
                train_interval=of_train,
                synthetic=synthetic,
                synthetic_interval=of_synthetic,
                overlap=round(float(shared[i]), 3),
                standardised=round(float(apart[i]), 2),
                kept=bool(same[i]),
                combined=None if combined is None else round(float(combined.estimate[i]), 3),
                combined_interval=None
                if combined is None
                else (round(float(combined.low[i]), 3), round(float(combined.high[i]), 3)),
            )
        )
    return out
