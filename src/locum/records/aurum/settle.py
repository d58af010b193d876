"""Which staged rows are kept: not those at fault, nor second copies, nor those of patients who are not there.

Two tables of the engine hold the few rows that are not simply kept, by place (part, number in the part): `bad_FILE`
with the reason, `again_FILE` with what is put behind a key to make it unique.

Nothing is sorted but the rows whose keys are repeated. These are found by the 64-bit hash of the key, a slice of the
hashes at a time, so that 100 million keys need no more memory than `_AT_ONCE` of them do, and are sorted a slice at a
time; that two keys may share a hash only adds a row or two to be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from locum.records.aurum.reading import Reading
from locum.records.aurum.staging import quote

_AT_ONCE = 20_000_000
_SORTED_AT_ONCE = 4_000_000

DUPLICATE = "the row is a second copy of another"
REPEATED = "its key belongs to another row as well"
ORPHAN = "its patient is not in the patient table"


@dataclass(frozen=True)
class Settled:
    """What became of the rows of one table."""

    read: int
    reasons: dict[str, int]  # quarantined rows
    renamed: int  # kept under a made key

    @property
    def quarantined(self) -> int:
        """Rows that were not kept."""
        return sum(self.reasons.values())

    @property
    def kept(self) -> int:
        """Rows that were."""
        return self.read - self.quarantined


def settle(connection: duckdb.DuckDBPyConnection, reading: Reading) -> Settled:
    """Decide about every staged row. Of patients, there has to be a table `people` of those who are there."""
    layout, file = reading.layout, reading.layout.file
    connection.execute(f"CREATE TABLE bad_{file} (part INTEGER, file_row_number BIGINT, reason VARCHAR)")
    connection.execute(f"CREATE TABLE again_{file} (part INTEGER, file_row_number BIGINT, behind VARCHAR)")
    if reading.rows:
        staged = reading.staged_rows()
        connection.execute(
            f"INSERT INTO bad_{file} SELECT part, file_row_number, reason FROM {staged} WHERE reason IS NOT NULL"
        )
        _repeated(connection, reading)
        if layout.of_patients:
            connection.execute(
                f"INSERT INTO bad_{file} SELECT part, file_row_number, '{ORPHAN}' FROM {staged} "
                f"ANTI JOIN people USING (patient) ANTI JOIN bad_{file} USING (part, file_row_number) "
                "WHERE reason IS NULL"
            )
    counts = connection.execute(
        f"SELECT reason, count(*) FROM bad_{file} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    renamed = connection.execute(f"SELECT count(*) FROM again_{file}").fetchall()[0][0]
    return Settled(reading.rows, dict(counts), renamed)


def good_rows(reading: Reading) -> str:
    """SQL of the rows that are kept, typed, with their keys made unique."""
    file, key = reading.layout.file, reading.layout.key
    columns = ", ".join(
        f"{column.name} || coalesce(behind, '') AS {key}" if column.name == key else column.name
        for column in reading.layout.columns
    )
    return (
        f"SELECT {columns}, soft, short, iso FROM {reading.staged_rows()} "
        f"ANTI JOIN bad_{file} USING (part, file_row_number) LEFT JOIN again_{file} USING (part, file_row_number)"
    )


def bad_rows(reading: Reading) -> str:
    """SQL of the rows that are not kept: the name of the part, the reason, and the row as it was delivered."""
    names = ", ".join(map(quote, reading.names))
    return (
        f"SELECT [{names}][part + 1] AS part, b.reason, line AS row FROM {reading.staged_rows()} s "
        f"JOIN bad_{reading.layout.file} b USING (part, file_row_number)"
    )


def _repeated(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Find rows with equal keys: quarantine second copies, and deal with the others as the layout says."""
    file, key, staged = reading.layout.file, reading.layout.key, reading.staged_rows()
    slices = -(-reading.rows // _AT_ONCE)
    connection.execute("CREATE OR REPLACE TABLE suspect (hash UBIGINT)")
    for i in range(slices):
        connection.execute(
            f"INSERT INTO suspect SELECT hash FROM {staged} WHERE reason IS NULL AND hash % {slices} = {i} "
            "GROUP BY hash HAVING count(*) > 1"
        )
    if not connection.execute("SELECT count(*) FROM suspect").fetchall()[0][0]:
        return
    connection.execute(
        f"CREATE OR REPLACE TABLE candidate AS SELECT {key} AS key, md5_number(line) AS content, part, file_row_number "
        f"FROM {staged} SEMI JOIN suspect USING (hash) WHERE reason IS NULL"
    )
    connection.execute("""CREATE OR REPLACE TABLE repeated
        (part INTEGER, file_row_number BIGINT, copy BIGINT, version BIGINT)""")
    slices = -(-connection.execute("SELECT count(*) FROM candidate").fetchall()[0][0] // _SORTED_AT_ONCE)
    for i in range(slices):
        connection.execute(f"""
            INSERT INTO repeated SELECT part, file_row_number,
                row_number() OVER (PARTITION BY key, content ORDER BY part, file_row_number),
                dense_rank() OVER (PARTITION BY key ORDER BY content)
            FROM candidate WHERE hash(key) % {slices} = {i}""")
    connection.execute(
        f"INSERT INTO bad_{file} SELECT part, file_row_number, '{DUPLICATE}' FROM repeated WHERE copy > 1"
    )
    other = "FROM repeated WHERE copy = 1 AND version > 1"
    if reading.layout.again:
        connection.execute(
            f"INSERT INTO again_{file} SELECT part, file_row_number, '~' || (version - 1) {other}"
        )
    else:
        connection.execute(f"INSERT INTO bad_{file} SELECT part, file_row_number, '{REPEATED}' {other}")
    connection.execute("DROP TABLE repeated; DROP TABLE candidate; DROP TABLE suspect")
