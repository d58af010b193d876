"""Which column of a file holds which codes: told from its name, confirmed by the look of the codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locum.cohorts.codelists.damage import damaged, is_identifier

_NAMES = {
    "medcodeid": ("medcodeid",),
    "prodcodeid": ("prodcodeid",),
    "dmd": ("dmdid", "dmd", "dmdcode", "vpid", "apid"),
    "snomed": (
        *("snomedctconceptid", "snomedconceptid", "snomedctcode", "snomedcode", "snomedct", "snomedid"),
        *("snomed", "sctid"),
    ),
    "drug_concept_id": ("drugconceptid",),
    "icd10": ("icd10", "icd", "icd10code", "icdcode"),
    "substance": ("substance", "ingredient"),
    "ctv3": ("ctv3id", "ctv3", "ctv3code"),
    "read2": ("readcode", "read", "read2", "readv2", "read2code", "cleansedreadcode", "originalreadcode"),
}
"""Names of columns, in small letters without marks. In this order: of several columns, the first is matched."""

_TOLD_BY_LOOK = ("code", "id", "conceptid", "omopconceptid")
_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?[-+*]?")
_READ = re.compile(r"[A-Za-z0-9]{1,5}\.{0,4}(?:[0-9]{2})?")
_DRUG_EXTENSION = re.compile(r"\d+1000001[01]\d{2}")  # the namespace of dm+d in SNOMED CT


def plain(name: str) -> str:
    """A column's name in small letters, without spaces and marks."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def named_system(column: str) -> str | None:
    """The system that the name of COLUMN tells, or None."""
    return next((system for system, names in _NAMES.items() if plain(column) in names), None)


def code_columns(header: Sequence[str]) -> list[str]:
    """Columns of codes, the one to match first: those whose name tells the system, then those called "code" or so."""
    order = list(_NAMES)
    named = [(order.index(system), column) for column in header if (system := named_system(column))]
    return [column for _, column in sorted(named, key=lambda found: found[0])] + [
        column for name in _TOLD_BY_LOOK for column in header if plain(column) == name
    ]


def looked_at(codes: Sequence[str]) -> str | None:
    """The system that CODES look like, or None. Codes that a spreadsheet altered look like what they were."""
    spoilt = {code for some in damaged(codes, "snomed").values() for code in some}
    whole = [code for code in codes if code not in spoilt]
    if spoilt and all(code.isdecimal() for code in whole):
        return "snomed"
    if all(code.isdecimal() for code in whole):
        if sum(map(is_identifier, whole)) * 2 < len(whole):
            return "concept_id" if max(map(len, whole)) <= 10 else None
        drugs = sum(bool(_DRUG_EXTENSION.fullmatch(code)) for code in whole)
        return "dmd" if drugs * 2 > len(whole) else "snomed"
    if all(_ICD10.fullmatch(code) for code in whole) and not any(code.endswith("..") for code in whole):
        return "icd10"
    if all(_READ.fullmatch(code) and len(code) <= 7 for code in whole):
        return "read2" if all(len(code) == 7 for code in whole) else "ctv3"
    return None


def fits(codes: Sequence[str], system: str) -> bool:
    """Whether most of CODES could be of SYSTEM; a spreadsheet's damage does not count against them."""
    if system == "substance":
        return not any(code.isdecimal() for code in codes)
    spoilt = sum(len(some) for some in damaged(codes, system).values())
    if system == "icd10":
        right = sum(bool(_ICD10.fullmatch(code)) for code in codes)
    elif system in ("ctv3", "read2"):
        right = sum(bool(_READ.fullmatch(code)) and len(code) <= 7 for code in codes)
    else:
        right = sum(code.isdecimal() and len(code) <= 18 for code in codes)
    return (right + spoilt) * 2 > len(codes)
