"""From figures and limits to a status with reasons, and from statuses to the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isinf
from typing import Literal

from locum.evaluate.metrics import Limit, Metric, Status, Verdict

_SEVERITY = {Status.NOT_ASSESSABLE: 0, Status.PASS: 1, Status.WARN: 2, Status.FAIL: 3}


@dataclass(frozen=True)
class Judgement:
    status: Status
    reasons: tuple[str, ...]
    limit: Limit | None = None


def judge(
    value: float, low: float, warn: float, fail: float, what: str, unit: str = "", digits: int = 3
) -> Judgement:
    """Fail when even LOW, the low end of the interval, is beyond FAIL; warn when VALUE is beyond WARN.
    Lower is better."""

    def say(x: float) -> str:
        return f"{round(x, digits) + 0.0:.{digits}f}{unit}"  # adding 0 makes a 0 of −0

    limit = limit_at(value, 0.0, warn, fail)
    if low > fail:
        status = Status.FAIL
        reason = f"{what} is {say(value)} (at least {say(low)}), above the limit of {say(fail)}"
    elif value > fail:
        status = Status.WARN
        reason = f"{what} is {say(value)}, above the limit of {say(fail)}, but may be {say(low)} by chance"
    elif value > warn:
        status = Status.WARN
        reason = f"{what} is {say(value)}, above {say(warn)} (it fails above {say(fail)})"
    else:
        status = Status.PASS
        reason = f"{what} is {say(value)}, not above {say(warn)}"
    return Judgement(status, (reason,), limit)


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
        return Judgement(Status.PASS, (reason,), limit_at(value, chance, warn, fail))
    judged = judge(value, low, warn, fail, what, unit, digits)
    return replace(judged, limit=limit_at(value, chance, warn, fail))


def limit_at(value: float, par: float, warn: float, fail: float) -> Limit:
    """The limits that VALUE was judged by, PAR being what real patients or chance would score."""
    figures = (round(float(x), 4) for x in (value, par, warn))
    figure, par, caution = figures
    return Limit(figure=figure, par=par, caution=caution, fail=None if isinf(fail) else round(fail, 4))


def used(limit: Limit) -> float:
    """How much of the room up to caution is used: 0 at par, 1 at the limit."""
    return (limit.figure - limit.par) / max(limit.caution - limit.par, 1e-9)


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
    deciding = [j for j in judgements if j.status is status]
    nearest = max((j.limit for j in deciding if j.limit), key=used, default=None)
    return Judgement(status, tuple(r for j in deciding for r in j.reasons), nearest)


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
        limit=_beside(judgement.limit, value, ceiling),
    )


def _beside(limit: Limit | None, value: float | None, ceiling: float | None) -> Limit | None:
    """The limit; where it was set to the value itself, not to its excess, real patients score the ceiling."""
    if limit is None or value is None or ceiling is None or limit.figure != round(value, 4):
        return limit
    return limit.model_copy(update={"par": round(ceiling, 4)}) if ceiling < limit.caution else limit


@dataclass(frozen=True)
class Wording:
    """What the metrics of one module say whatever they find, each by its name; a call makes one of them."""

    family: Literal["fidelity", "utility", "privacy"]
    titles: Mapping[str, str]
    methods: Mapping[str, str]
    units: Mapping[str, str]

    def __call__(
        self,
        name: str,
        answer: str,
        judgement: Judgement,
        *,
        value: float | None = None,
        interval: tuple[float, float] | None = None,
        ceiling: float | None = None,
        floors: dict[str, float] | None = None,
    ) -> Metric:
        return metric(
            name,
            self.family,
            self.titles[name],
            answer=answer,
            method=self.methods[name],
            unit=self.units[name],
            judgement=judgement,
            value=value,
            interval=interval,
            ceiling=ceiling,
            floors=floors,
        )
