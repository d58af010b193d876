"""The data dictionary as a page, ``dictionary.html``: a section for each variable, with a picture of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from locum.evaluate.metrics import MOST_ABSENT, About
from locum.release import pages, words
from locum.release.dictionary import Codes, Dictionary, Entry, HistogramBin, describe
from locum.release.release import Document, File, Release
from locum.report import distribution_chart, formats, marginal_chart, svg
from locum.report.graph_chart import tier_name
from locum.report.names import Names
from locum.variables import NOT_RECORDED, OTHER, Disclosure, Kind, Role

KIND = {
    Kind.NOMINAL: "groups, in no order",
    Kind.ORDINAL: "groups, in order",
    Kind.BINARY: "groups",
    Kind.COUNT: "whole number",
    Kind.CONTINUOUS: "number",
    Kind.DATE: "date",
    Kind.IDENTIFIER: "identifier",
    Kind.TEXT: "free text",
}
ROLE = {
    Role.IDENTIFIER: "names a record; it was not learned",
    Role.PATIENT: "rows with the same value belong to one artificial person",
    Role.TARGET: "the outcome that the usefulness of the data was tested with",
    Role.TIME: "follow-up time, to the event or to the end of observation",
    Role.EVENT: "whether follow-up ended in the event",
    Role.WEIGHT: "weight of the row",
    Role.QUASI_IDENTIFIER: "of a real person, others may know it; privacy was tested with that in mind",
}
"""Each role but the plain one, as a reader is told it."""
DISCLOSURE = {
    Disclosure.SENSITIVE: "sensitive: of a real person it would do harm in the wrong hands",
    Disclosure.DIRECT: "of a real person it would identify them",
}
LISTED = 12
"""Of more levels the list is in a box that scrolls, where the browser's search finds them all."""
TYPES = {
    "string": "text",
    "large_string": "text",
    "dictionary": "text, stored once for each level",
    "bool": "true or false",
    "int8": "whole number",
    "int16": "whole number",
    "int32": "whole number",
    "int64": "whole number",
    "float": "decimal number",
    "double": "decimal number",
    "date32[day]": "date",
}


@dataclass(frozen=True)
class Shown:
    """A variable on the page. facts: terms and what is said of them; levels: of variables that have some."""

    ident: str
    entry: Entry
    facts: tuple[tuple[str, str], ...]
    chart: svg.Chart | None
    levels: svg.Table | None

    @property
    def long(self) -> bool:
        return self.levels is not None and len(self.levels.rows) > LISTED


def write(release: Release, _files: Sequence[File]) -> bytes:
    found, names, about = describe(release), Names(), release.evidence.metrics.about
    html = pages.page(
        "dictionary.html.j2",
        d=found,
        about=release.about,
        folder=release.folder,
        artificial=words.artificial(release),
        compared=words.rows_and_patients(release),
        shown=[
            _shown(entry, f"variable-{i}", names, _absent(about, entry.name))
            for i, entry in enumerate(found.variables, 1)
        ],
        rules=_rules(found),
    )
    return html.encode()


def _absent(about: About, variable: str) -> str:
    """Why a level that is declared is in no row; empty where there is none."""
    levels = about.absent.get(variable, [])
    if not levels:
        return ""
    named = ", ".join(levels[:MOST_ABSENT]) + (", and more" if len(levels) > MOST_ABSENT else "")
    it, have = ("it", "has it") if len(levels) == 1 else ("them", "has them")
    return f"{named}: no row {have}. Fewer than {about.k} of the patients learned from do, too few to learn {it} from"


def _shown(entry: Entry, ident: str, names: Names, absent: str) -> Shown:
    gaps = [(m.reason, m.share) for m in entry.missing if m.share]
    levels = [(x.level, x.share) for x in entry.levels or ()]
    bins = entry.marginal.bins if entry.marginal else ()
    chart = None
    if levels or bins or gaps:
        ranges = [(_range(b, entry), b.share) for b in bins]
        edges = [_number(b.low) for b in bins] + [_number(b.under) for b in bins[-1:]]
        kind, unit = str(entry.kind), entry.unit or ""
        chart = distribution_chart.draw(
            entry.name, ranges, levels + gaps, names.new(), edges=edges, kind=kind, unit=unit
        )
    table = None
    if len(levels + gaps) > marginal_chart.MOST_ROWS:  # else the picture names them all
        rows = [[level, formats.share(share)] for level, share in levels]
        rows += [[f"no value: {reason}", formats.share(share)] for reason, share in gaps]
        table = svg.Table(f"{entry.name}: its levels", ["Level", "Share of rows"], rows)
    return Shown(ident, entry, tuple(_facts(entry, absent)), chart, table)


