"""Codelists from CSV: of OpenCodelists, of CPRD Aurum, of one's own."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from locum.cohorts.codelists.codelist import TABLES, WORDS, Codelist
from locum.cohorts.codelists.damage import damaged
from locum.cohorts.codelists.systems import code_columns, fits, looked_at, named_system, plain
from locum.errors import BadInput
from locum.records.sniff import SEPARATORS, encoding_of, holds, opened, unpack_faults

PROVENANCE = "provenance.toml"
_TERMS = ("term", "description", "name", "termfromemis", "productname", "dmdname", "ctv3preferredtermdesc")
_MARKS = ("term_contains", "term_excludes")
_MEND = "make the list again with the column of codes formatted as text, or take it from its source"

Row = dict[str, str]


def read_codelist(
    path: str | Path,
    name: str | None = None,
    column: str | None = None,
    category: str | None = None,
    *,
    keep_damaged: bool = False,
) -> Codelist:
    """The codelist in PATH, a CSV file with column names; lines before them that begin with # are comments.

    column: the codes to match; when not said, a column known by its name: medcodeid or prodcodeid before dm+d and
        SNOMED CT, whose concepts may be broader, then ICD-10, substances, Read codes, and a column "code".
        "column=system" says what codes a column of another name holds.
    category: the column of categories; when not said, the one that is named "category".
    keep_damaged: keep codes that a spreadsheet has altered, which match nothing.

    Raises BadInput when there is no such file, it is no CSV, a column is missing or cannot be recognised, it has no
    codes, one code has two categories, or a spreadsheet has altered codes.
    """
    path = Path(path)
    header, rows = _rows(path)
    codes_in, system = _codes_of(path, header, rows, column)
    kinds = _column(path, header, category) if category else _same(header, "category")
    coded = [row for row in rows if row[codes_in]]
    listed = _distinct(path, coded, codes_in, kinds)
    if not listed:
        raise BadInput(f"{path} has no codes in its column {codes_in}; a codelist needs at least one")
    codes = tuple(listed)
    if not keep_damaged:
        _refuse_damage(path, codes, system)
    marks = [_same(header, mark) for mark in _MARKS]
    return Codelist(
        name=name or path.stem,
        system=system,
        codes=codes,
        terms=tuple(_term(row, header) for row in listed.values()),
        categories=tuple(row[kinds] for row in listed.values()) if kinds else None,
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        term_contains=tuple(row[marks[0]] for row in listed.values()) if marks[0] else (),
        term_excludes=tuple(row[marks[1]] for row in listed.values()) if marks[1] else (),
        columns={
            named_system(c) or system: c for c in code_columns(header) if named_system(c) or c == codes_in
        },
        repeated=len(coded) - len(listed),
        without_code=len(rows) - len(coded),
        provenance=_provenance(path, name or path.stem),
    )


def _rows(path: Path) -> tuple[list[str], list[Row]]:
    """The column names of the file and its rows that are not empty, all cells trimmed."""
    lines = [line for line in re.split("\r\n|\n|\r", _text(path)) if line.strip(" \t,;")]
    while lines and lines[0].lstrip('"').startswith("#"):
        lines.pop(0)
    if not lines:
        raise BadInput(f"{path} has no column names; its first line has to name them, such as code,term")
    separator = max(SEPARATORS, key=lines[0].count)
    try:
        table = list(csv.reader(lines, delimiter=separator))
    except csv.Error as fault:
        raise BadInput(
            f"{path} cannot be read as CSV ({fault}); look for a quote that is not closed"
        ) from None
    header, *body = [[cell.strip() for cell in row] for row in table]
    if not code_columns(header) and any(cell.isdecimal() for cell in header):
        raise BadInput(f"{path} has a code where column names should be; add a first line such as code,term")
    if double := [name for name in header if name and header.count(name) > 1]:
        raise BadInput(f"{path} has two columns {double[0]}; name one of them otherwise")
    if long := [row for row in body if any(row[len(header) :])]:
        raise BadInput(
            f"{path} has {len(long)} rows with more cells than column names, the first near {long[0][0]}; "
            f'put terms that hold a "{separator}" in quotes'
        )
    return header, [dict(zip_longest(header, row[: len(header)], fillvalue="")) for row in body if any(row)]


def _text(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"there is no codelist {path}; check the name of the file")
    try:
        what = holds(path)
        if what != "text":
            hint = "; save it as CSV, the codes formatted as text" if "spreadsheet" in what else ""
            raise BadInput(f"{path} is {what}, not a CSV file of codes{hint}")
        with opened(path) as stream:
            return stream.read().decode(encoding_of(path))
    except unpack_faults():
        raise BadInput(f"{path} is a damaged gzip file; copy or pack it again") from None
    except UnicodeError:
        raise BadInput(f"{path} is not in the encoding that its first bytes name; save it as UTF-8") from None
    except OSError as fault:
        raise BadInput(f"{path} cannot be read ({fault.strerror}); check its permissions") from None


def _codes_of(path: Path, header: list[str], rows: list[Row], column: str | None) -> tuple[str, str]:
    """The column to match and its system."""
    if column:
        wanted, _, said = column.partition("=")
        if said and said not in TABLES:
            raise BadInput(f'"{said}" is no system of codes; name one of {", ".join(TABLES)}')
        candidates = [_column(path, header, wanted)]
    else:
        candidates, said = code_columns(header), ""
    if not candidates:
        raise BadInput(
            f"{path} has no column of codes that is known by its name (it has {', '.join(header)}); "
            "name it with column"
        )
    for candidate in candidates:
        codes = [row[candidate] for row in rows if row[candidate]]
        system = said or named_system(candidate) or (looked_at(codes) if codes else "snomed")
        if system and (not codes or fits(codes, system)):
            return candidate, system
    tried = candidates[0]
    meant = named_system(tried)
    raise BadInput(
        f"{path}: the column {tried} does not look like {WORDS[meant] if meant else 'codes of a known system'}; "
        f'name the column and what it holds with column, such as "{tried}=snomed"'
    )


def _same(header: Sequence[str], name: str) -> str | None:
    return next((found for found in header if plain(found) == plain(name)), None)


def _column(path: Path, header: Sequence[str], name: str) -> str:
    found = _same(header, name)
    if found is None:
        raise BadInput(f"{path} has no column {name}; it has {', '.join(header)}")
    return found


def _distinct(path: Path, rows: list[Row], codes_in: str, kinds: str | None) -> dict[str, Row]:
    """The first row of each code."""
    found: dict[str, Row] = {}
    for row in rows:
        first = found.setdefault(row[codes_in], row)
        if kinds and first[kinds] != row[kinds]:
            raise BadInput(
                f"{path} has the code {row[codes_in]} in two categories, {first[kinds]} and {row[kinds]}; "
                "leave it in one of them"
            )
        if kinds and not row[kinds]:
            raise BadInput(
                f"{path} has no category in its column {kinds} for the code {row[codes_in]}; add it"
            )
    return found


def _refuse_damage(path: Path, codes: Sequence[str], system: str) -> None:
    for what, some in damaged(codes, system).items():
        few = ", ".join(some[:3])
        raise BadInput(
            f"{path}: a spreadsheet has altered {len(some)} of {len(codes)} codes, which are {what} ({few}) "
            f"and would match nobody; {_MEND}"
        )


def _term(row: Row, header: Sequence[str]) -> str:
    return next((row[name] for name in header if plain(name) in _TERMS and row[name]), "")


def _provenance(path: Path, name: str) -> dict[str, str]:
    beside = path.parent / PROVENANCE
    if not beside.is_file():
        return {}
    try:
        said = tomllib.loads(beside.read_text(encoding="utf-8"))
        return {key: str(value) for key, value in {**said.get("default", {}), **said.get(name, {})}.items()}
    except (ValueError, RecursionError, TypeError, AttributeError) as fault:
        raise BadInput(f"{beside} is not a TOML file of tables ({fault}); mend it or take it away") from None
