"""A declaration as a TOML file that people read and edit."""

from __future__ import annotations

import datetime
import json
import math
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from locum.errors import BadInput
from locum.variables.formula import Formula, formula_of
from locum.variables.hierarchy import PREFIX, Hierarchy, read_hierarchy
from locum.variables.reading import level_text
from locum.variables.validate import validate
from locum.variables.variable import K_ANONYMOUS, Disclosure, Kind, Role, Rule, Variable, Variables

Word = TypeVar("Word", bound=StrEnum)

_EPOCH = datetime.date(1970, 1, 1)
_KEYS = tuple(f.name for f in fields(Variable))
_HEADER = """\
# The declaration of a table: one [[variable]] for each column. Change what is wrong, and give this file
# to locum with the table.
#
# name         the column
# kind         nominal, ordinal (levels in order), binary, count, continuous, date;
#              never modelled: identifier, text
# storage      how the column is written: "int64", "double", "string", "dictionary", "bool", "date32[day]"
# role         plain, patient (rows with the same value are one person), identifier (left out), target, time,
#              event, weight, quasi-identifier (known to outsiders)
# levels       of kinds with levels; any other value is read as "other"
# hierarchy    of levels by the thousand, which belong together: "prefix" of codes such as I21.9,
#              { group = ["level", ...] }, or the name of a CSV file with the columns level and group
# low, high    the plausible range: values beyond it are never generated
# precision    the step between neighbouring values: 1 for whole numbers, 0.1 for one decimal
# date_format  of dates written as text, such as "%d/%m/%Y"
# unit, description, tier (0 demographics, 1 history, ...)   for the reader and for a causal order
# codelists    of a cohort that was drawn from records: those that the variable was read by
# missing      reason -> raw values that stand for it: { refused = ["-7"] };
#              an empty cell is always "not recorded"
# follows      how the value is made of others, always or at times; the first that holds counts:
#              [{ sum = { part = 1, other = 1 } }, { least = ["one", "another"] }], also product, greatest
# disclosure   harm in the wrong hands: none, sensitive, direct (identifies on its own)
#
# k: levels held by fewer patients than this were folded into "other".
# rules: what every synthetic patient keeps to, such as { holds = "systolic >= diastolic" }; with exactly = false it
#        is broken as often as the real patients break it. They stand before the first [[variable]]. Those by which
#        numbers or dates order one another were found in the table: take out what is chance.
"""


def to_toml(variables: Variables) -> str:
    """The declaration as TOML, without keys at their defaults; `from_toml` gives the same one back."""
    lines = [_HEADER, f"k = {variables.k}"]
    if variables.notices:
        lines += ["notices = [", *(f"    {_text(notice)}," for notice in variables.notices), "]"]
    if variables.rules:
        lines += ["rules = [", *(f"    {_rule_text(rule)}," for rule in variables.rules), "]"]
    for variable in variables:
        lines += ["", "[[variable]]", *(f"{key} = {value}" for key, value in _entries(variable))]
    return "\n".join(lines) + "\n"


def _rule_text(rule: Rule) -> str:
    return f"{{ holds = {_text(rule.holds)}{'' if rule.exactly else ', exactly = false'} }}"


def _entries(v: Variable) -> Iterator[tuple[str, str]]:
    yield "name", _text(v.name)
    yield "kind", _text(v.kind)
    yield "storage", _text(v.storage)
    if v.role is not Role.PLAIN:
        yield "role", _text(v.role)
    if v.unit is not None:
        yield "unit", _text(v.unit)
    if v.levels:
        yield "levels", _array(v.levels)
    if isinstance(v.hierarchy, str):
        if v.hierarchy:
            yield "hierarchy", _text(v.hierarchy)
    elif v.hierarchy:
        yield "hierarchy", _table(v.hierarchy)
    for key, end in (("low", v.low), ("high", v.high)):
        if end is not None:
            yield key, _day(end) if v.kind is Kind.DATE else _number(end)
    if v.precision is not None:
        yield "precision", _number(v.precision)
    if v.date_format is not None:
        yield "date_format", _text(v.date_format)
    if v.tier is not None:
        yield "tier", str(v.tier)
    if v.missing:
        yield "missing", _table(v.missing)
    if v.disclosure is not Disclosure.NONE:
        yield "disclosure", _text(v.disclosure)
    if v.description:
        yield "description", _text(v.description)
    if v.codelists:
        yield "codelists", _array(v.codelists)
    if v.follows:
        yield "follows", "[\n    " + ",\n    ".join(map(_formula_text, v.follows)) + ",\n]"


