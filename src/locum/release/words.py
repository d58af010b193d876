"""Sentences that several documents of a package share, and the figures in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from locum.evaluate.metrics import Metric, Metrics, Status
from locum.release import facts
from locum.release.evidence_files import REPORT
from locum.release.release import Release
from locum.report import formats, words

REFERENCE_SHARE = 0.05
SHARES = (0.01, REFERENCE_SHARE, 0.10, 0.25, 0.50)
Z = 1.96


def artificial(release: Release) -> str:
    """The notice that stands first in every document; nothing where the records were of real patients."""
    if not facts.is_artificial(release):
        return ""
    return (
        "The records that this dataset was learned from are artificial. They were made up from published figures. "
        "Nobody in them exists, and nothing here says anything about real patients: where a document of this "
        "package says “real”, it means those artificial records."
    )


def patients(release: Release) -> int:
    return release.evidence.metrics.about.train_patients


def rows(release: Release) -> int:
    return int(release.evidence.table.num_rows)


def rows_and_patients(release: Release) -> str:
    """How many rows there are beside how many patients they were learned from."""
    return (
        f"{formats.count(rows(release))} artificial {'record' if rows(release) == 1 else 'records'}, learned from "
        f"{formats.count(patients(release))} {facts.people(release, patients(release))}. "
        "More rows than patients do not carry more information."
    )


@dataclass(frozen=True)
class Precision:
    """A share estimated from the data. error: its standard error; half: of the 95 % interval; naive: the error that
    counting rows as patients would claim. All are shares from 0 to 1."""

    share: float
    error: float
    half: float
    naive: float


def precision(share: float, people: int, drawn: int) -> Precision:
    """What a SHARE is worth that was counted in DRAWN rows, of a model that learned from so many PEOPLE.

    The variance is that of the people plus that of the draw (Raab, Nowok & Dibben 2016, with one table).
    """
    variance = share * (1 - share)
    error = math.sqrt(variance * (1 / people + 1 / drawn)) if people and drawn else math.nan
    naive = math.sqrt(variance / drawn) if drawn else math.nan
    return Precision(share, error, Z * error, naive)


def points(share: float) -> str:
    """A standard error of a share, in percentage points."""
    if not math.isfinite(share):
        return formats.NONE
    found = 100 * share
    return f"{formats.decimals(found, 2) if found >= 0.1 else formats.number(found, 2)} points"


def precision_words(release: Release) -> tuple[str, ...]:
    """What the number of patients means for whoever counts in the rows."""
    people, drawn = patients(release), rows(release)
    p = precision(REFERENCE_SHARE, people, drawn)
    ratio = math.sqrt(p.error**2 / p.naive**2) if p.naive else math.nan
    said = [
        f"The rows carry the information of the {formats.count(people)} {facts.people(release)} that the model "
        f"learned from, and no more. {formats.count(drawn)} rows are not {formats.count(drawn)} patients.",
        f"A share of 5% that is counted in the rows has a standard error of {points(p.error)}: 95 times in 100 the "
        f"true share lies within {points(p.half)} of it, if the model is right about it. Software that takes each row "
        f"for a patient reports {points(p.naive)}, which is {formats.number(ratio, 2)} times too small. "
        "The same factor holds for every standard error on these rows.",
        "Drawing more rows does not add information: it only takes the chance of the draw away.",
    ]
    return tuple(said)


def uses(release: Release) -> tuple[list[str], list[str]]:
    """What the data may be used for and what not: by the figures, and as the custodian says."""
    return uses_by(release.evidence.metrics, release.about.intended, release.about.misuse)


def uses_by(
    metrics: words.Judged, intended: Sequence[str], misuse: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The same, from the figures and what the custodian says of intended uses and of misuse."""
    may, must_not = words.uses(metrics.verdict)
    return [*_apart(may), *intended], [*misuse, *_apart(words.against(metrics)), *_apart(must_not)]


def _apart(sentences: Sequence[str]) -> list[str]:
    """Sentences of the report where no report follows below."""
    return [said.replace(" below", f" in {REPORT}") for said in sentences]


def verdicts(metrics: Metrics) -> list[tuple[str, str, Status, str]]:
    """Of each family: its name, its question, its status, and the verdict in a sentence or two."""
    found = []
    for family, (name, question) in words.FAMILY.items():
        status: Status = getattr(metrics.verdict, family)
        found.append((name, question, status, words.card(metrics, family, status)))
    return found


KEY = (
    "marginal_worst", "pair_strongest", "triple_mean", "missing_informative", "c2st",
    "utility_logistic", "utility_boosting", "calibration_level", "coefficients_kept", "hazards_kept", "concordance",
    "membership_auc", "membership_tpr", "membership_auc_isolated", "attributes", "singling_out", "linkability",
    "copies_excess",
)  # fmt: skip
"""The figures that say most; those that call for caution or fail are shown besides."""


def key_figures(metrics: Metrics) -> list[tuple[str, str, list[Metric]]]:
    """Of each family: its name, its question, and the figures that say most, the gravest first."""
    found = []
    for family, (name, question) in words.FAMILY.items():
        checks = [
            x
            for x in words.deciding(metrics, family)
            if x.status in (Status.FAIL, Status.WARN) or x.name in KEY
        ]
        found.append((name, question, checks))
    return found


def citation(release: Release) -> str:
    """How the dataset is cited, in the form of DataCite."""
    about = release.about
    where = f" https://doi.org/{about.identifier}" if about.identifier else ""
    return (
        f"{about.publisher.name} ({about.published.year}). {about.title} (version {about.version}) "
        f"[Synthetic dataset].{where}"
    )


def contact(release: Release) -> str:
    """Whom to ask, and where."""
    publisher = release.about.publisher
    found = [x for x in (publisher.email, publisher.url) if x]
    return ", ".join([publisher.name, *found]) if found else f"{publisher.name} (gave no address)"