def _facts(entry: Entry, absent: str) -> Iterator[tuple[str, str]]:
    kind = KIND[entry.kind]
    yield "Kind", f"{formats.count(len(entry.levels))} {kind}" if entry.levels else kind
    if entry.unit:
        yield "Unit", entry.unit
    if any(x.level == OTHER for x in entry.levels or ()):
        yield (
            "Level “other”",
            "stands for every level that too few of the patients learned from have to be named",
        )
    if absent:
        yield "Not in the rows", absent
    yield from _numbers(entry)
    yield "Without a value", _missing(entry)
    for codes in entry.codelists:
        yield "Codelist", codes_words(codes)
    for formula in entry.follows:
        yield "Made of others", f"{formula}, for all rows or for some"
    if entry.role in ROLE:
        yield "Role", ROLE[Role(entry.role)]
    if entry.disclosure in DISCLOSURE:
        yield "Sensitivity", DISCLOSURE[Disclosure(entry.disclosure)]
    if entry.tier is not None:
        yield "Place in time", tier_name(entry.tier).lower()
    plain = TYPES.get(entry.storage)
    stored = f"{entry.storage} ({plain})" if plain else entry.storage
    yield "Stored as", f"{stored}, in the format {entry.date_format}" if entry.date_format else stored


def codes_words(codes: Codes) -> str:
    """Which codes a codelist holds, and where it is."""
    if codes.sha256 is None:
        return codes.name
    where = codes.file or "not in the package: ask the publisher for it"
    return f"{codes.name}, {formats.count(codes.codes or 0)} {codes.system} ({where}; SHA-256 {codes.sha256})"


def _numbers(entry: Entry) -> Iterator[tuple[str, str]]:
    found = {q.share: _written(q.value, entry) for q in entry.marginal.quantiles} if entry.marginal else {}
    if found:
        yield "Median", f"{found[0.5]}; middle half {found[0.25]} to {found[0.75]}"
        yield "Nine in ten lie between", f"{found[0.05]} and {found[0.95]}"
        yield "Least and greatest", f"{found[0.0]} and {found[1.0]}"
    if entry.low is not None or entry.high is not None:
        low, high = (None if x is None else _written(x, entry) for x in (entry.low, entry.high))
        limits = f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less"
        yield "Plausible, as declared", limits
    if entry.precision is not None:
        yield "Recorded in steps of", f"{entry.precision:.10g}"


def _missing(entry: Entry) -> str:
    if entry.marginal is None:
        return formats.NONE
    said = [
        f"{formats.share(m.share)} {m.reason}{_stands(entry, m.reason)}" for m in entry.missing if m.share
    ]
    return "; ".join(said) or "none"


def _stands(entry: Entry, reason: str) -> str:
    """By what it is seen in the data."""
    values = entry.missing_values.get(reason, ())
    if values:
        return f" (the value {values[0]})"
    return " (an empty cell)" if reason == NOT_RECORDED else ""


def _range(b: HistogramBin, entry: Entry) -> str:
    """What a bin holds: a value, or the first and the last one where numbers have steps."""
    step = 1.0 if entry.kind is Kind.DATE else entry.precision
    if step is None:
        return f"{_written(b.low, entry)} to under {_written(b.under, entry)}"
    last = _number(b.under) - step
    if last <= _number(b.low) + step / 2:
        return _written(b.low, entry)
    written = str(np.datetime64(round(last), "D")) if entry.kind is Kind.DATE else formats.number(last, 10)
    return f"{_written(b.low, entry)} to {written}"


def _written(value: float | str, entry: Entry) -> str:
    if not isinstance(value, str):
        return formats.number(value, 10 if entry.precision else 4)
    if len(value) == 10:  # a day of a year that calendars hold
        moment = datetime.date.fromisoformat(value)
        return f"{moment.day} {moment:%b %Y}"
    return value.replace("T", " ")


def _number(value: float | str) -> float:
    """As a number: days since 1970-01-01 of a date."""
    if isinstance(value, str):
        return float(np.datetime64(value, "s").astype(np.int64)) / 86_400
    return value


def _rules(found: Dictionary) -> list[tuple[str, str]]:
    how = {True: "holds in every row", False: "is broken as often as by the patients learned from"}
    return [(rule.holds, how[rule.exactly]) for rule in found.rules]


DOCUMENTS = (
    Document(
        "dictionary.html",
        "text/html",
        "Data dictionary for people: each variable, what it means, and a picture of it",
        write,
    ),
)
