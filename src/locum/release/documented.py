"""Whether a reader of a release learns what it is, what its columns mean, and whom to ask: a `Check` for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locum.release.about import About
from locum.release.decision import Check, check
from locum.release.policy import Condition, Documentation
from locum.variables import Kind, Variables

FILES = (".csv", ".tsv", ".txt", ".gz", ".parquet", ".arrow", ".feather", ".duckdb", ".json", ".xlsx")
NAMED = 5  # of the variables without a description or a unit; the declaration has them all


def documented(about: About, variables: Variables, rules: Documentation) -> Iterator[Check]:
    """What is said in release.toml and in variables.toml, held against RULES."""
    modelled = variables.modelled
    numbers = [v for v in modelled if v.kind in (Kind.COUNT, Kind.CONTINUOUS)]
    bare = [v.name for v in modelled if v.description.strip() in ("", v.name)]
    without = [v.name for v in numbers if not (v.unit or "").strip()]
    publisher = about.publisher
    contact = next((one for one in (publisher.email, publisher.url) if one and one.strip()), "")
    yield _check(
        "title",
        "The release has a title of two words or more that is not the name of a file; see title in release.toml",
        f"“{about.title}”",
        rules.title,
        holds=len(about.title.split()) > 1 and not about.title.strip().lower().endswith(FILES),
    )
    yield _check(
        "descriptions",
        "Every variable has a description; see description in variables.toml",
        _of(len(modelled), bare),
        rules.descriptions,
        holds=not bare,
    )
    yield _check(
        "units",
        'Every number has a unit, "1" where it is a bare ratio; see unit in variables.toml',
        _of(len(numbers), without),
        rules.units,
        holds=not without,
    )
    yield _check(
        "contact",
        "The publisher can be written to; see email and url of publisher in release.toml",
        contact or "no address",
        rules.contact,
        holds=bool(contact),
    )


def _check(name: str, asked: str, found: str, rule: Condition, *, holds: bool) -> Check:
    return check(name, asked, found, rule.source, "nobody" if holds else rule.needs)


def _of(every: int, lacking: Sequence[str]) -> str:
    """How many of EVERY have it, and which do not."""
    if not lacking:
        return f"{every} of {every}"
    more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
    return f"{every - len(lacking)} of {every}; not {', '.join(lacking[:NAMED])}{more}"
