"""Checks of the parts of a table as files, and of the rows that were quarantined."""

from __future__ import annotations

from locum.records.aurum import columns, settle
from locum.records.aurum.layout import Layout
from locum.records.aurum.reading import Reading
from locum.records.aurum.settle import Settled
from locum.records.quality import Check, Finding

FAULT_SHARE = 0.05
"""With more of the rows of a table quarantined for one reason than this, the extract is better asked for again."""

_WHY = {
    "wrong number of fields": (
        (columns.TOO_FEW, columns.TOO_MANY),
        "The row has too few or too many fields; it was cut, or a field holds a tab or a line end. Quarantined.",
    ),
    "identifiers missing": (
        (columns.MISSING,),
        "An identifier or code that has to be there is not. Quarantined.",
    ),
    "identifiers spoilt by a spreadsheet": (
        (columns.SPREADSHEET,),
        "An identifier is written like 9.2E+18 or 123.0: the file went through a spreadsheet and digits are lost. "
        "Quarantined; use the file as it was delivered.",
    ),
    "identifiers too long": (
        (columns.TOO_LONG,),
        "An identifier has more digits than the 19 of the specification. Quarantined.",
    ),
    "identifiers not of digits": (
        (columns.NOT_DIGITS,),
        "An identifier holds other characters than digits. Quarantined.",
    ),
    "unreadable event dates": (
        (columns.UNREADABLE,),
        "The date of the event is no date as DD/MM/YYYY, so nobody can say when it was. Quarantined.",
    ),
    "patients not there": (
        (settle.ORPHAN,),
        "The row is of a patient who is not in the patient table, or whose own row was quarantined. Quarantined.",
    ),
    "duplicated rows": (
        (settle.DUPLICATE,),
        "The row equals another in every field. One is kept, the others are quarantined. If there are many, a file was "
        "probably given twice, perhaps packed and unpacked.",
    ),
}


def absent_check(layout: Layout, finding: Finding, consequence: str) -> Check:
    """A kind of file that was not delivered, or was not readable, at all."""
    return Check(
        name="no such file",
        table=layout.table,
        meaning=f"No file {layout.file} could be read; {consequence}.",
        found=1,
        of=1,
        finding=finding,
    )


def check_parts(reading: Reading) -> list[Check]:
    """What is wrong with the files of a table. The parts that were left out are named in notices."""
    read, total = len(reading.names), len(reading.names) + len(reading.left_out)
    fault, warning, note = Finding.FAULT, Finding.WARNING, Finding.NOTE
    tests = (
        ("parts left out", "A part could not be read and was left out whole; a notice names it.",
         len(reading.left_out), total, fault),
        ("parts missing", "The parts of a table are numbered, and a number is left out. Ask for that part.",
         reading.missing, total + reading.missing, fault),
        ("parts cut short", "The last row of a part ends in the middle: the file was cut while copying. Copy it again.",
         reading.cut, read, fault),
        ("parts without rows", "A part has the names of columns and no row.", reading.bare, read, note),
        ("columns absent", "A part lacks columns of the specification that are not needed.",
         reading.lacking, read, warning),
        ("columns added", "A part has columns that are not in the specification. They are not read.",
         reading.surplus, read, note),
    )  # fmt: skip
    return [
        Check(
            name=name,
            table=reading.layout.table,
            meaning=meaning,
            found=found,
            of=of,
            finding=finding if found else Finding.FINE,
        )
        for name, meaning, found, of, finding in tests
    ]


def check_quarantine(layout: Layout, settled: Settled) -> list[Check]:
    """Why rows were quarantined, and keys that were not unique."""
    counted = [
        (name, meaning, sum(n for reason, n in settled.reasons.items() if reason.endswith(ends)))
        for name, (ends, meaning) in _WHY.items()
        if name != "patients not there" or layout.of_patients
    ]
    if layout.again:
        meaning = "The identifier of the row belongs to another row with other content as well. Kept under a made one."
        counted.append(("repeated identifiers", meaning, settled.renamed))
    else:
        meaning = "Another row with the same key says something else. The first in a fixed order is kept."
        counted.append(("repeated identifiers", meaning, settled.reasons.get(settle.REPEATED, 0)))
    return [
        Check(
            name=name,
            table=layout.table,
            meaning=meaning,
            found=found,
            of=settled.read,
            finding=_finding(found, settled, kept=layout.again and name == "repeated identifiers"),
        )
        for name, meaning, found in counted
    ]


def _finding(found: int, settled: Settled, kept: bool) -> Finding:
    if not found:
        return Finding.FINE
    return Finding.FAULT if found > FAULT_SHARE * settled.read and not kept else Finding.WARNING
