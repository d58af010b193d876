"""`quality.json` of loaded records to one HTML page that needs nothing else: no network, no script, no font."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from locum.records.quality import Check, Finding, Quality, TableCount
from locum.report import formats
from locum.report.page import UNWRITABLE, environment, page_style

WORDS = {
    Finding.FAULT: "Ask again",
    Finding.WARNING: "Look at this",
    Finding.NOTE: "Note",
    Finding.FINE: "Fine",
}
"""Each finding as a person reads it."""
MEANINGS = {
    Finding.FAULT: "so much is wrong that the extract should be copied, or asked for, again",
    Finding.WARNING: "kept or quarantined; a person should know of it before the records are used",
    Finding.NOTE: "harmless; kept as it is",
    Finding.FINE: "looked for, and not found",
}
ICONS = {Finding.FAULT: "fail", Finding.WARNING: "warn", Finding.NOTE: "not-assessable", Finding.FINE: "pass"}
"""The shape of each, of those in macros.html.j2."""
_WORST_FIRST = list(WORDS)
LEAD_SHOWN = 6
"""Findings that are told before the tables; the rest are below, each with its table."""


@dataclass(frozen=True)
class Group:
    """The checks of one table: what was found, the worst first, and the names of those that found nothing."""

    table: str
    found: tuple[Check, ...]
    fine: tuple[str, ...]


def render_quality(quality: Quality, title: str) -> str:
    """The page about records that were loaded. The same QUALITY and TITLE give the same text."""
    found = _worst_first(check for check in quality.checks if check.finding is not Finding.FINE)
    serious = [check for check in found if check.finding in (Finding.FAULT, Finding.WARNING)]
    html = (
        environment()
        .get_template("quality.html.j2")
        .render(
            title=title,
            style=page_style(),
            q=quality,
            lead=_lead(serious),
            read=_read(quality.tables),
            serious=serious[:LEAD_SHOWN],
            more=len(serious) - LEAD_SHOWN,
            groups=_groups(quality),
            total=_total(quality.tables),
            words=WORDS,
            meanings=MEANINGS,
            icons=ICONS,
            share=_share,
            called=called,
            sentence=sentence,
        )
    )
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def called(table: str) -> str:
    """A table in words: clinical_code as "clinical code"."""
    return table.replace("_", " ")


def sentence(text: str) -> str:
    """With a capital at its beginning, and the rest as it is: an abbreviation stays one."""
    return text[:1].upper() + text[1:]


def _worst_first(checks: Iterable[Check]) -> list[Check]:
    def weight(check: Check) -> tuple[int, float]:
        return _WORST_FIRST.index(check.finding), -check.found / (check.of or 1)

    return sorted(checks, key=weight)


def _groups(quality: Quality) -> list[Group]:
    order = [table.table for table in quality.tables] + [check.table for check in quality.checks]
    checked = {check.table for check in quality.checks}
    groups = []
    for table in dict.fromkeys(table for table in order if table in checked):
        checks = _worst_first(c for c in quality.checks if c.table == table)
        found = tuple(c for c in checks if c.finding is not Finding.FINE)
        fine = tuple(c.name for c in quality.checks if c.table == table and c.finding is Finding.FINE)
        groups.append(Group(table, found, fine))
    return sorted(groups, key=lambda group: not group.found)


def _total(tables: tuple[TableCount, ...]) -> TableCount:
    return TableCount(
        table="all",
        parts=sum(t.parts for t in tables),
        read=sum(t.read for t in tables),
        kept=sum(t.kept for t in tables),
        quarantined=sum(t.quarantined for t in tables),
    )


def _lead(serious: list[Check]) -> str:
    if any(check.finding is Finding.FAULT for check in serious):
        return "Something is wrong with this extract. Ask for it, or copy it, again before it is used."
    if serious:
        return "The records can be used. A person should look at what was found first."
    return "The records can be used. Nothing was found that a person has to look at."


def _read(tables: tuple[TableCount, ...]) -> str:
    total = _total(tables)
    patients = next((t.kept for t in tables if t.table == "patient"), 0)
    files = f"{formats.count(total.parts)} {'part' if total.parts == 1 else 'parts'}"
    text = (
        f"{formats.count(total.read)} rows were read from {files}; {formats.count(total.kept)} were kept, "
        f"of {formats.count(patients)} {'patient' if patients == 1 else 'patients'}."
    )
    if total.quarantined:
        was = "row was" if total.quarantined == 1 else "rows were"
        text += f" {formats.count(total.quarantined)} {was} put in quarantine: they could not be used."
    return text


def _share(found: int, of: int) -> str:
    """How large a part: in words where a percentage would round to nothing or all."""
    if not of:
        return formats.NONE
    if found == of:
        return "all"
    part = 100 * found / of
    return "over 99%" if part > 99 else formats.percent(part)
