"""Computes the figures of this package again, from nothing but the package.

    python reproduce.py          say how many agree; exit 1 if one does not
    python reproduce.py --all    list the other figures as well: they need the real patients, so only the custodian
                                 can compute them; each stands beside its command and the hashes of what goes in

It needs Python 3.11 or later, numpy and pyarrow. It does not need locum, the software that made the package.

What is computed: the SHA-256 of each file, rows and columns, of each variable the share of each level, quantiles and
what is missing and why, how strongly each pair of variables goes together (Cramer's V), the shares of the rows that
evidence/metrics.json states, and the distributions in dictionary.json.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import io
import json
import math
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 10
"""Of a number, for pairs of variables; of levels, the nine commonest and the rest."""
WORK = 1_500_000_000
"""Cells that pairs are counted on, at most; of larger tables every second row, every third, and so on."""
SHOWN = 3  # values of a list that --all prints in full
ROUNDED = 6  # decimals of shares, and of Cramer's V
STATED = 5.1e-5  # metrics.json and dictionary.json state shares to four decimals or more
NOT_RECORDED, OTHER = "not recorded", "other"
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
REST = ("other (fewer than ", "all other levels", "any value")
"""How metrics.json begins the name of a bin for all that is in no other."""
LEVELS, NUMBERS = ("nominal", "ordinal", "binary"), ("count", "continuous", "date")

Floats = npt.NDArray[np.float64]
Column = Callable[[str], pa.ChunkedArray]


@dataclass(frozen=True)
class Read:
    """The values of one variable.

    codes: of levels, their index, one more for any other; of numbers, none. values: of numbers (dates: days since
    1970-01-01); NaN where missing. missing: 0, or 1 + the index of the reason.
    """

    levels: tuple[str, ...]
    reasons: tuple[str, ...]
    codes: npt.NDArray[np.int64]
    values: Floats
    missing: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.missing)


# --- reading a column as its declaration says -------------------------------------------------------------------


def level_text(value: object) -> str | None:
    """How a declaration writes a value; None for an empty cell."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    number = float(value)  # type: ignore[arg-type]
    return format(number + 0.0, ".12g") if math.isfinite(number) else None


def read_column(variable: dict[str, Any], column: pa.ChunkedArray) -> Read:
    """COLUMN by its declaration in variables.toml."""
    declared = variable.get("missing", {})
    reasons = (NOT_RECORDED, *(reason for reason in declared if reason != NOT_RECORDED))
    raws = {raw: 1 + reasons.index(reason) for reason, texts in declared.items() for raw in texts}
    levels = tuple(variable.get("levels", ())) if variable["kind"] in LEVELS else ()
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if variable["kind"] not in LEVELS and not _is_text(kind):
        return _numbers(column, kind, variable, reasons, raws)
    merged = (
        column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    ).unify_dictionaries()
    merged = merged.combine_chunks()
    index = pc.fill_null(merged.indices.cast(pa.int64()), len(merged.dictionary)).to_numpy(
        zero_copy_only=False
    )
    distinct = [*_texts(merged.dictionary), None]  # the last is an empty cell
    if not _is_text(kind):
        raws = {_as_number(raw): code for raw, code in raws.items()}
    missing = np.array([1 if text is None else raws.get(text, 0) for text in distinct], np.uint8)[index]
    if variable["kind"] in LEVELS:
        place = {level: i for i, level in enumerate(levels)}
        other = place.get(OTHER, len(levels))
        codes = np.array([0 if text is None else place.get(text, other) for text in distinct], np.int64)[
            index
        ]
        return Read(levels, reasons, codes, np.empty(0), missing)
    if variable["kind"] not in NUMBERS:
        return Read((), reasons, np.empty(0, np.int64), np.empty(0), missing)
    values = _parsed(distinct, variable)[index]
    missing[np.isnan(values) & (missing == 0)] = 1
    values[missing > 0] = np.nan
    return Read((), reasons, np.empty(0, np.int64), values, missing)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _as_number(raw: str) -> str:
    """-7 and -7.0 are one number."""
    return (level_text(float(raw)) or raw) if _is_number(raw) else raw


def _texts(distinct: pa.Array) -> list[str | None]:
    if pa.types.is_timestamp(distinct.type):
        return [None if t is None else t.replace(" ", "T") for t in distinct.cast(pa.string()).to_pylist()]
    return [level_text(value) for value in distinct.to_pylist()]


