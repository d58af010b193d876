"""Checks of the rows that are kept: what is odd in them, counted in one pass over each table."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from locum.records.aurum.layout import SHORTEST, Layout
from locum.records.aurum.reading import Reading
from locum.records.aurum.settle import good_rows
from locum.records.aurum.specification import EPISODES
from locum.records.aurum.staging import soft_columns
from locum.records.aurum.tables import LOOKED_UP, SEX
from locum.records.quality import Check, Finding

DAYS_AFTER_DEATH = 31
"""Results and letters come in after a death; a record later than this is odd."""
EARLIEST_BIRTH = 1880
"""A patient born earlier would have been over 105 when general practice began to keep computer records."""
EVENT_DATE = {"consultation": "date", "observation": "date", "drugissue": "date", EPISODES: "admitted"}
CODES = {"observation": "medicaldictionary", "drugissue": "productdictionary"}


@dataclass(frozen=True)
class Test:
    """A condition on a row, as SQL, and what it means that it holds."""

    name: str
    meaning: str
    sql: str
    finding: Finding = Finding.WARNING


def check_rows(connection: duckdb.DuckDBPyConnection, reading: Reading, there: set[str]) -> list[Check]:
    """Count what is odd in the kept rows of a table; THERE names the dictionaries and look-ups that were delivered.

    Of events there has to be a table `people` (patient, birth_year, died, last_collected) in the engine, and of
    each dictionary and look-up one of its name.
    """
    layout = reading.layout
    tests = [*_of_fields(layout), *_of_events(layout, there), *_of_look_up(layout, there)]
    tests += {"patient": _of_patients(), "practice": _of_practices()}.get(layout.file, [])
    if not reading.rows or not tests:
        return []
    counts = ", ".join(f"count(*) FILTER (WHERE {test.sql})" for test in tests)
    found = connection.execute(f"SELECT count(*), {counts} FROM {_joined(reading, there)}").fetchall()[0]
    return [
        Check(
            name=test.name,
            table=layout.table,
            meaning=test.meaning,
            found=number,
            of=found[0],
            finding=test.finding if number else Finding.FINE,
        )
        for test, number in zip(tests, found[1:], strict=True)
    ]


def _joined(reading: Reading, there: set[str]) -> str:
    file = reading.layout.file
    joined = f"({good_rows(reading)}) t"
    if file in EVENT_DATE:
        joined += " JOIN people USING (patient)"
    if file in CODES and CODES[file] in there:
        joined += f" LEFT JOIN (SELECT code, true AS known FROM {CODES[file]}) USING (code)"
    if reading.layout.table in LOOKED_UP:
        column, lookup = LOOKED_UP[reading.layout.table]
        joined += f" LEFT JOIN {lookup} ON t.{column} = {lookup}.raw"
    if file == "patient":
        joined += " LEFT JOIN (SELECT practice, true AS practised FROM practices) USING (practice)"
    return joined


def _of_fields(layout: Layout) -> list[Test]:
    tests = [
        Test(
            f"unreadable {column.field}",
            f"The {column.field} of the row could not be read; the row is kept with it missing.",
            f"(soft & {1 << i}) <> 0",
        )
        for i, column in enumerate(soft_columns(layout))
    ]
    short = [column.field for column in layout.columns if column.field in SHORTEST]
    if short:
        tests.append(
            Test(
                "short identifiers",
                f"A {' or '.join(short)} has fewer digits than the specification says (6). It is used as it is; "
                "expected in a sample, else ask whether identifiers lost digits.",
                "short",
            )
        )
    if any(column.iso() for column in layout.columns):
        tests.append(
            Test(
                "dates as YYYY-MM-DD",
                "A date was not written as DD/MM/YYYY, yet means only one day. It is used; the files were "
                "probably written anew by other software.",
                "iso",
                Finding.NOTE,
            )
        )
    return tests


def _of_events(layout: Layout, there: set[str]) -> list[Test]:
    if layout.file not in EVENT_DATE:
        return []
    date = EVENT_DATE[layout.file]
    tests = [
        Test(
            "no date",
            "The event has no date. It is kept; cohorts pass it over.",
            f"{date} IS NULL",
            Finding.NOTE,
        ),
        Test(
            "before birth",
            "The event lies before the patient's year of birth. It is kept; some are family history or typing errors.",
            f"year({date}) < birth_year",
        ),
        Test(
            "after the last collection",
            "The event lies after the day on which the practice's data were last collected. It is kept.",
            f"{date} > last_collected",
        ),
        Test(
            "after death",
            f"The event lies more than {DAYS_AFTER_DEATH} days after the patient's death. It is kept.",
            f"{date} > died + {DAYS_AFTER_DEATH}",
        ),
    ]
    if CODES.get(layout.file) in there:
        tests.append(
            Test(
                "codes not in the dictionary",
                "The code is not in the dictionary that was delivered. The row is kept; a codelist can still match it.",
                "known IS NULL",
            )
        )
    return tests


def _of_look_up(layout: Layout, there: set[str]) -> list[Test]:
    column, lookup = LOOKED_UP.get(layout.table, ("", ""))
    if lookup not in there:
        return []
    return [
        Test(
            f"unknown {column}",
            f"The {column} is not in the look-up {lookup}. The row is kept, with the bare number as its label.",
            f"{column} IS NOT NULL AND raw IS NULL",
        )
    ]


def _of_patients() -> list[Test]:
    note = Finding.NOTE
    return [
        Test(
            "not acceptable",
            "CPRD does not hold the patient's record fit for research. The patient is kept; cohorts leave it out.",
            "acceptable IS DISTINCT FROM '1'",
            note,
        ),
        Test(
            "sex indeterminate or unknown",
            "The sex of the patient is neither female nor male. The patient is kept.",
            f"coalesce({SEX}, 'I') = 'I'",
            note,
        ),
        Test(
            "no likely year of birth",
            f"The year of birth is missing, before {EARLIEST_BIRTH} or after the practice's last collection. "
            "The patient is kept; an age cannot be trusted.",
            f"birth_year IS NULL OR birth_year < {EARLIEST_BIRTH} OR birth_year > "
            "(SELECT coalesce(max(year(last_collected)), 9999) FROM practices)",
        ),
        Test(
            "no registration date",
            "The patient has no start of registration. The patient is kept; no cohort can follow them up.",
            "registered IS NULL",
        ),
        Test(
            "registration ends before it starts",
            "The registration ends before it starts. The patient is kept; no cohort can follow them up.",
            "deregistered < registered",
        ),
        Test(
            "death by the practice's record alone",
            "CPRD's own date of death is missing, so the one of the practice's software is used, with less trust.",
            "died_cprd IS NULL AND died_emis IS NOT NULL",
            note,
        ),
        Test(
            "death before birth",
            "The patient died before the year of birth. The patient is kept.",
            "year(coalesce(died_cprd, died_emis)) < birth_year",
        ),
        Test(
            "practice not there",
            "The patient's practice is not in the practice table. The patient is kept, without a region.",
            "practised IS NULL",
        ),
        Test(
            "patient and practice do not match",
            "The last five digits of the patid are not the practice, as the specification says. The patient is kept.",
            "right(patient, 5) <> lpad(practice, 5, '0')",
            note,
        ),
    ]


def _of_practices() -> list[Test]:
    return [
        Test(
            "no last collection date",
            "The practice has no day of last collection, so follow-up cannot end there. The practice is kept.",
            "last_collected IS NULL",
        )
    ]
