"""The page of a study: what was run, the verdicts, and the way to the reports. It sees evidence, and no patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locum.evaluate.metrics import Metrics
from locum.report import words
from locum.report.page import UNWRITABLE, environment, page_style
from locum.version import VERSION


@dataclass(frozen=True)
class Part:
    """A cohort, or a table, of a study. report: the way to its report, from the study's page."""

    name: str
    metrics: Metrics
    report: str


def render_study(
    title: str,
    parts: Sequence[Part],
    times: Sequence[tuple[str, float]],
    *,
    artificial: Sequence[str] = (),
    quality: str | None = None,
) -> str:
    """The page. The same evidence and times give the same text.

    times: each stage, in words, and the seconds that it took. artificial: names of the parts whose records are.
    quality: the way to the report on the quality of the records.
    """
    html = (
        environment()
        .get_template("study.html.j2")
        .render(
            title=title,
            style=page_style(),
            parts=[
                (part, words.LEAD[part.metrics.verdict.privacy], words.compared(part.metrics.about))
                for part in parts
            ],
            times=[(stage, _time(seconds)) for stage, seconds in times],
            total=_time(sum(seconds for _, seconds in times)),
            artificial="all" if len(artificial) == len(parts) else ", ".join(artificial),
            quality=quality,
            version=VERSION,
        )
    )
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def _time(seconds: float) -> str:
    """A duration: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
