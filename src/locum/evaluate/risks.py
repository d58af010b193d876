"""Are the risks that a model gives right, and of use? Calibration, precision, net benefit of every family."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from locum.evaluate import calibration, decisions
from locum.evaluate import thresholds as limits
from locum.evaluate.excess import Excess, Figure, Scores, worst_family
from locum.evaluate.metrics import Metric, PredictedRisk, Readout
from locum.evaluate.sample import Sample
from locum.evaluate.statistics import auc
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, Wording, judge_beyond_chance, not_assessable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TITLES = {
    "calibration_level": "Are predicted risks right on average?",
    "calibration_slope": "Are high predicted risks as high, and low ones as low, as they should be?",
    "precision": "Of the patients flagged first, do as many have the outcome?",
    "net_benefit": "Would decisions by the predicted risk do as much good?",
}
UNITS = {
    "calibration_level": "log-odds off",
    "calibration_slope": "off a slope of 1",
    "precision": "% of the gain lost",
    "net_benefit": "% of the gain lost",
}
_JUDGED = (
    " Four families, trained on synthetic and on as many real patients, are judged on the same real unseen patients; "
    "the worst counts. Interval: by patient, for the luck of training (two halves of the real patients), and for "
    "having looked at four."
)
METHODS = {
    "calibration_level": "Calibration in the large: what must be added to every predicted log-odds for the mean risk "
    "to come true (Cox 1958; Van Calster et al. 2019)." + _JUDGED,
    "calibration_slope": "Slope of the outcome's log-odds on the predicted ones (Cox 1958; Van Calster et al. 2019); "
    "1 is ideal, below 1 risks are too extreme." + _JUDGED,
    "precision": "Average precision, the area under the precision-recall curve; what is lost, as a share of what "
    "models trained on real patients gain over the share with the outcome." + _JUDGED,
    "net_benefit": "Decision curve (Vickers & Elkin 2006): patients found less patients treated for nothing, weighted "
    "by the odds of the threshold; mean over thresholds from half to twice the share with the outcome; what is lost, "
    "as a share of what models trained on real patients gain over treating all or none." + _JUDGED,
}
_metric = Wording("utility", TITLES, METHODS, UNITS)


def assess(
    target: Target, holdout: Sample, scores: Mapping[str, Scores], k: int
) -> tuple[list[Metric], list[PredictedRisk]]:
    """The four figures, and what the report draws of each family."""
    happened = target.happened(holdout)
    at = decisions.thresholds(happened)
    metrics = [
        _calibrated(
            "calibration_level", lambda x: _away(calibration.intercept(happened, x), 0.0), scores, holdout
        ),
        _calibrated(
            "calibration_slope", lambda x: _away(calibration.slope(happened, x), 1.0), scores, holdout
        ),
        _precision(happened, scores, holdout),
        _net_benefit(happened, scores, holdout, at),
    ]
    return metrics, [_risk(name, target, happened, own, holdout, at, k) for name, own in scores.items()]


def empty(why: Judgement) -> list[Metric]:
    return [_metric(name, "Not assessable.", why) for name in TITLES]


def _away(found: calibration.Recalibrated, ideal: float) -> tuple[float, Floats]:
    off = found.value - ideal
    return abs(off), np.sign(off) * found.influence


def _calibrated(name: str, figure: Figure, scores: Mapping[str, Scores], holdout: Sample) -> Metric:
    found = worst_family(figure, scores, holdout.patients)
    level = name == "calibration_level"
    warn, fail = (
        (limits.CALIBRATION_LEVEL_WARN, limits.CALIBRATION_LEVEL_FAIL)
        if level
        else (limits.CALIBRATION_SLOPE_WARN, limits.CALIBRATION_SLOPE_FAIL)
    )
    what = f"what the {found.family} is further off than when trained on real patients"
    if level:
        factors = [calibration.factor(x) for x in (found.synthetic, found.real)]
        say = (
            f"the odds of the outcome are off by a factor of {factors[0]} after training on synthetic and of "
            f"{factors[1]} after training on real patients; 1 is right"
        )
    else:
        say = (
            f"the slope of true on predicted risks, which should be 1, is off by {found.synthetic:.2f} after training "
            f"on synthetic and by {found.real:.2f} after training on real patients"
        )
    answer = f"For the {found.family}, which does worst, {say}."
    return _metric(
        name,
        answer,
        judge_beyond_chance(found.value, found.low, 0.0, warn, fail, what, "", 2),
        value=found.synthetic,
        # The interval of the difference, moved to where the figure stands.
        interval=(max(0.0, found.real + found.low), found.real + found.high),
        ceiling=found.real,
        floors={"shuffled columns": found.shuffled},
    )


def _precision(happened: Bools, scores: Mapping[str, Scores], holdout: Sample) -> Metric:
    share = float(happened.mean())

    def figure(logit: Floats) -> tuple[float, Floats]:
        value, influence = decisions.average_precision(happened, logit)
        return -value, -influence

    gain = {name: -figure(own.real)[0] - share for name, own in scores.items()}
    usable = {
        name: own
        for name, own in scores.items()
        if gain[name] > 0 and auc(happened, own.real) >= limits.WEAK_AUC
    }
    if not usable:
        return _metric("precision", "Not assessable.", _WEAK)
    found = worst_family(figure, usable, holdout.patients, gain)
    answer = (
        f"The average precision of the {found.family}, which loses most, is {-found.synthetic:.3f} after training on "
        f"synthetic and {-found.real:.3f} after training on real patients; flagging at random gives {share:.3f}."
    )
    return _lost("precision", answer, found, gain[found.family])


def _net_benefit(happened: Bools, scores: Mapping[str, Scores], holdout: Sample, at: Floats) -> Metric:
    default = float(np.maximum(decisions.treat_all(happened, at), 0.0).mean())

    def figure(logit: Floats) -> tuple[float, Floats]:
        value, influence = decisions.net_benefit(happened, logit, at)
        return -float(value.mean()), -influence.mean(axis=0)

    gain = {name: -figure(own.real)[0] - default for name, own in scores.items()}
    least = limits.LEAST_BENEFIT * float(happened.mean())
    usable = {name: own for name, own in scores.items() if gain[name] >= least}
    if not usable:
        return _metric("net_benefit", "Not assessable.", _WEAK)
    found = worst_family(figure, usable, holdout.patients, gain)
    answer = (
        f"Per 1,000 patients, deciding by the {found.family}, which loses most, is worth finding "
        f"{-1000 * found.synthetic:.0f} of those with the outcome for nothing after training on synthetic patients, "
        f"{-1000 * found.real:.0f} after training on real ones, {1000 * default:.0f} without a model."
    )
    return _lost("net_benefit", answer, found, gain[found.family])


_WEAK = not_assessable("even models trained on real patients gain too little to be lost")


def _lost(name: str, answer: str, found: Excess, gain: float) -> Metric:
    what = f"the part lost of what real patients gain (by the {found.family})"
    warn, fail = 100 * limits.UTILITY_LOST_WARN, 100 * limits.UTILITY_LOST_FAIL
    return _metric(
        name,
        answer,
        judge_beyond_chance(100 * found.value, 100 * found.low, 0.0, warn, fail, what, " %", 0),
        value=100 * found.value,
        interval=(100 * found.low, 100 * found.high),
        ceiling=0.0,
        floors={"shuffled columns": 100 * (found.shuffled - found.real) / gain},
    )


def _risk(
    name: str, target: Target, happened: Bools, own: Scores, holdout: Sample, at: Floats, k: int
) -> PredictedRisk:
    def read(logit: Floats) -> Readout:
        benefit = decisions.net_benefit(happened, logit, at)[0]
        return Readout(
            slope=round(calibration.slope(happened, logit).value, 3),
            intercept=round(calibration.intercept(happened, logit).value, 3),
            average_precision=round(decisions.average_precision(happened, logit)[0], 4),
            tenths=calibration.tenths(happened, logit, holdout.patients, k),
            net_benefit=[
                round(float(b), 4) if ok else None
                for b, ok in zip(benefit, decisions.shown(logit, at, k), strict=True)
            ],
        )

    return PredictedRisk(
        target=target.name,
        model=name,
        thresholds=[round(float(t), 4) for t in at],
        treat_all=[round(float(b), 4) for b in decisions.treat_all(happened, at)],
        real=read(own.real),
        synthetic=read(own.synthetic),
    )
