"""A question of the report: its answer in words, one picture, and what is folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from locum.evaluate.metrics import Metric, Metrics
from locum.report.names import Names
from locum.report.svg import Chart, Table


@dataclass(frozen=True)
class Fold:
    """What a reader opens when in doubt: charts and tables under one line that says what they are."""

    summary: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    text: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """What stands under one heading.

    question: the heading, in words that a reader would ask. checks: the metrics that answer it; each is shown with
    its status and its sentence, the worst first, and with its method folded away. text: paragraphs before the
    picture: what was done, and how to read it. key: mark and what it stands for; the marks are those of
    ``macros.html.j2``. charts: one picture, or two that are read together. tables: short ones, of the worst
    few. template: for what the usual one cannot show; it finds the section as ``s``, and GIVEN as ``s.given``.
    """

    question: str
    checks: tuple[Metric, ...] = ()
    text: tuple[str, ...] = ()
    key: tuple[tuple[str, str], ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Fold, ...] = ()
    template: str = "section.html.j2"
    given: Mapping[str, object] = field(default_factory=dict)


Maker = Callable[[Metrics, Names], Section | None]
"""Evidence to a section; None where there is nothing to say, not even that something was not measured."""


def named(metrics: Metrics, *names: str) -> tuple[Metric, ...]:
    """The metrics of these names that are there, in that order."""
    found = {m.name: m for m in metrics.metrics}
    return tuple(found[name] for name in names if name in found)