def _formula_text(formula: Formula) -> str:
    if not formula.numbers:
        return f"{{ {formula.how} = {_array(formula.of)} }}"
    parts = ", ".join(f"{_text(n)} = {x!r}" for n, x in zip(formula.of, formula.numbers, strict=True))
    return f"{{ {formula.how} = {{ {parts} }}, constant = {formula.constant!r} }}"


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's, but for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _array(values: tuple[str, ...]) -> str:
    short = "[" + ", ".join(map(_text, values)) + "]"
    return short if len(short) <= 90 else "[\n    " + ",\n    ".join(map(_text, values)) + ",\n]"


def _table(values: dict[str, tuple[str, ...]]) -> str:
    return "{ " + ", ".join(f"{_text(key)} = {_array(texts)}" for key, texts in values.items()) + " }"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _day(days: float) -> str:
    if days == int(days) and -700_000 < days < 2_900_000:
        return (_EPOCH + datetime.timedelta(days=int(days))).isoformat()
    return repr(float(days))


def from_toml(text: str, where: str, folder: Path | None = None) -> Variables:
    """The declaration in TEXT; WHERE names the file, FOLDER is where it lies: a hierarchy may be a file beside it.

    Raises BadInput that names the file, the variable and the mend, for TOML that cannot be read and for a
    declaration that does not agree with itself.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers and brackets beyond what is read
        raise BadInput(f"{where} is not TOML: {_one_line(error)}; mend that line") from None
    if folder is not None:
        _read_hierarchies(data, folder, where)
    return from_dict(data, where)


def _read_hierarchies(data: dict[str, Any], folder: Path, where: str) -> None:
    """Put the groups in place of the file that a hierarchy names."""
    tables = data.get("variable")
    for entry in tables if isinstance(tables, list) else ():
        named = entry.get("hierarchy") if isinstance(entry, dict) else None
        if isinstance(named, str) and named not in ("", PREFIX):
            entry["hierarchy"] = read_hierarchy(folder / named, f'{where}: variable "{entry.get("name")}"')


def read_toml(path: str | Path) -> Variables:
    """The declaration in the file PATH. Raises BadInput as `from_toml`, and when it cannot be read as text."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; make a declaration with locum describe") from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"{path} cannot be read as text; give a TOML file as locum describe writes it"
        ) from None
    return from_toml(text, str(path), Path(path).parent)


