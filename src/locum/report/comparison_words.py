"""What differs between several synthetic tables, in words: only what is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from locum.evaluate.metrics import Metric, Metrics, Status
from locum.report import formats
from locum.report.words import FAMILY, LABEL, SEVERITY


@dataclass(frozen=True)
class Compared:
    """A synthetic table under a NAME of its own, such as "B: strict"."""

    name: str
    metrics: Metrics


@dataclass(frozen=True)
class Difference:
    """A check on which tables differ: in their status, or beyond their intervals. found: of each table, or None."""

    title: str
    family: str
    words: str
    found: tuple[Metric | None, ...]


def conclusion(sets: Sequence[Compared]) -> str:
    """Which of them pass all three families, and which must not leave."""
    families = list(FAMILY)
    passing = [
        s.name for s in sets if all(getattr(s.metrics.verdict, family) is Status.PASS for family in families)
    ]
    leaking = [s.name for s in sets if s.metrics.verdict.privacy is Status.FAIL]
    first = (
        f"{_listed(passing)} {'passes' if len(passing) == 1 else 'pass'} in all three respects."
        if passing
        else "None of them passes in all three respects."
    )
    if leaking:
        first += f" {_listed(leaking)} must be treated as patient data: a privacy check failed."
    return first


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def alike(sets: Sequence[Compared]) -> bool:
    """Whether they were judged by the same real patients, as far as the evidence tells."""

    def real(metrics: Metrics) -> object:
        about = metrics.about
        shares = {m.variable: (m.train, m.holdout) for m in metrics.marginals if m.edges is None}
        return (about.train_rows, about.holdout_rows, about.variables, about.target, shares)

    return all(real(s.metrics) == real(sets[0].metrics) for s in sets[1:])


def differences(sets: Sequence[Compared]) -> list[Difference]:
    """What matters, the gravest first: checks with different results, then those whose intervals are apart."""
    found = []
    for title, family, row in rows(sets):
        words = _apart(sets, row)
        if words:
            found.append(Difference(title, family, words, row))

    def weight(d: Difference) -> tuple[int, int]:
        statuses = [SEVERITY.index(m.status) for m in d.found if m]
        return (0 if len(set(statuses)) > 1 else 1, min(statuses))

    by_family = [sorted((d for d in found if d.family == f), key=weight) for f in reversed(FAMILY)]
    turns = zip_longest(*by_family)  # so that no family is pushed out of sight by another
    return sorted((d for turn in turns for d in turn if d), key=weight)


def rows(sets: Sequence[Compared]) -> list[tuple[str, str, tuple[Metric | None, ...]]]:
    """Each deciding check that any of them has: its title, its family, and what each of them scores."""
    by_name = [{m.name: m for m in s.metrics.metrics if m.decides} for s in sets]
    names = dict.fromkeys(name for found in by_name for name in found)
    out = []
    for name in names:
        row = tuple(found.get(name) for found in by_name)
        first = next(m for m in row if m)
        out.append((first.title, str(first.family), row))
    families = list(FAMILY)
    return sorted(out, key=lambda r: families.index(r[1]))


def _apart(sets: Sequence[Compared], row: Sequence[Metric | None]) -> str:
    made = [(s.name, m) for s, m in zip(sets, row, strict=True) if m and m.value is not None]
    if len(made) < 2:
        return ""
    statuses = {m.status for _, m in made}
    if len(statuses) > 1:
        parts = []
        for status in reversed(SEVERITY):
            some = [f"{name} ({figure(m)})" for name, m in made if m.status is status]
            if some:
                parts.append(f"{LABEL[status].lower()} for {_listed(some)}")
        return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}."
    made.sort(key=lambda pair: _badness(pair[1]))
    best, worst = made[0], made[-1]
    if not best[1].interval or not worst[1].interval:
        return ""
    (low, high), (other_low, other_high) = best[1].interval, worst[1].interval
    if high >= other_low and other_high >= low:
        return ""
    return (
        f"{best[0]} is better than {worst[0]} by more than chance: {figure(best[1])} against "
        f"{figure(worst[1])}."
    )


def _badness(metric: Metric) -> float:
    value = metric.value or 0.0
    if metric.better == "higher":
        return -value
    return abs(value - (metric.ceiling or 0.0)) if metric.better == "near ceiling" else value


def figure(metric: Metric | None) -> str:
    """A figure in its unit, where the sign does not tell it."""
    if metric is None or metric.value is None:
        return "not measured"
    return formats.quantity(metric.value, metric.unit)
