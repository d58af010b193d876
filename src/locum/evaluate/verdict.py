"""From figures and limits to a status with reasons, and from statuses to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from locum.evaluate.metrics import Metric, Status, Verdict

_SEVERITY = {Status.NOT_ASSESSABLE: 0, Status.PASS: 1, Status.WARN: 2, Status.FAIL: 3}


@dataclass(frozen=True)
class Judgement:
    status: Status
    reasons: tuple[str, ...]


def judge(
    value: float, low: float, warn: float, fail: float, what: str, unit: str = "", digits: int = 3
) -> Judgement:
    """Fail when even LOW, the low end of the interval, is beyond FAIL; warn when VALUE is beyond WARN.
    Lower is better."""

    def say(x: float) -> str:
        return f"{x:.{digits}f}{unit}"

    if low > fail:
        return Judgement(
            Status.FAIL, (f"{what} is {say(value)} (at least {say(low)}), above the limit of {say(fail)}",)
        )
    if value > fail:
        reason = f"{what} is {say(value)}, above the limit of {say(fail)}, but may be {say(low)} by chance"
        return Judgement(Status.WARN, (reason,))
    if value > warn:
        return Judgement(
            Status.WARN, (f"{what} is {say(value)}, above {say(warn)} (it fails above {say(fail)})",)
        )
    return Judgement(Status.PASS, (f"{what} is {say(value)}, not above {say(warn)}",))


def judge_beyond_chance(
    value: float,
    low: float,
    chance: float,
    warn: float,
    fail: float,
    what: str,
    unit: str = "",
    digits: int = 3,
) -> Judgement:
    """As `judge`, but what CHANCE explains (it is in the interval) is no finding unless it is beyond FAIL."""
    if low <= chance and warn < value <= fail:
        reason = f"{what} is {value:.{digits}f}{unit}, above {warn:.{digits}f}{unit}, but chance explains it"
        return Judgement(Status.PASS, (reason,))
    return judge(value, low, warn, fail, what, unit, digits)


def judge_if_sure(
    value: float, low: float, warn: float, fail: float, what: str, unit: str = "", digits: int = 3
) -> Judgement:
    """As `judge`, but what chance explains (0 is in the interval) is no finding, however large: for the worst of many
    small groups, and for shares of few things."""
    if low <= 0 and value > warn:
        reason = f"{what} is {value:.{digits}f}{unit}, above {warn:.{digits}f}{unit}, but chance explains it"
        return Judgement(Status.PASS, (reason,))
    return judge(value, low, warn, fail, what, unit, digits)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The worst of several, with the reasons of those that made it so."""
    status = worst_status([j.status for j in judgements])
    return Judgement(status, tuple(r for j in judgements if j.status is status for r in j.reasons))


def not_assessable(*reasons: str) -> Judgement:
    return Judgement(Status.NOT_ASSESSABLE, reasons)


def worst_status(statuses: Sequence[Status]) -> Status:
    return max(statuses, key=_SEVERITY.__getitem__, default=Status.NOT_ASSESSABLE)


def verdict(metrics: Sequence[Metric]) -> Verdict:
    """The worst status of the deciding metrics of each family; what was not assessable decides only when
    nothing was."""

    def of(family: Literal["fidelity", "utility", "privacy"]) -> Status:
        return worst_status([m.status for m in metrics if m.family == family and m.decides])

    return Verdict(fidelity=of("fidelity"), utility=of("utility"), privacy=of("privacy"))


def metric(
    name: str,
    family: Literal["fidelity", "utility", "privacy"],
    title: str,
    *,
    answer: str,
    method: str,
    judgement: Judgement,
    unit: str,
    value: float | None = None,
    interval: tuple[float, float] | None = None,
    ceiling: float | None = None,
    floors: dict[str, float] | None = None,
    better: Literal["lower", "higher", "near ceiling"] = "lower",
    decides: bool = True,
) -> Metric:
    """A metric with every figure rounded to four digits."""
    return Metric(
        name=name,
        family=family,
        title=title,
        answer=answer,
        method=method,
        value=None if value is None else round(value, 4),
        unit=unit,
        better=better,
        interval=None if interval is None else (round(interval[0], 4), round(interval[1], 4)),
        ceiling=None if ceiling is None else round(ceiling, 4),
        floors={name: round(floor, 4) for name, floor in (floors or {}).items()},
        status=judgement.status,
        reasons=list(judgement.reasons),
        decides=decides,
    )
