"""The outcome that utility is judged on: as given, as declared, or chosen and said so."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.evaluate import boosting
from locum.evaluate import thresholds as limits
from locum.evaluate.grid import CHART_BINS, lay, text
from locum.evaluate.matrix import for_trees
from locum.evaluate.metrics import outcome
from locum.evaluate.parallel import run_each
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import auc
from locum.variables import Role

TELLING = (
    "event",
    "death",
    "died",
    "dead",
    "mortality",
    "status",
    "outcome",
    "result",
    "income",
    "cvd",
    "target",
    "label",
    "class",
)
POSITIVE = ("1", "yes", "true", "y", "positive", "event", "dead", "died")
ROWS = 5_000  # rows on which candidates are tried


@dataclass(frozen=True)
class Target:
    """places: the columns that may predict it. notices: what was chosen or left out, for the reader."""

    place: int
    name: str
    event: str
    level: int | None  # the level that counts as the event; None for a number
    above: float  # the event of a number is a value above this
    places: list[int]
    notices: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """The outcome in words: the name alone where the event is that it holds, else with the event."""
        return outcome(self.name, self.event)

    def known(self, sample: Sample) -> npt.NDArray[np.bool_]:
        return np.asarray(sample.columns[self.place].missing == 0)

    def happened(self, sample: Sample) -> npt.NDArray[np.bool_]:
        values = sample.columns[self.place].values
        return np.asarray(values == self.level if self.level is not None else values > self.above)


def find(trio: Trio, wanted: str | None, rng: np.random.Generator) -> tuple[Target | None, str]:
    """The target, or None with the reason. Raises BadInput when WANTED is no variable of the table."""
    names = [v.name for v in trio.variables]
    if wanted is not None and wanted not in names:
        raise BadInput(
            f"there is no variable {wanted} to predict: name one of the table's variables as the target"
        )
    declared = next((i for i, v in enumerate(trio.variables) if v.role is Role.TARGET), None)
    if wanted is None and declared is None and (event := _event(trio, rng)) is not None:
        return event, ""
    place = names.index(wanted) if wanted is not None else declared
    if place is not None:
        candidate = describe(trio, place)
        if candidate is None:
            return (
                None,
                f"{names[place]} does not split train and holdout into two groups of {limits.MIN_CLASS} "
                "patients",
            )
        found = without_giveaways(trio, candidate, rng)[0]
        return found, "" if found else f"every column that could predict {names[place]} gives it away"
    return choose(trio, rng)


def _event(trio: Trio, rng: np.random.Generator) -> Target | None:
    """The declared event as the target, however well it is predicted; None where there is none that can be."""
    place = next((i for i, v in enumerate(trio.variables) if v.role is Role.EVENT), None)
    candidate = None if place is None else describe(trio, place)
    if candidate is None:
        return None
    target, area = without_giveaways(trio, candidate, rng)
    if target is None or area > limits.TRIVIAL_AUC:
        return None
    notice = f"No target was named: {target.outcome}, declared as the event, was chosen to judge utility."
    return replace(target, notices=(notice, *target.notices))


def describe(trio: Trio, place: int) -> Target | None:
    """What counts as the event of this column; None where a class has too few patients."""
    variable, column = trio.variables[place], trio.train.columns[place]
    present = column.values[column.missing == 0]
    notices: tuple[str, ...] = ()
    level, above, event = None, 0.0, ""
    if len(present) == 0:
        return None
    if variable.kind.has_levels:
        counts = np.bincount(present.astype(np.int64), minlength=len(variable.levels) + 1)[
            : len(variable.levels)
        ]
        common = [int(i) for i in np.flatnonzero(counts >= max(limits.MIN_CLASS, trio.k))]
        if not common:
            return None
        positive = [i for i in common if variable.levels[i].lower() in POSITIVE and len(variable.levels) == 2]
        level = (
            positive[0] if positive else min(common, key=lambda i: (abs(counts[i] / len(present) - 0.25), i))
        )
        if len(variable.levels) == 2 and not positive:
            level = min(common, key=lambda i: (counts[i], i))
        event = variable.levels[level]
        if len(variable.levels) > 2:
            notices = (
                f"{variable.name} has more than two levels: what is predicted is {event} against all others.",
            )
    else:
        grid = lay([trio.train.columns[place], trio.holdout.columns[place]], CHART_BINS, trio.k)
        cuts = np.unique(
            np.concatenate([grid.edges, grid.atoms])
        )  # round numbers, and values that many patients share
        if len(cuts) == 0:
            return None
        even = [abs(float((present > c).mean()) - 0.5) for c in cuts]
        above = float(cuts[int(np.argmin(even))])
        event = f"above {text(above, variable)}"
        notices = (f"{variable.name} is a number: what is predicted is whether it is {event}.",)
    others = [i for i, v in enumerate(trio.variables) if i != place and v.role is not Role.TIME]
    target = Target(place, variable.name, event, level, above, others, notices)
    for sample in (trio.train, trio.holdout):
        happened = target.happened(sample)[target.known(sample)]
        if min(happened.sum(), (~happened).sum()) < limits.MIN_CLASS:
            return None
    return target if others else None


def choose(trio: Trio, rng: np.random.Generator) -> tuple[Target | None, str]:
    """The first candidate, by name and then from the last column, that real data predict, but not
    perfectly."""
    binary = []
    for place, variable in enumerate(trio.variables):
        if variable.kind.has_levels and len(variable.levels) == 2:
            candidate = describe(trio, place)
            if candidate is not None:
                binary.append(candidate)
    if not binary:
        return None, f"no binary variable has {limits.MIN_CLASS} patients of each kind in train and holdout"

    def order(c: Target) -> tuple[bool, int]:
        return not any(word in c.name.lower() for word in TELLING), -c.place

    weak: Target | None = None
    for candidate in sorted(binary, key=order)[:12]:
        target, area = without_giveaways(trio, candidate, rng)
        if target is None or area > limits.TRIVIAL_AUC:
            continue
        notice = f"No target was named: {target.outcome} was chosen to judge utility."
        target = replace(target, notices=(notice, *target.notices))
        if area >= 0.6:
            return target, ""
        weak = weak or target
    if weak is not None:
        return weak, ""
    return None, "every binary variable is determined by other columns, or by none; name a target"


def without_giveaways(trio: Trio, target: Target, rng: np.random.Generator) -> tuple[Target | None, float]:
    """TARGET less the columns that determine it alone, and the AUC that the others give on the holdout."""
    train, test = (_some(s, target, rng) for s in (trio.train, trio.holdout))
    y_train, y_test = target.happened(train), target.happened(test)
    if min(y_train.sum(), (~y_train).sum(), y_test.sum(), (~y_test).sum()) < 2:
        return None, 0.5
    kept: list[int] = []
    dropped: list[int] = []
    for place in target.places:
        x_train, x_test = for_trees(train, train, [place]), for_trees(test, train, [place])
        gives_away = _binned_auc(x_train, y_train, x_test, y_test) > limits.GIVES_AWAY_AUC
        (dropped if gives_away else kept).append(place)
    notices = target.notices
    if dropped:
        names = ", ".join(trio.variables[i].name for i in dropped)
        notices = (*notices, f"Left out when predicting {target.name}, because they give it away: {names}.")
    out = Target(target.place, target.name, target.event, target.level, target.above, kept, notices)
    if not kept:
        return None, 0.5

    def predict() -> npt.NDArray[np.float64]:
        model = boosting.fit(for_trees(train, train, kept), y_train, trees=40, leaves=8)
        return model.predict(for_trees(test, train, kept))

    return out, auc(y_test, run_each([predict])[0])


def _some(sample: Sample, target: Target, rng: np.random.Generator) -> Sample:
    return sample.take(np.flatnonzero(target.known(sample))).draw(ROWS, rng)


def _binned_auc(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.bool_],
    x_test: npt.NDArray[np.float64],
    y_test: npt.NDArray[np.bool_],
) -> float:
    """AUC of the rate of the event in some forty bins of one column, judged on other rows."""
    values = np.where(np.isnan(x[:, 0]), -np.inf, x[:, 0])
    edges = (
        np.unique(np.quantile(values[np.isfinite(values)], np.linspace(0, 1, 41)))
        if np.isfinite(values).any()
        else np.empty(0)
    )
    bins = np.searchsorted(edges, values, "left")
    rate = (np.bincount(bins, weights=y, minlength=len(edges) + 1) + y.mean()) / (
        np.bincount(bins, minlength=len(edges) + 1) + 1
    )
    test = np.where(np.isnan(x_test[:, 0]), -np.inf, x_test[:, 0])
    return auc(y_test, rate[np.searchsorted(edges, test, "left")])
