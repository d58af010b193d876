"""What is taken from each delivered file: the columns, and the table of the contract that they make."""

from __future__ import annotations

from dataclasses import dataclass

from locum.records.aurum.columns import Column, Kind
from locum.records.aurum.specification import EPISODES, FILES, LOOKUPS, TABLES


@dataclass(frozen=True)
class Layout:
    """A kind of delivered file, and what is read from it.

    `again` says what becomes of a second row with the same key and other content. The identifier of an event is only a
    name, and nothing is looked up by it, so the event is kept under a made name (`12~1`): the rows of an extract that
    repeats its identifiers, as CPRD's public sample does, are not lost. A patient, a practice or a code is looked up
    by its key and can mean one thing only: the first in the order of the MD5 of the row is kept, the rest quarantined.
    """

    file: str
    table: str  # the table of the contract that is made of it; else the file again
    columns: tuple[Column, ...]
    again: bool = False

    @property
    def key(self) -> str:
        """The column that holds the identifier of a row."""
        return next(c.name for c in self.columns if c.kind in (Kind.KEY, Kind.TEXT))

    @property
    def of_patients(self) -> bool:
        """Whether each row is of a patient."""
        return any(c.kind is Kind.PATIENT for c in self.columns)

    @property
    def specified(self) -> tuple[str, ...]:
        """The columns of the file."""
        return FILES[self.file]


_PATIENT = Column("patient", "patid", Kind.PATIENT)
_ENTERED = Column("entered", "enterdate", Kind.DATE)

LAYOUTS = {
    layout.file: layout
    for layout in (
        *(
            Layout(
                file,
                file,
                (Column("raw", columns[0], Kind.TEXT), Column("words", columns[1], Kind.TEXT)),
            )
            for file, columns in LOOKUPS.items()
        ),
        Layout(
            "practice",
            "practice",
            (
                Column("practice", "pracid", Kind.KEY),
                Column("last_collected", "lcd", Kind.DATE),
                Column("region", "region", Kind.TEXT),
            ),
        ),
        Layout(
            "patient",
            "patient",
            (
                Column("patient", "patid", Kind.KEY),
                Column("practice", "pracid", Kind.REFERENCE),
                Column("gender", "gender", Kind.TEXT),
                Column("birth_year", "yob", Kind.WHOLE),
                Column("birth_month", "mob", Kind.WHOLE),
                Column("registered", "regstartdate", Kind.DATE),
                Column("deregistered", "regenddate", Kind.DATE),
                Column("died_cprd", "cprd_ddate", Kind.DATE),
                Column("died_emis", "emis_ddate", Kind.DATE),
                Column("acceptable", "acceptable", Kind.TEXT),
            ),
        ),
        Layout(
            "medicaldictionary",
            "clinical_code",
            (
                Column("code", "medcodeid", Kind.KEY),
                Column("concept", "snomedctconceptid", Kind.REFERENCE),
                Column("term", "term", Kind.TEXT),
            ),
        ),
        Layout(
            "productdictionary",
            "product",
            (
                Column("code", "prodcodeid", Kind.KEY),
                Column("dmd", "dmdid", Kind.REFERENCE),
                Column("term", "termfromemis", Kind.TEXT),
                Column("name", "productname", Kind.TEXT),
                Column("substance", "drugsubstancename", Kind.TEXT),
            ),
        ),
        Layout("staff", "staff", (Column("staff", "staffid", Kind.KEY),)),
        Layout(
            "consultation",
            "consultation",
            (
                _PATIENT,
                Column("consultation", "consid", Kind.KEY),
                Column("date", "consdate", Kind.EVENT),
                _ENTERED,
                Column("source", "conssourceid", Kind.TEXT),
            ),
            again=True,
        ),
        Layout(
            "observation",
            "observation",
            (
                _PATIENT,
                Column("observation", "obsid", Kind.KEY),
                Column("consultation", "consid", Kind.REFERENCE),
                Column("date", "obsdate", Kind.EVENT),
                _ENTERED,
                Column("code", "medcodeid", Kind.CODE),
                Column("value", "value", Kind.NUMBER),
                Column("unit", "numunitid", Kind.TEXT),
            ),
            again=True,
        ),
        Layout(
            "drugissue",
            "medication",
            (
                _PATIENT,
                Column("issue", "issueid", Kind.KEY),
                Column("date", "issuedate", Kind.EVENT),
                _ENTERED,
                Column("code", "prodcodeid", Kind.CODE),
                Column("quantity", "quantity", Kind.NUMBER),
                Column("days", "duration", Kind.WHOLE),
            ),
            again=True,
        ),
        Layout("referral", "referral", (_PATIENT, Column("observation", "obsid", Kind.KEY)), again=True),
        Layout(
            "problem",
            "problem",
            (
                _PATIENT,
                Column("observation", "obsid", Kind.KEY),
                Column("ended", "probenddate", Kind.DATE),
                Column("reviewed", "lastrevdate", Kind.DATE),
            ),
            again=True,
        ),
        Layout(
            EPISODES,
            "admission",
            (
                _PATIENT,
                Column("admission", "spno", Kind.KEY),
                Column("admitted", "admidate", Kind.EVENT),
                Column("discharged", "discharged", Kind.DATE),
                Column("diagnosis", "icd_primary", Kind.TEXT),
            ),
            again=True,
        ),
    )
}
"""In the order of reading: what others refer to comes first."""

SHORTEST = {"patid": 6, "medcodeid": 6, "prodcodeid": 6}
"""Digits of the shortest identifier that the specification allows."""

DELIVERED = tuple(TABLES)
