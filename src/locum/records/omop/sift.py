"""Part the rows of a table of the contract into those that are kept and those in quarantine, with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import ibis

from locum.records.contract import KEYS, SCHEMAS

DUPLICATE = "duplicated row"
CLASH = "person given twice"
CUT = "line of another length than the header"
REASONS = {
    "no person": "Rows without a person; put in quarantine.",
    "no identifier": "Rows without an identifier of their own; put in quarantine.",
    "no date": "Rows without a date that can be read; put in quarantine.",
    "unknown person": "Rows of a person that is not in person, or is in quarantine; put in quarantine too.",
    DUPLICATE: "Rows that say the same as another with the same identifier; one is kept, the others put in quarantine.",
    CLASH: "Rows of person with the identifier of another row, but other content; the first in order is kept.",
    CUT: "Lines with fewer or more fields than the header has names; put in quarantine as they are.",
}
"""Why a row cannot be used, and what it means to the custodian."""
REPEATED = "repeated identifiers"
REPEATED_MEANING = (
    "Different events with one identifier; all kept, and the second is told from the first by ~1 after it."
)


WARNING_TEXT = """These are rows of real records that could not be used, each with the reason.
They are as sensitive as the database itself. They must not leave the secure environment.
"""


@dataclass
class Sifted:
    """A table of the contract as it was written."""

    table: ibis.Table
    kept: int
    fit: ibis.Table | None = None  # the kept rows with the columns that are not of the contract
    reasons: Counter[str] = field(default_factory=Counter)  # rows in quarantine
    renumbered: int = 0  # rows whose identifier another row had

    @property
    def quarantined(self) -> int:
        """All rows in quarantine."""
        return sum(self.reasons.values())

    @property
    def read(self) -> int:
        """All rows of the source."""
        return self.kept + self.quarantined


def sift(
    name: str,
    rows: ibis.Table,
    connection: ibis.BaseBackend,
    folder: Path,
    staging: Path,
    unread: list[ibis.Table],
) -> Sifted:
    """Write the rows without a `reason` to NAME.parquet in FOLDER, others and UNREAD lines to quarantine/NAME.parquet.

    rows: the columns of the contract, `reason`, and others, which are not written.
    """
    columns = list(SCHEMAS[name])
    connection.to_parquet(_typed(rows, name), staging / f"sift_{name}.parquet")
    whole = connection.read_parquet(staging / f"sift_{name}.parquet", table_name=f"sift_{name}")
    whole, renumbered = _told_apart(name, whole, connection, staging)
    fit = whole.filter(whole.reason.isnull())
    bad = whole.filter(whole.reason.notnull()).select(*columns, "reason", line=ibis.null("string"))
    for lines in unread:
        blank = {column: ibis.null(kind(nullable=True)) for column, kind in SCHEMAS[name].items()}
        bad = bad.union(lines.select(**blank, reason=ibis.literal(CUT), line=lines.line), distinct=False)
    connection.to_parquet(fit.select(*columns), folder / f"{name}.parquet", compression="zstd")
    counts = connection.to_pyarrow(bad.group_by("reason").agg(rows=bad.count())).to_pydict()
    reasons = Counter(dict(zip(counts["reason"], counts["rows"], strict=True)))
    if reasons:
        quarantine(bad, name, connection, folder)
    table = connection.read_parquet(folder / f"{name}.parquet", table_name=f"kept_{name}")
    return Sifted(table, connection.execute(table.count()), fit, reasons, renumbered)


def quarantine(rows: ibis.Table, name: str, connection: ibis.BaseBackend, folder: Path) -> None:
    """Write ROWS to quarantine/NAME.parquet in FOLDER, with a word of warning beside it."""
    place = folder / "quarantine"
    place.mkdir(exist_ok=True)
    (place / "MUST-NOT-LEAVE.txt").write_text(WARNING_TEXT, encoding="utf-8")
    connection.to_parquet(rows, place / f"{name}.parquet", compression="zstd")


def _typed(rows: ibis.Table, name: str) -> ibis.Table:
    kinds = {column: kind(nullable=True) for column, kind in SCHEMAS[name].items()}
    return rows.mutate(**{column: rows[column].cast(kind) for column, kind in kinds.items()})


def _told_apart(
    name: str, whole: ibis.Table, connection: ibis.BaseBackend, staging: Path
) -> tuple[ibis.Table, int]:
    """WHOLE with a key for each fit row alone, and how many keys that changed.

    Of rows that are the same throughout one is kept. Other rows that share a key are different events (two tables were
    put together, as in OHDSI's own Eunomia); to lose one patient's for another's would be worse than a longer key.
    """
    columns, key = list(SCHEMAS[name]), KEYS[name]
    fit = whole.filter(whole.reason.isnull())
    often = fit.group_by(key).agg(times=fit.count())
    often = often.filter(often.times > 1)
    if not connection.execute(often.count()):
        return whole, 0
    suspect = whole.reason.isnull() & whole[key].isin(often[key])
    some = whole.filter(suspect)
    content = [column for column in columns if column != key]
    some = some.mutate(copy=ibis.row_number().over(ibis.window(group_by=columns)))
    some = some.mutate(place=ibis.dense_rank().over(ibis.window(group_by=key, order_by=content)))
    clash = name == "patient"
    some = some.mutate(
        reason=ibis.cases((some.copy > 0, DUPLICATE), (ibis.literal(clash) & (some.place > 0), CLASH)),
    )
    later = some.reason.isnull() & (some.place > 0)
    some = some.mutate(
        later=later, **{key: ibis.ifelse(later, some[key] + "~" + some.place.cast("string"), some[key])}
    )
    connection.to_parquet(some, staging / f"repeats_{name}.parquet")  # row numbers are not the same twice
    some = connection.read_parquet(staging / f"repeats_{name}.parquet", table_name=f"repeats_{name}")
    renumbered = connection.execute(some.later.sum())
    rest = whole.filter(~suspect.fill_null(False))
    return rest.union(some.select(*whole.columns), distinct=False), int(renumbered)
