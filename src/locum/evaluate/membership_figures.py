"""From the scores of any membership attack to its figures: area under the curve, members named at few false alarms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED
from locum.evaluate.metrics import Attack, Curve, Metric, Status
from locum.evaluate.statistics import GRID, auc, auc_interval, rate_at, roc, wilson
from locum.evaluate.verdict import Judgement, judge, judge_beyond_chance, metric, not_assessable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
COPY = "copy of the training data"
CERTAIN, NEARLY = 0.001, 0.01  # shares of false alarms
SHADOWED = "the least probable training patients"
GROUPS = {ALL: "", ISOLATED: "_isolated", SHADOWED: ""}
"""Group -> what its metrics' names end in."""


@dataclass(frozen=True)
class Limits:
    """Where a figure warns and where it fails."""

    auc: tuple[float, float]
    tpr: tuple[float, float]


TABLE = {
    ALL: Limits(
        (limits.MEMBER_AUC_WARN, limits.MEMBER_AUC_FAIL), (limits.MEMBER_TPR_WARN, limits.MEMBER_TPR_FAIL)
    ),
    ISOLATED: Limits(
        (limits.ISOLATED_AUC_WARN, limits.ISOLATED_AUC_FAIL),
        (limits.ISOLATED_TPR_WARN, limits.ISOLATED_TPR_FAIL),
    ),
}
"""Limits of an attack by whoever holds the synthetic table."""


@dataclass(frozen=True)
class Words:
    """What an attack is called and how it is judged.

    key: what its metrics' names begin with. titles: of "auc" and "tpr", each with what GROUPS adds. attacker: who.
    groups: limits by group. decides: whether it enters the verdict on the table.
    """

    key: str
    name: str
    question: str
    titles: dict[str, str]
    method: str
    attacker: str = "an attacker"
    groups: dict[str, Limits] = field(default_factory=lambda: TABLE)
    decides: bool = True

    def unjudged(self, group: str, why: str, attacked: int) -> tuple[list[Metric], Attack]:
        """Both metrics and the attack of GROUP where nothing can be said."""
        empty = [
            self._metric(kind, group, answer="Not assessable.", judgement=not_assessable(why))
            for kind in ("auc", "tpr")
        ]
        return empty, Attack(
            name=self.name,
            title=self.question,
            group=group,
            auc=None,
            auc_interval=None,
            tpr_at_1pct=None,
            tpr_interval=None,
            curve=None,
            attacked=attacked,
        )

    def _metric(
        self,
        kind: str,
        group: str,
        *,
        answer: str,
        judgement: Judgement,
        value: float | None = None,
        interval: tuple[float, float] | None = None,
        floors: dict[str, float] | None = None,
        more: str = "",
    ) -> Metric:
        suffix = kind + GROUPS[group]
        return metric(
            f"{self.key}_{suffix}",
            "privacy",
            self.titles[suffix],
            answer=answer,
            method=self.method + more,
            value=value,
            unit="AUC" if kind == "auc" else "share",
            interval=interval,
            ceiling=None if value is None else 0.5 if kind == "auc" else NEARLY,
            floors=floors,
            judgement=judgement,
            decides=self.decides,
        )


@dataclass(frozen=True)
class Scored:
    """The attack's scores of members and controls, higher for those it takes to be members.

    member: bool[n]; score: float64[n]; patients: int64[n], scores with the same number are of one person.
    copy: (member, score) of the same attack on a copy of the training data, None where that is not known.
    """

    member: Bools
    score: Floats
    patients: Ints
    copy: tuple[Bools, Floats] | None = None

    def take(self, rows: Ints) -> Scored:
        """Some of the patients, without the copy."""
        return Scored(self.member[rows], self.score[rows], self.patients[rows])

    @property
    def sizes(self) -> tuple[int, int]:
        """Different members and controls."""
        return len(np.unique(self.patients[self.member])), len(np.unique(self.patients[~self.member]))


