"""Codelists: which codes of the records mean what. Read from CSV, checked, matched to the records' own codes."""

from locum.cohorts.codelists.checking import Notice, check_codelist
from locum.cohorts.codelists.codelist import Codelist
from locum.cohorts.codelists.matching import matches_icd10, resolve
from locum.cohorts.codelists.reading import read_codelist
from locum.cohorts.codelists.shipped import find_codelist, shipped

__all__ = [
    "Codelist",
    "Notice",
    "check_codelist",
    "find_codelist",
    "matches_icd10",
    "read_codelist",
    "resolve",
    "shipped",
]
