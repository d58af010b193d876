"""Attribute inference: can someone who knows most of a patient's record learn the rest from the synthetic table?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED, Attacked, Ints, attackable
from locum.evaluate.guessing import guess
from locum.evaluate.metrics import Metric, Risk
from locum.evaluate.risk import Bools, Success, pooled, prevalence, told
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z
from locum.evaluate.verdict import Judgement, judge_beyond_chance, metric, not_assessable
from locum.variables import Disclosure, Role, Variable

MOST, QUICK_MOST = 12, 8  # variables guessed
PAIRS, QUICK_PAIRS = 4e8, 6e7  # patients attacked times synthetic rows searched
LEAST, CAP = 500, 4_000  # training patients attacked, and as many controls
COPY = 500  # training patients whose own table is searched for what a copy would give away
COPY_POOL = 100_000  # rows of it: that a copy gives nearly all away is told by the patients among them
TITLES = {
    "attributes": "Can someone who knows the rest of a patient's record guess what is missing from it?",
    "attributes_isolated": "Can someone who knows most of an unusual patient's record guess the rest?",
    "attribute_worst": "Which single variable of a patient is given away most?",
}
METHOD = (
    "Each variable in turn is kept from the attacker, who guesses it from the synthetic rows nearest on all other "
    "variables (rows at the same distance vote; numbers count as right within a tenth of the patients). Success on "
    "training patients is held against success on unseen ones, weighted so that as large a part of them has the "
    "commonest value: what both have in common is knowledge about people in general, and how common a value is is no "
    "secret of a patient. A variable with one value in all synthetic rows tells nothing, and is not guessed. The "
    "figure is the share of what the control leaves open (attribute inference, Giomi et al. 2023). "
    f"Of large tables {LEAST:,} to {CAP:,} patients and as many controls are attacked, fewer where more synthetic rows "
    f"have to be searched: a share is then known to {100 * 1.96 * (0.25 / CAP) ** 0.5:.1f} to "
    f"{100 * 1.96 * (0.25 / LEAST) ** 0.5:.0f} points or better. "
)


@dataclass(frozen=True)
class Guesses:
    """right: bool[patients, secrets]. common: likewise, whether the patient has the commonest of the synthetic values.
    secrets: the variables. attacked: the patients. copy: the same of members attacked with the training table itself,
    and of controls beside them."""

    right: Bools
    common: Bools
    secrets: tuple[Variable, ...]
    attacked: Attacked
    copy_risk: float | None

    def success(self, secret: int, rows: Ints) -> Success:
        member, right = self.attacked.member[rows], self.right[rows, secret]
        controls = int((~member).sum())
        gained = controls * float(self.gained(rows)[secret])
        control = min(max(int(right[~member].sum()) + gained, 0.0), float(controls))
        return Success(int(right[member].sum()), int(member.sum()), control, controls)

    def gained(self, rows: Ints) -> npt.NDArray[np.float64]:
        """What weighting the controls adds to their success, of each secret."""
        return prevalence(self.right[rows], self.common[rows], self.attacked.member[rows])


def assess(
    trio: Trio, attacked: Attacked | None, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Risk]]:
    """attacked: None where there are too few to attack."""
    if attacked is None or attackable(trio) < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        why = (
            f"{attackable(trio)} patients can be attacked and {len(trio.synthetic)} synthetic rows searched; at "
            f"least {limits.MIN_ROWS} of each are needed"
        )
        return [_empty(key, why) for key in TITLES], []
    found = measure(trio, attacked, rng, quick=quick)
    if not found.secrets:
        why = "no variable has two values common enough to guess, also in the synthetic rows, and another to guess from"
        return [_empty(key, why) for key in TITLES], []
    everyone = np.arange(len(found.attacked), dtype=np.int64)
    isolated = found.attacked.isolated
    groups = [(ALL, everyone)]
    if min(np.bincount(found.attacked.member[isolated], minlength=2)) >= limits.MIN_ISOLATED:
        groups.append((ISOLATED, isolated))
    risks = [
        told(found.secrets[s].name, group, found.success(s, rows))
        for group, rows in groups
        for s in range(len(found.secrets))
    ]
    metrics = [_mean(found, "attributes", ALL, everyone)]
    if len(groups) > 1:
        metrics.append(_mean(found, "attributes_isolated", ISOLATED, isolated))
    else:
        why = f"fewer than {limits.MIN_ISOLATED} training patients or controls are in this group"
        metrics.append(_empty("attributes_isolated", why))
    return [*metrics, _worst(found, everyone)], risks


def measure(trio: Trio, attacked: Attacked, rng: np.random.Generator, *, quick: bool) -> Guesses:
    """The attack on as many patients as the table's size allows; all synthetic rows are searched."""
    pairs = QUICK_PAIRS if quick else PAIRS
    some = attacked.first(min(CAP, max(LEAST, int(pairs / len(trio.synthetic)))))
    chosen = secrets(trio, rng, QUICK_MOST if quick else MOST)
    right, common, copy_risk = *_attack(some, trio.synthetic, chosen, trio), None
    if len(chosen):
        # Where nearly every unseen patient is guessed, nothing is left open to tell apart.
        enough = np.count_nonzero(~right[~some.member], axis=0) >= limits.MIN_OPEN
        chosen, right, common = chosen[enough], right[:, enough], common[:, enough]
    if len(chosen):
        few = some.first(COPY)
        training = trio.train.draw(COPY_POOL, rng)
        copied = few.member & np.isin(few.rows.patients, training.patients) | ~few.member
        own, held = _attack(few, training, chosen, trio)
        gained = prevalence(own[copied], held[copied], few.member[copied])
        copy_risk = pooled(own[few.member & copied], own[~few.member], gained)[0]
    return Guesses(right, common, tuple(trio.variables[i] for i in chosen), some, copy_risk)