def to_dict(variables: Variables) -> dict[str, Any]:
    """The declaration as plain values, as TOML and JSON hold them, without keys at their defaults."""
    defaults = Variable("", Kind.NOMINAL, storage="")
    rules = [{"holds": r.holds} | ({} if r.exactly else {"exactly": False}) for r in variables.rules]
    return {
        "k": variables.k,
        "notices": list(variables.notices),
        **({"rules": rules} if rules else {}),
        "variable": [
            {
                key: _plain(getattr(v, key))
                for key in _KEYS
                if key in ("name", "kind") or getattr(v, key) != getattr(defaults, key)
            }
            for v in variables
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and value and isinstance(value[0], Formula):
        return [formula.entry() for formula in value]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, StrEnum) else value


def from_dict(data: dict[str, Any], where: str) -> Variables:
    """The declaration that `to_dict` gave, or that was read from TOML. Raises BadInput as `from_toml` does."""
    _known(data, ("k", "notices", "rules", "variable"), where)
    k = data.get("k", K_ANONYMOUS)
    if type(k) is not int:
        raise BadInput(f"{where}: k is not a whole number; give one, such as 10")
    tables = data.get("variable", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise BadInput(f"{where}: variables are not a list of tables; begin each with [[variable]]")
    notices = data.get("notices", [])
    if not isinstance(notices, list):
        raise BadInput(f"{where}: notices is not a list; write it as one, or take it out")
    try:
        found = tuple(_variable(entry, place, where) for place, entry in enumerate(tables, 1))
    except OverflowError:
        raise BadInput(f"{where}: a number is beyond 1e308; give a smaller one") from None
    rules = _rules(data.get("rules", []), where)
    return validate(Variables(found, k, tuple(map(str, notices)), rules), where)


def _rules(entries: object, where: str) -> tuple[Rule, ...]:
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise BadInput(f'{where}: rules is not a list of tables; write it as [{{ holds = "a >= b" }}]')
    found = []
    for place, entry in enumerate(entries, 1):
        here = f"{where}: rule {place}"
        _known(entry, ("holds", "exactly"), here)
        if not isinstance(entry.get("holds"), str):
            raise BadInput(f'{here} has no condition; add holds = "..."')
        if type(entry.get("exactly", True)) is not bool:
            raise BadInput(f"{here}: exactly is neither true nor false; give one of them")
        found.append(Rule(entry["holds"], entry.get("exactly", True)))
    return tuple(found)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _known(data: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in data:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            mend = f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(keys)}"
            raise BadInput(f'{where}: unknown key "{key}"; {mend}')


def _variable(entry: dict[str, Any], place: int, where: str) -> Variable:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f'{where}: variable number {place} has no name; add name = "..."')
    here = f'{where}: variable "{name}"'
    _known(entry, _KEYS, here)
    if "kind" not in entry:
        raise BadInput(f"{here} has no kind; add kind = with one of {', '.join(Kind)}")
    words: dict[str, Any] = {"kind": _word(Kind, entry["kind"], "kind", here)}
    words["role"] = _word(Role, entry.get("role", "plain"), "role", here)
    words["disclosure"] = _word(Disclosure, entry.get("disclosure", "none"), "disclosure", here)
    for key in ("storage", "unit", "date_format", "description"):
        if key in entry:
            words[key] = _string(entry[key], key, here)
    for key in ("low", "high", "precision"):
        if key in entry:
            words[key] = _float(entry[key], key, here, words["kind"] is Kind.DATE and key != "precision")
    if "tier" in entry:
        if type(entry["tier"]) is not int:
            raise BadInput(f"{here}: tier is not a whole number; give one, such as 0")
        words["tier"] = entry["tier"]
    for key in ("levels", "codelists"):
        words[key] = _strings(entry.get(key, []), key, here)
    if "hierarchy" in entry:
        words["hierarchy"] = _hierarchy(entry["hierarchy"], here)
    missing = entry.get("missing", {})
    if not isinstance(missing, dict):
        raise BadInput(f'{here}: missing is not a table; write it as {{ refused = ["-7"] }}')
    words["missing"] = {reason: _strings(raw, "missing", here) for reason, raw in missing.items()}
    words["follows"] = _formulas(entry.get("follows", []), here)
    return Variable(name, **words)


def _formulas(value: object, here: str) -> tuple[Formula, ...]:
    if not isinstance(value, list):
        raise BadInput(f"{here}: follows is not a list; write it as [{{ sum = {{ part = 1, other = 1 }} }}]")
    return tuple(formula_of(entry, here) for entry in value)


def _hierarchy(value: object, here: str) -> Hierarchy:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise BadInput(
            f'{here}: hierarchy is not a table of groups; write it as {{ "I20-I25" = ["I20", "I21"] }}'
        )
    return {group: _strings(members, "hierarchy", here) for group, members in value.items()}


def _word(words: type[Word], value: object, key: str, here: str) -> Word:
    try:
        return words(str(value))
    except ValueError:
        near = get_close_matches(str(value), list(words), 1)
        mend = f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(words)}"
        raise BadInput(f'{here}: unknown {key} "{value}"; {mend}') from None


def _string(value: object, key: str, here: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{here}: {key} is not text; put it in quotes")
    return value


def _float(value: object, key: str, here: str, is_date: bool) -> float:
    if is_date and isinstance(value, datetime.date):
        return float((datetime.date(value.year, value.month, value.day) - _EPOCH).days)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(
            f"{here}: {key} is not a {'date such as 2020-01-31' if is_date else 'number'}; give one"
        )
    return float(value)


def _strings(value: object, key: str, here: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(x, str | int | float) for x in value):
        raise BadInput(f'{here}: {key} is not a list; write it as ["one", "two"]')
    return tuple(x if isinstance(x, str) else level_text(x) or "" for x in value)
