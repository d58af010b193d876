"""What a person should know of a codelist before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis

from locum.cohorts.codelists.codelist import WORDS, Codelist
from locum.cohorts.codelists.damage import READ, SNOMED_LIKE, check_digit_holds, damaged

_FEW = 3
_INVENTED_ALLOWED = ("medcodeid", "prodcodeid")
_KEY = {
    "medcodeid": "code",
    "prodcodeid": "code",
    "concept_id": "code",
    "drug_concept_id": "code",
    "snomed": "concept",
    "dmd": "dmd",
}
"""The column of the dictionary that holds codes of a system."""


@dataclass(frozen=True)
class Notice:
    """One thing that is odd about a codelist, in a sentence with counts and a few codes; never of a patient."""

    codelist: str
    text: str

    def __str__(self) -> str:
        return f"codelist {self.codelist}: {self.text}"


def check_codelist(
    codelist: Codelist, dictionary: ibis.Table | None = None, table: str | None = None
) -> tuple[Notice, ...]:
    """What is odd about CODELIST, nothing when it is fine.

    dictionary: the clinical_code or product table of the records, to say which codes they do not know.
    table: the table that it is to find records in, "observation", "medication" or "admission".
    """
    said = [
        *_wrong_table(codelist, table),
        *_left_out(codelist),
        *_damage(codelist),
        *_check_digits(codelist),
        *([] if dictionary is None else _unknown(codelist, dictionary)),
    ]
    return tuple(Notice(codelist.name, text) for text in said)


def _few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:_FEW]) + (", …" if len(codes) > _FEW else "")


def _wrong_table(codelist: Codelist, table: str | None) -> list[str]:
    if table is None or table == codelist.table:
        return []
    return [f"lists {WORDS[codelist.system]}, which are of {codelist.table}s; one of {table}s is wanted here"]


def _left_out(codelist: Codelist) -> list[str]:
    said = []
    # Many Aurum terms share a concept, so repeated concepts are no fault where the file has terms of its own.
    if codelist.repeated and "medcodeid" not in codelist.columns:
        said.append(f"rows that repeat a code listed above them: {codelist.repeated}")
    if codelist.without_code:
        said.append(f"rows left out, without a code in the column that is matched: {codelist.without_code}")
    return said


def _damage(codelist: Codelist) -> list[str]:
    return [
        f"{len(some)} of {len(codelist.codes)} codes are {what} by a spreadsheet, and match nobody ({_few(some)})"
        for what, some in damaged(codelist.codes, codelist.system).items()
    ]


def _check_digits(codelist: Codelist) -> list[str]:
    """Wrong check digits. Where most CPRD codes have one, they are invented ones, which need not be right."""
    if codelist.system not in SNOMED_LIKE:
        return []
    spoilt = {code for some in damaged(codelist.codes, codelist.system).values() for code in some}
    whole = [code for code in codelist.codes if code not in spoilt]
    wrong = [code for code in whole if not (code.isdecimal() and check_digit_holds(code))]
    if not wrong or (codelist.system in _INVENTED_ALLOWED and len(wrong) * 2 > len(whole)):
        return []
    return [
        f"{len(wrong)} of {len(codelist.codes)} codes have a wrong check digit: they are mistyped or altered, "
        f"and match nobody ({_few(wrong)})"
    ]


def _unknown(codelist: Codelist, dictionary: ibis.Table) -> list[str]:
    if codelist.system in READ:
        return [f"lists {WORDS[codelist.system]}, which loaded records do not carry"]
    key = _KEY.get(codelist.system)
    if key is None:
        return []
    if key not in dictionary.columns:
        return [f"lists {WORDS[codelist.system]}, which this dictionary is not of"]
    asked = ibis.memtable({key: list(codelist.codes)})
    known = set(dictionary.semi_join(asked, key).select(key).distinct().to_pyarrow()[key].to_pylist())
    unknown = [code for code in codelist.codes if code not in known]
    if not unknown:
        return []
    others = [column for system, column in codelist.columns.items() if system != codelist.system]
    hint = f"; its column {others[0]} may match" if others and len(unknown) == len(codelist.codes) else ""
    return [
        f"{len(unknown)} of {len(codelist.codes)} codes are not in the dictionary of the records "
        f"({_few(unknown)}){hint}"
    ]