def _parsed(texts: list[str | None], variable: dict[str, Any]) -> Floats:
    """Numbers, or days, that are written as text; NaN for any other text."""
    if variable["kind"] == "date":
        pattern = variable.get("date_format", "%Y-%m-%d")
        moments = pc.strptime(pa.array(texts, pa.string()), format=pattern, unit="s", error_is_null=True)
        return _days(moments)
    return np.array([float(t) if t is not None and _is_number(t) else np.nan for t in texts])


def _days(array: pa.Array | pa.ChunkedArray) -> Floats:
    kind = array.type
    if pa.types.is_date32(kind):
        return np.asarray(
            array.cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64
        )
    ticks = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
    unit = "ms" if pa.types.is_date64(kind) else kind.unit
    whole = array.cast(pa.int64()).cast(pa.float64(), safe=False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), np.float64) / ticks[unit]


def _numbers(
    column: pa.ChunkedArray,
    kind: pa.DataType,
    variable: dict[str, Any],
    reasons: tuple[str, ...],
    raws: dict[str, int],
) -> Read:
    if pa.types.is_dictionary(column.type):
        column = column.cast(kind)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        values = _days(column)
    else:
        values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    missing = np.isnan(values).astype(np.uint8)
    for raw, code in raws.items():
        (number,) = _parsed([raw], {"kind": variable["kind"]})
        missing[values == number] = code
    values[missing > 0] = np.nan
    return Read((), reasons, np.empty(0, np.int64), values, missing)


# --- figures of one variable, and of two ------------------------------------------------------------------------


def of_variable(variable: dict[str, Any], read: Read) -> Iterator[tuple[str, float | str, str, str]]:
    """Name, value, unit and meaning of each figure of a variable."""
    name, rows = variable["name"], max(len(read), 1)
    for place, reason in enumerate(read.reasons, 1):
        share, what = float((read.missing == place).sum()) / rows, f"{name} is missing: {reason}"
        yield f"{name}/missing/{reason}", round(share, ROUNDED), "share of rows", what
    if variable["kind"] in LEVELS:
        size = len(read.levels) + 1
        counts = np.bincount(read.codes[read.missing == 0], minlength=size)
        for place, level in enumerate((*read.levels, OTHER)):
            if place < len(read.levels) or counts[place]:
                share = float(counts[place]) / rows
                yield f"{name}/share/{level}", round(share, ROUNDED), "share of rows", f"{name} is {level}"
    elif variable["kind"] in NUMBERS and (present := read.values[read.missing == 0]).size:
        unit = "date" if variable["kind"] == "date" else variable.get("unit", "")
        for part, value in zip(QUANTILES, quantiles(present, QUANTILES), strict=True):
            shown = moment(value) if variable["kind"] == "date" else round(value, ROUNDED)
            what = f"{part:.0%} of those with {name} have this or less"
            yield f"{name}/quantile/{part:g}", shown, unit, what


def quantiles(values: Floats, parts: Sequence[float]) -> list[float]:
    """The values that so large a PART of VALUES does not exceed: each of them one that occurs."""
    ranks = [min(max(math.ceil(part * len(values) - 1e-9) - 1, 0), len(values) - 1) for part in parts]
    found: list[float] = np.partition(values, sorted(set(ranks)))[ranks].tolist()
    return found


def moment(days: float) -> str:
    """A day, or a moment where there is a fraction, from days since 1970-01-01."""
    if days == math.floor(days):
        return str(np.datetime64(int(days), "D"))
    return str(np.datetime64(round(days * 86_400), "s"))


def binned(variable: dict[str, Any], read: Read) -> npt.NDArray[np.uint8] | None:
    """The variable in few groups, missing reasons among them; None for text that is not analysed."""
    if variable["kind"] in LEVELS:
        counts = np.bincount(read.codes[read.missing == 0], minlength=len(read.levels) + 1)
        kept = np.sort(np.argsort(-counts, kind="stable")[: BINS - 1])
        place = np.full(len(counts), BINS - 1, np.uint8)
        place[kept] = np.arange(len(kept))
        codes = place[read.codes]
    elif variable["kind"] in NUMBERS:
        present = read.values[read.missing == 0]
        tenths = [part / BINS for part in range(1, BINS)]
        edges = np.unique(quantiles(present, tenths)) if present.size else np.empty(0)
        codes = np.searchsorted(edges, np.nan_to_num(read.values)).astype(np.uint8)
    else:
        return None
    return np.where(read.missing > 0, np.uint8(BINS - 1) + read.missing, codes)


