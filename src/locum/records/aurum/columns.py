"""How a field of a delivered file becomes a typed column, and what makes its row unusable: as SQL of DuckDB.

A fault that is *hard* quarantines the row: an identifier that is missing or is none, a code that is none, a date of
the event that cannot be read. A *soft* one leaves the field missing, keeps the row, and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a field holds."""

    KEY = auto()  # the identifier of the row
    PATIENT = auto()  # the patient that the row is of
    CODE = auto()  # of a dictionary
    REFERENCE = auto()  # an identifier of something else; may be missing
    EVENT = auto()  # the date on which it was so; may be missing, must be readable
    DATE = auto()  # any other date
    NUMBER = auto()
    WHOLE = auto()  # a whole number of up to 9 digits
    TEXT = auto()


IDENTIFIERS = (Kind.KEY, Kind.PATIENT, Kind.CODE)

SPREADSHEET = "went through a spreadsheet and lost digits"
MISSING = "is missing"
TOO_LONG = "has more than 19 digits"
NOT_DIGITS = "is not made of digits"
UNREADABLE = "is not a date as DD/MM/YYYY"
TOO_FEW = "the row has too few fields"
TOO_MANY = "the row has too many fields"


@dataclass(frozen=True)
class Column:
    """A column of the typed rows: its name, the field of the file that it comes from, and the kind of that."""

    name: str
    field: str
    kind: Kind

    @property
    def text(self) -> str:
        """SQL of the field as it was delivered."""
        return f'"as delivered {self.field}"'

    def typed(self) -> str:
        """SQL of the typed value; NULL where the field is missing or at fault."""
        x = self.text
        match self.kind:
            case Kind.KEY | Kind.PATIENT | Kind.CODE | Kind.REFERENCE:
                return f"CASE WHEN regexp_full_match({x}, '[0-9]{{1,19}}') THEN {x} END"
            case Kind.EVENT | Kind.DATE:
                return (
                    f"CASE WHEN {x} LIKE '%/____' THEN TRY_CAST(try_strptime({x}, '%d/%m/%Y') AS DATE) "
                    f"WHEN {_iso(x)} THEN TRY_CAST({x} AS DATE) END"
                )
            case Kind.NUMBER:
                return f"CASE WHEN isfinite(TRY_CAST({x} AS DOUBLE)) THEN TRY_CAST({x} AS DOUBLE) END"
            case Kind.WHOLE:
                whole = f"regexp_full_match({x}, '-?[0-9]{{1,9}}(\\.0*)?')"
                return f"CASE WHEN {whole} THEN TRY_CAST({x} AS INTEGER) END"
            case Kind.TEXT:
                return f"CASE WHEN NOT {blank(x)} THEN trim({x}) END"

    def hard_faults(self) -> list[tuple[str, str]]:
        """SQL conditions, in order, each with the reason that it gives; "" for a kind that has none."""
        x = self.text
        if self.kind in IDENTIFIERS:
            return [
                (f"{self.name} IS NULL AND {blank(x)}", f"{self.field} {MISSING}"),
                (f"{self.name} IS NULL AND {_spoilt(x)}", f"{self.field} {SPREADSHEET}"),
                (
                    f"{self.name} IS NULL AND regexp_full_match({x}, '[0-9]{{20,}}')",
                    f"{self.field} {TOO_LONG}",
                ),
                (f"{self.name} IS NULL", f"{self.field} {NOT_DIGITS}"),
            ]
        if self.kind is Kind.EVENT:
            return [(f"{self.name} IS NULL AND NOT {blank(x)}", f"{self.field} {UNREADABLE}")]
        return []

    def soft_fault(self) -> str | None:
        """SQL of whether the field was there but could not be read, for the kinds where the row is kept."""
        if self.kind in (Kind.REFERENCE, Kind.DATE, Kind.NUMBER, Kind.WHOLE):
            return f"({self.name} IS NULL AND NOT {blank(self.text)})"
        return None

    def iso(self) -> str | None:
        """SQL of whether a date is written as YYYY-MM-DD: not as specified, yet it means only one day."""
        if self.kind in (Kind.DATE, Kind.EVENT):
            return f"({self.name} IS NOT NULL AND {self.text} NOT LIKE '%/%')"
        return None


def blank(x: str) -> str:
    """SQL of whether the field X is missing: empty, or NA as R writes it."""
    return f"({x} IS NULL OR trim({x}) IN ('', 'NA'))"


def _iso(x: str) -> str:
    return f"regexp_full_match({x}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"


def _spoilt(x: str) -> str:
    return f"(regexp_full_match({x}, '[0-9.]+[eE][+]?[0-9]+') OR regexp_full_match({x}, '[0-9]+[.][0-9]*'))"
