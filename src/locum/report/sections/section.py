"""A question of the report: its answer in words, one picture, and what is folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from locum.evaluate.metrics import Metric, Metrics, Status
from locum.report.levels import nearest
from locum.report.names import Names
from locum.report.svg import Chart, Table
from locum.report.words import SEVERITY


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

    question: the heading, in words that a reader would ask. checks: the metrics that answer it: the worst is shown with
    its status and its sentence, the others are folded; each has its method folded beneath it. answer: a sentence
    before them, where no check says it. text: paragraphs on what was done, and how to read the picture.
    nothing: why there is nothing to show. key: mark and what it stands for; the marks are those of
    ``macros.html.j2``. charts: one picture, or two that are read together. tables: short ones, of the worst few.
    template: for what the usual one cannot show; it finds the section as ``s``, and GIVEN as ``s.given``.
    """

    question: str
    checks: tuple[Metric, ...] = ()
    answer: str = ""
    text: tuple[str, ...] = ()
    nothing: str = ""
    key: tuple[tuple[str, str], ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Fold, ...] = ()
    template: str = "section.html.j2"
    given: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> Status | None:
        """The worst of the checks that decide."""
        return next((m.status for m in self.worst_first if m.decides), None)

    @property
    def worst_first(self) -> list[Metric]:
        """Those that decide before those that do not, the worst and then the nearest to its limit first."""
        return sorted(self.checks, key=lambda m: (not m.decides, SEVERITY.index(m.status), nearest(m)))


Maker = Callable[[Metrics, Names], Section | None]
"""Evidence to a section; None where there is nothing to say, not even that something was not measured."""


def named(metrics: Metrics, *names: str) -> tuple[Metric, ...]:
    """The metrics whose names are, or begin with, these, in that order."""
    found = [m for name in names for m in metrics.metrics if m.name.startswith(name)]
    return tuple({m.name: m for m in found}.values())