def cramers_v(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    """How strongly two groupings go together: 0 not at all, 1 wholly (Cramer 1946)."""
    width = int(b.max(initial=0)) + 1
    pairs = a.astype(np.int32)
    pairs *= width
    pairs += b
    height = int(a.max(initial=0)) + 1
    table = np.bincount(pairs, minlength=height * width).reshape(height, width).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    least = min(table.shape) - 1
    if least < 1:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return round(math.sqrt(float(((table - expected) ** 2 / expected).sum()) / table.sum() / least), ROUNDED)


def stride(rows: int, variables: int) -> int:
    """Pairs are counted on every row, or on every STRIDE-th of a table that is large and wide."""
    return max(1, -(-rows * variables * (variables - 1) // 2 // WORK))


@dataclass(frozen=True)
class Figure:
    """One figure of the package: the value, and what it means and was computed from, in words."""

    name: str
    value: Any
    unit: str
    what: str
    how: str


OF_ANOTHER: dict[str, Any] = {"marginals": [], "missing": []}
"""In place of the report, in one recipient's copy: the report speaks of all rows, of which the copy lacks some."""


def compute(
    variables: list[dict[str, Any]],
    column: Column,
    rows: int,
    stated: dict[str, Any],
    dictionary: dict[str, Any] | None = None,
) -> Iterator[Figure]:
    """All figures of the table. STATED: evidence/metrics.json, whose shares of the artificial rows are counted too.

    DICTIONARY: dictionary.json, whose distributions are counted as well. VARIABLES: as variables.toml declares them, of
    the columns that the table has. A column at a time is in memory, and a byte for each cell.
    """
    data = "counted in the Parquet file"
    yield Figure("rows", rows, "rows", "Artificial patients: rows of the table", data)
    yield Figure("columns", len(variables), "columns", "Columns of the table", data)
    marginals = {marginal["variable"]: marginal for marginal in stated["marginals"]}
    absent = {entry["variable"] for entry in stated["missing"]}
    entries = {entry["name"]: entry for entry in (dictionary or {}).get("variables", ())}
    step = stride(rows, len(variables))
    grouped: dict[str, npt.NDArray[np.uint8]] = {}
    for variable in variables:
        read = read_column(variable, column(variable["name"]))
        for name, value, unit, what in of_variable(variable, read):
            yield Figure(f"variables/{name}", value, unit, what, data)
        if variable["name"] in absent:
            share = round(float((read.missing > 0).mean()), ROUNDED)
            what = f"{variable['name']} is missing, for any reason"
            yield Figure(f"report/missing/{variable['name']}/synthetic", share, "share of rows", what, data)
        if (marginal := marginals.get(variable["name"])) and comparable(variable, marginal, read):
            yield Figure(
                f"report/marginals/{variable['name']}/synthetic",
                shares(variable, marginal, read),
                "share of rows",
                f"Share of artificial patients in each bin of {variable['name']}",
                "counted in the Parquet file, in the bins of evidence/metrics.json",
            )
        for name, counted in in_dictionary(variable, entries.get(variable["name"]), read):
            yield Figure(f"dictionary/{name}", counted, "", "", data)
        if (codes := binned(variable, read)) is not None:
            grouped[variable["name"]] = codes[::step]
    how = (
        f"Cramer's V of tenths and levels, on every row{f' whose place is a multiple of {step}' * (step > 1)}"
    )
    for a, b in combinations(grouped, 2):
        value = cramers_v(grouped[a], grouped[b])
        yield Figure(f"pairs/{a}/{b}", value, "Cramer's V", f"How strongly {a} and {b} go together", how)


def comparable(variable: dict[str, Any], marginal: dict[str, Any], read: Read) -> bool:
    """Whether the package tells what is in each bin of MARGINAL.

    It does not of levels with a hierarchy, which are grouped by how many real patients hold them, and of moments that
    are a bin of their own, of which only the day is told.
    """
    timed = variable["kind"] == "date" and bool(np.any(read.values[read.missing == 0] % 1))
    return not variable.get("hierarchy") and not (timed and _singles(variable, marginal, read))


def shares(variable: dict[str, Any], marginal: dict[str, Any], read: Read) -> list[float]:
    """The share of rows in each bin of MARGINAL."""
    has_levels = variable["kind"] in LEVELS
    counts = _of_levels(marginal["bins"], read) if has_levels else _of_numbers(variable, marginal, read)
    return [round(count / max(len(read), 1), ROUNDED) for count in counts]


def _of_levels(bins: list[str], read: Read) -> list[int]:
    """Bins are some levels, then all others, then missing reasons."""
    counts = np.bincount(read.codes[read.missing == 0], minlength=len(read.levels) + 1).tolist()
    out: list[int] = []
    left = dict(enumerate(counts))
    index = {level: place for place, level in enumerate(read.levels)}
    while len(out) < len(bins) and index.get(bins[len(out)]) in left:
        out.append(left.pop(index[bins[len(out)]]))
    if len(out) < len(bins) and bins[len(out)].startswith(REST):
        out.append(sum(left.values()))
    return out + _of_reasons(bins[len(out) :], read)


def _of_numbers(variable: dict[str, Any], marginal: dict[str, Any], read: Read) -> list[int]:
    """Bins are ranges between edges, then single values, then missing reasons."""
    bins, edges = marginal["bins"], np.array(marginal["edges"] or [], np.float64)
    ranges, singles = _ranges(marginal), _singles(variable, marginal, read)
    present = read.values[read.missing == 0]
    narrow = present.astype(np.float32)  # another generator may have written no more
    values = _parsed(list(singles), {"kind": variable["kind"]}).astype(np.float32)
    rest = present[~np.isin(narrow, values)]
    codes = np.clip(np.searchsorted(edges, rest, side="right") - 1, 0, max(ranges - 1, 0))
    out: list[int] = np.bincount(codes, minlength=ranges)[:ranges].tolist()
    out += [int((narrow == value).sum()) for value in values]
    return out + _of_reasons(bins[ranges + len(singles) :], read)


def _ranges(marginal: dict[str, Any]) -> int:
    """How many bins are ranges: where there is no edge, one for any value, or none."""
    if marginal["edges"]:
        return len(marginal["edges"]) - 1
    return int(marginal["bins"][0].startswith(REST))


def _singles(variable: dict[str, Any], marginal: dict[str, Any], read: Read) -> list[str]:
    """The bins that are one value each."""
    found = []
    for label in marginal["bins"][_ranges(marginal) :]:
        if label in read.reasons or np.isnan(_parsed([label], {"kind": variable["kind"]})[0]):
            break
        found.append(label)
    return found


def _of_reasons(bins: list[str], read: Read) -> list[int]:
    return [int((read.missing == 1 + read.reasons.index(reason)).sum()) for reason in bins]


# --- comparing with what is stated ------------------------------------------------------------------------------


def agree(stated: Any, found: Any, within: float) -> bool:
    if isinstance(stated, list):
        return len(stated) == len(found) and all(
            agree(a, b, within) for a, b in zip(stated, found, strict=True)
        )
    if isinstance(stated, str) or isinstance(found, str):
        return bool(stated == found)
    return math.isclose(stated, found, rel_tol=1e-9, abs_tol=within)


def sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "no such file"


def of_dictionary(dictionary: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name and value of each figure that dictionary.json states."""
    yield "rows", dictionary["rows"]
    for variable in dictionary["variables"]:
        name, marginal = variable["name"], variable.get("marginal") or {}
        for key, part in (("levels", "level"), ("missing", "reason")):
            for entry in variable.get(key) or ():
                yield f"{name}/{key}/{entry[part]}", entry["share"]
        for key in ("present", "distinct", "mean", "sd"):
            if marginal.get(key) is not None:
                yield f"{name}/{key}", marginal[key]
        for entry in marginal.get("quantiles", ()):
            yield f"{name}/quantile/{entry['share']:g}", entry["value"]
        if marginal.get("bins"):
            yield f"{name}/bins", [entry["share"] for entry in marginal["bins"]]


def in_dictionary(
    variable: dict[str, Any], entry: dict[str, Any] | None, read: Read
) -> Iterator[tuple[str, Any]]:
    """The same figures of one variable, counted. ENTRY: of dictionary.json, which says at which parts and bins."""
    if entry is None or entry.get("marginal") is None:  # not there, or text, of which nothing is counted
        return
    name, rows, marginal = variable["name"], max(len(read), 1), entry["marginal"]
    present = read.missing == 0
    if variable["kind"] in LEVELS:
        counts = np.bincount(read.codes[present], minlength=len(read.levels) + 1)
        for level, count in zip((*read.levels, OTHER), counts.tolist(), strict=True):
            if level != OTHER or count or OTHER in read.levels:
                yield f"{name}/levels/{level}", count / rows
    for place, reason in enumerate(read.reasons, 1):
        yield f"{name}/missing/{reason}", float((read.missing == place).sum()) / rows
    yield f"{name}/present", float(present.sum()) / rows
    if variable["kind"] in NUMBERS:
        for key, value in _spread(read.values[present], marginal, rows, variable["kind"] == "date"):
            yield f"{name}/{key}", value


def _spread(values: Floats, marginal: dict[str, Any], rows: int, is_date: bool) -> Iterator[tuple[str, Any]]:
    """How numbers are spread, at the parts and in the bins of MARGINAL."""
    yield "distinct", len(np.unique(values))
    if not len(values):
        return
    if not is_date:
        yield "mean", float(values.mean())
        yield "sd", float(values.std())
    parts = [quantile["share"] for quantile in marginal["quantiles"]]
    for part, value in zip(parts, quantiles(values, parts), strict=True):
        yield f"quantile/{part:g}", moment(value) if is_date else value
    lows = [entry["low"] for entry in marginal["bins"]]
    edges = _parsed(lows, {"kind": "date"}) if is_date else np.array(lows, np.float64)
    # A little lower, so that 0.3 which is 0.29999999999999998 is in the bin that begins with 0.3.
    edges = edges - 5e-7 * float(np.diff(edges).min(initial=1.0))
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, None)
    yield "bins", (np.bincount(places, minlength=len(lows)) / rows).tolist()


def check(folder: Path) -> Iterator[tuple[str, Any, Any, float]]:
    """Name of each figure, what the package states, what was computed, and how far they may be apart."""
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    of_package = {figure["name"]: figure["value"] for figure in figures if figure["from"] == "package"}
    declared = tomllib.loads((folder / "evidence/variables.toml").read_text(encoding="utf-8"))["variable"]
    stated = json.loads((folder / "evidence/metrics.json").read_text(encoding="utf-8"))
    if (folder / "derivation.json").exists():
        stated = OF_ANOTHER
    (path,) = (folder / "data").glob("*.parquet")
    file = pq.ParquetFile(path)
    by_name = {variable["name"]: variable for variable in declared}
    variables = [by_name[name] for name in file.schema_arrow.names]
    path = folder / "dictionary.json"
    dictionary = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    rows = file.metadata.num_rows
    computed = compute(variables, lambda name: file.read([name]).column(name), rows, stated, dictionary)
    found: dict[str, Any] = {figure.name: figure.value for figure in computed}
    told = {f"dictionary/{name}": value for name, value in of_dictionary(dictionary)} if dictionary else {}
    for name in of_package:
        if name.startswith("files/"):
            found[name] = sha256(folder / name.removeprefix("files/"))
    if dictionary:
        found["dictionary/rows"] = rows
    for name in (*of_package, *told, *(name for name in found if name not in of_package | told)):
        within = STATED if name.startswith("report/") else 1.1 * 10**-ROUNDED
        yield name, (of_package | told).get(name, "not stated"), found.get(name, "not found"), within


def main() -> int:
    parser = argparse.ArgumentParser(description="Compute the figures of this package again.")
    parser.add_argument(
        "--all", action="store_true", help="list the figures that need the real patients as well"
    )
    options = parser.parse_args()
    folder = Path(__file__).resolve().parent
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may not know every letter of a name
        sys.stdout.reconfigure(errors="backslashreplace")
    right = total = 0
    for name, stated, found, within in check(folder):
        total += 1
        if agree(stated, found, within):
            right += 1
        else:
            print(f"{name}: the package states {stated}, computed {found}")
    if options.all:
        others(folder)
    print(f"{right} of {total} figures agree")
    return 0 if right == total else 1


def others(folder: Path) -> None:
    """The figures that need the real patients, under the command and the hashes by which the custodian has them."""
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    told = None
    for figure in figures:
        if figure["from"] == "package":
            continue
        if (figure["command"], figure["inputs"]) != told:
            told = figure["command"], figure["inputs"]
            print(f"For the custodian, {figure['where']}, by: {figure['command']}")
            for name, value in figure["inputs"].items():
                print(f"  {name}  sha256 {value}")
        print(f"{figure['name']}: {in_short(figure['value'])} {figure['unit']}".rstrip())
    print()


def in_short(value: Any) -> str:
    """A figure as JSON; of a longer list how many values it has, the first and the last."""
    if not isinstance(value, list) or len(value) <= SHOWN:
        return json.dumps(value, ensure_ascii=False)
    return f"{len(value)} values, first {in_short(value[0])}, last {in_short(value[-1])}"


if __name__ == "__main__":
    sys.exit(main())