def figures(words: Words, group: str, found: Scored, *, certain: bool = False) -> tuple[list[Metric], Attack]:
    """Both metrics of an attack on GROUP, and what the report draws.

    certain: also at 0.1 % false alarms, where there are a thousand controls to tell it from.
    """
    members, controls = found.sizes
    if min(members, controls) < limits.MIN_ISOLATED:
        why = f"{members} training patients and {controls} controls are in this group; "
        return words.unjudged(group, f"{why}{limits.MIN_ISOLATED} of each are needed", members)
    area, low, high = auc_interval(found.member, found.score, found.patients)
    hits, alarms = _rates(found, NEARLY)
    rate, interval = hits, wilson(hits * members, members)
    surely = None
    if certain and (~found.member).sum() * CERTAIN >= 1:
        surely = _rates(found, CERTAIN)[0]
    copied = found.copy if found.copy is not None and 0 < found.copy[0].mean() < 1 else None
    metrics = [
        _auc(words, group, area, (low, high), copied),
        _tpr(words, group, rate, interval, wilson(alarms * controls, controls)[1], copied, surely),
    ]
    curve = Curve(
        label=group,
        false_positive_rate=[round(float(x), 2) for x in GRID],
        true_positive_rate=[round(float(x), 4) for x in roc(found.member, found.score)],
        auc=round(area, 4),
    )
    return metrics, Attack(
        name=words.name,
        title=words.question,
        group=group,
        auc=round(area, 4),
        auc_interval=_rounded((low, high)),
        tpr_at_1pct=round(rate, 4),
        tpr_interval=_rounded(interval),
        tpr_at_01pct=None if surely is None else round(surely, 4),
        tpr_01_interval=None if surely is None else _rounded(wilson(surely * members, members)),
        curve=curve,
        attacked=members,
    )


def _rates(found: Scored, false_positives: float) -> tuple[float, float]:
    """Shares of members and of controls above the cut; of one person several scores are no more people."""
    hits, alarms = rate_at(found.member, found.score, false_positives)
    return hits / int(found.member.sum()), alarms / int((~found.member).sum())


def _rounded(bounds: tuple[float, float]) -> tuple[float, float]:
    return round(bounds[0], 4), round(bounds[1], 4)


def _auc(
    words: Words,
    group: str,
    area: float,
    interval: tuple[float, float],
    copied: tuple[Bools, Floats] | None,
) -> Metric:
    warn, fail = words.groups[group].auc
    floors = {} if copied is None else {COPY: auc(*copied)}
    return words._metric(
        "auc",
        group,
        answer=f"Among {group}, shown one who was in the training data and one who was not, {words.attacker} is right "
        f"{100 * area:.1f} times in 100; guessing gives 50"
        + (f", and a copy of the training data {100 * floors[COPY]:.0f}." if floors else "."),
        more=" Interval after DeLong et al. (1988).",
        value=area,
        interval=interval,
        floors=floors,
        judgement=_judge_area(group, area, interval, warn, fail),
    )


def _judge_area(
    group: str, area: float, interval: tuple[float, float], warn: float, fail: float
) -> Judgement:
    """Far below chance the attack works the other way round: the table was made from the holdout patients."""
    if interval[1] < 1 - fail:
        reason = (
            f"the AUC of the attack on {group} is {area:.3f}, below {1 - fail:.3f}: what is attacked is nearer to "
            "holdout than to training patients, so it was made from patients meant to be unseen"
        )
        return Judgement(Status.FAIL, (reason,))
    return judge_beyond_chance(area, interval[0], 0.5, warn, fail, f"the AUC of the attack on {group}")


def _tpr(
    words: Words,
    group: str,
    rate: float,
    interval: tuple[float, float],
    alarms_high: float,
    copied: tuple[Bools, Floats] | None,
    surely: float | None,
) -> Metric:
    """The cut is itself estimated from the controls, so a rate that the alarms' own interval covers is no finding."""
    warn, fail = (max(limit, alarms_high) for limit in words.groups[group].tpr)
    floors = {}
    if copied is not None:
        floors[COPY] = rate_at(*copied, NEARLY)[0] / int(copied[0].sum())
    answer = (
        f"Among {group}, accepting one false alarm in 100, {words.attacker} names {100 * rate:.1f} of 100 training "
        "patients; guessing names 1."
    )
    if surely is not None:
        answer += f" Accepting one in 1,000, it is {100 * surely:.2f}; guessing names 0.1."
    return words._metric(
        "tpr",
        group,
        answer=answer,
        more=" True-positive rate at 1 % false positives (Carlini et al. 2022); Wilson interval.",
        value=rate,
        interval=interval,
        floors=floors,
        judgement=judge(rate, interval[0], warn, fail, f"the share of {group} found at 1 % false alarms"),
    )
