"""The technical description of a release for a governance board, ``method.html`` and ``method.pdf``."""

from __future__ import annotations

from collections.abc import Sequence

from locum.dial import STEPS
from locum.errors import UsageError
from locum.evaluate.metrics import Metric
from locum.release import ablation, facts, pages, words
from locum.release.release import Document, File, Release
from locum.report import flow_chart, formats, graph_chart, svg, to_pdf
from locum.report import words as report_words
from locum.report.names import Names

SPREAD = 65_535
"""Rows of a table whose draws share chance out (docs/explanation/method.md, Drawing)."""
NEEDS = {
    "": "",
    "approver": "a named person may answer for it",
    "never": "nobody may answer for it",
}


def html(release: Release) -> str:
    """The page. The same release gives the same text."""
    about, evidence, decision = release.about, release.evidence, release.decision
    metrics = evidence.metrics
    names = Names()
    may, must_not = words.uses(release)
    privacy = report_words.deciding(metrics, "privacy")
    return pages.page(
        "method.html.j2",
        r=release,
        about=about,
        folder=release.folder,
        metrics=metrics,
        judged=metrics.about,
        artificial=words.artificial(release),
        lead=report_words.LEAD[metrics.verdict.privacy],
        rows=words.rows(release),
        columns=evidence.table.num_columns,
        patients=words.patients(release),
        people=facts.people(release),
        verdicts=words.verdicts(metrics),
        attrition=evidence.attrition,
        flow=flow_chart.draw(evidence.attrition, names.new()) if evidence.attrition else None,
        precision=words.precision_words(release),
        shares=_shares(release),
        spread=bool(metrics.about.made) and words.rows(release) <= SPREAD,
        step=STEPS.get(metrics.about.made.get("Privacy setting", "")),
        latent="Latent class" in metrics.about.made and "off" not in metrics.about.made["Latent class"],
        graph=evidence.graph,
        drawn=graph_chart.draw(evidence.graph, names.new()) if evidence.graph else None,
        figures=[part for part in words.key_figures(metrics)[:2] if part[2]],
        privacy=[("Private", "Can anyone learn who was in the real data?", privacy)] if privacy else [],
        model_checks=_model_checks(metrics.metrics),
        ablations=_ablations(),
        dial=_dial(),
        may=may,
        must_not=must_not,
        decision=decision,
        needs=NEEDS,
        citation=words.citation(release),
        contact=words.contact(release),
        hashes=sorted(evidence.sha256.items()),
    )


def _model_checks(metrics: Sequence[Metric]) -> list[Metric]:
    return [m for m in metrics if m.name.startswith("model_") and m.family == "privacy" and not m.decides]


def _shares(release: Release) -> svg.Table:
    """The standard errors of some shares, beside those that counting rows as patients would claim."""
    people, drawn = words.patients(release), words.rows(release)
    rows = []
    for share in words.SHARES:
        p = words.precision(share, people, drawn)
        low, high = max(share - p.half, 0.0), min(share + p.half, 1.0)
        between = f"{formats.share(low)} to {formats.share(high)}"
        rows.append([formats.share(share), words.points(p.error), between, words.points(p.naive)])
    head = ["Share in the rows", "Standard error", "95% interval", "Error if rows were patients"]
    return svg.Table("How sure a share that is counted in the rows is", head, rows)


def _ablations() -> svg.Table:
    head = ["Part of the method", "Figure", "Public table, rows × variables", "Without", "With"]
    rows = [[a.part, a.figure, a.table, f"0{a.without}", f"0{a.with_it}"] for a in ablation.PARTS]
    return svg.Table("What parts of the method buy on public tables, not on this dataset", head, rows)


def _dial() -> svg.Table:
    head = ["Privacy setting", "adult, 16,280 × 15", "framingham, 2,217 × 34"]
    rows = [[s.name, *(formats.tidy(f"0{x}") for x in (s.adult, s.framingham))] for s in ablation.DIAL]
    return svg.Table(
        "What someone who holds the model file finds on two public tables, not on this dataset", head, rows
    )


def write_html(release: Release, _files: Sequence[File]) -> bytes:
    return html(release).encode()


def write_pdf(release: Release, _files: Sequence[File]) -> bytes:
    """Nothing where WeasyPrint, or the system's Pango, is not installed: the page can be printed from a browser."""
    try:
        return to_pdf(html(release))
    except UsageError:
        return b""


DOCUMENTS = (
    Document(
        "method.html",
        "text/html",
        "Technical description: where the data come from, how they were made and judged, and their limits",
        write_html,
    ),
    Document("method.pdf", "application/pdf", "The technical description, to be printed or filed", write_pdf),
)
