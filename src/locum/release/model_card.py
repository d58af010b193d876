"""The model card, ``MODEL-CARD.md``, under the headings of Mitchell et al. (2019, FAccT)."""

from __future__ import annotations

from collections.abc import Sequence

from locum.release import facts, pages, words
from locum.release.release import Document, File, Release
from locum.report import formats
from locum.report import words as report_words
from locum.variables import Role


def write(release: Release, _files: Sequence[File]) -> bytes:
    evidence = release.evidence
    metrics = evidence.metrics
    may, must_not = words.uses(release)
    return pages.markdown_text(
        "MODEL-CARD.md.j2",
        about=release.about,
        artificial=words.artificial(release),
        folder=release.folder,
        contact=words.contact(release),
        citation=words.citation(release),
        made=metrics.about.made,
        graph=evidence.graph,
        may=may,
        must_not=must_not,
        groups=[v.name for v in evidence.variables if v.role is Role.QUASI_IDENTIFIER or v.tier == 0],
        group_checks=[m for m in metrics.metrics if m.decides and m.name.startswith("subgroup")],
        k=metrics.about.k,
        label=report_words.LABEL,
        verdicts=words.verdicts(metrics),
        judged=metrics.about,
        patients=words.patients(release),
        people=facts.people(release),
        precision=words.precision_words(release),
        figures=words.key_figures(metrics),
        privacy=report_words.SENTENCES["privacy"][metrics.verdict.privacy] + ".",
        model_file=metrics.model_file,
        notices=metrics.about.notices,
        quantity=formats.quantity,
        interval=formats.interval,
    )


DOCUMENTS = (
    Document(
        "MODEL-CARD.md",
        "text/markdown",
        "Model card: what the model is for, what it was judged by, and where it must not be used",
        write,
    ),
)