def secrets(trio: Trio, rng: np.random.Generator, most: int) -> Ints:
    """Places of the variables that are guessed: sensitive ones first, then outcomes, then levels, then numbers.

    What is declared as known to outsiders is no secret; among equals the choice is random.
    """
    if len(trio.variables) < 2:
        return np.zeros(0, np.int64)

    def rank(place: int) -> int:
        variable = trio.variables[place]
        if variable.disclosure is Disclosure.SENSITIVE:
            return 0
        if variable.role in (Role.TARGET, Role.EVENT):
            return 1
        return 2 if variable.kind.has_levels else 3

    places = [
        i for i, v in enumerate(trio.variables) if v.role is not Role.QUASI_IDENTIFIER and _varies(trio, i)
    ]
    order = sorted(rng.permutation(np.array(places, dtype=np.int64)).tolist(), key=rank)[:most]
    return np.array(sorted(order), dtype=np.int64)


def _varies(trio: Trio, place: int) -> bool:
    """Whether two bins hold k real rows each, and two a synthetic row."""
    real = [trio.train.columns[place], trio.holdout.columns[place]]
    grid = trio.grids[place]
    held = np.bincount(np.concatenate([grid.codes(c) for c in real]), minlength=len(grid))
    drawn = np.unique(grid.codes(trio.synthetic.columns[place]))
    return int(np.count_nonzero(held >= trio.k)) > 1 and len(drawn) > 1


def _attack(some: Attacked, base: Sample, chosen: Ints, trio: Trio) -> tuple[Bools, Bools]:
    """bool[patients, chosen], twice: whether the guess from BASE is right, and whether a guess of the commonest value
    of BASE would be."""
    if len(chosen) == 0:
        return np.zeros((len(some), 0), np.bool_), np.zeros((len(some), 0), np.bool_)
    grids = [trio.grids[i] for i in chosen]

    def coded(sample: Sample) -> npt.NDArray[np.uint8]:
        return np.stack([g.codes(sample.columns[i]) for g, i in zip(grids, chosen, strict=True)], axis=1)

    places = np.array([int(np.flatnonzero(some.embedding.order == i)[0]) for i in chosen], dtype=np.int64)
    given, true = coded(base), coded(some.rows)
    guessed = guess(some.points, some.embedding.points(base), places, given)
    commonest = np.array([np.bincount(codes).argmax() for codes in given.T])
    return guessed == true, true == commonest


def _mean(found: Guesses, key: str, group: str, rows: Ints) -> Metric:
    member, right = found.attacked.member[rows], found.right[rows]
    gained = found.gained(rows)
    risk, error = pooled(right[member], right[~member], gained)
    control = float(right[~member].mean() + gained.mean())
    low, high = max(-1.0, risk - Z * error), min(1.0, risk + Z * error)
    warn, fail = (
        (limits.GUESS_WARN, limits.GUESS_FAIL)
        if group == ALL
        else (limits.GUESS_ISOLATED_WARN, limits.GUESS_ISOLATED_FAIL)
    )
    what = f"the risk of a guessed variable, mean over {len(found.secrets)}, for {group},"
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer=f"Among {group}, guesses of {_variables(len(found.secrets))} are right "
        f"{100 * right[member].mean():.1f} times in 100 for training and {100 * control:.1f} times for unseen "
        "patients.",
        method=METHOD
        + f"Mean over {_variables(len(found.secrets))}; interval from the spread between patients.",
        value=risk,
        unit="share",
        interval=(low, high),
        ceiling=0.0,
        floors={} if found.copy_risk is None else {"copy of the training data": found.copy_risk},
        judgement=judge_beyond_chance(risk, low, 0.0, warn, fail, what),
    )


def _worst(found: Guesses, rows: Ints) -> Metric:
    successes = [found.success(s, rows) for s in range(len(found.secrets))]
    tests = len(successes)
    # The one that is surely worst, not the one that chance moved most.
    place = int(np.argmax([s.interval(tests)[0] for s in successes]))
    worst, name = successes[place], found.secrets[place].name
    low, high = worst.interval(tests)
    return metric(
        "attribute_worst",
        "privacy",
        TITLES["attribute_worst"],
        answer=f"It is {name}: guessed right {100 * worst.rate:.1f} times in 100 for training and "
        f"{100 * worst.control_rate:.1f} times for unseen patients.",
        method=METHOD + f"The worst of {_variables(tests)}; Wilson intervals, widened for as many tests.",
        value=worst.risk,
        unit="share",
        interval=(low, high),
        ceiling=0.0,
        judgement=_judge_worst(worst.risk, low, f"the risk of the worst variable, {name},"),
    )


def _judge_worst(risk: float, low: float, what: str) -> Judgement:
    """The worst of many is large by chance alone: within its widened interval it is no finding."""
    if low <= 0:
        return judge_beyond_chance(risk, low, 0.0, limits.GUESS_WORST_WARN, np.inf, what)
    return judge_beyond_chance(risk, low, 0.0, limits.GUESS_WORST_WARN, limits.GUESS_WORST_FAIL, what)


def _variables(count: int) -> str:
    return "one variable" if count == 1 else f"{count} variables"


def _empty(key: str, why: str) -> Metric:
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer="Not assessable.",
        method=METHOD,
        unit="share",
        judgement=not_assessable(why),
    )
