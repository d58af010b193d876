"""Random records, odd in every way that the contract allows, and random definitions to draw from them."""

from __future__ import annotations

import datetime
from random import Random
from typing import Any

from locum.cohorts.definition import Definition
from locum.cohorts.matched_lists import MatchedList
from locum.records.contract import SCHEMAS
from tests.conformance.records import Row, Tables

DRUGS = {
    "antibiotics",
    "antihypertensives",
    "atypical_antipsychotics",
    "corticosteroids",
    "erectile_dysfunction_drugs",
    "statins",
}
DAY = datetime.timedelta(days=1)


def lists_of(definition: Definition) -> dict[str, MatchedList]:
    """Invented codes: two for each codelist, one for each category, and one that lists of diagnoses share."""
    excluding = {name for step in definition.step for name in step.of}  # the shared code would leave too few
    levels = {v.of[0]: v.levels for v in definition.variable if v.is_ == "category"}
    found = {}
    for name in definition.codelists:
        where = "medication" if name in DRUGS else "admission" if "admission" in name else "observation"
        codes: list[tuple[str, str | None]] = [(f"{name} {level}", level) for level in levels.get(name, ())]
        if where == "admission":
            codes = [("U071", None), ("J1", None)]
        elif not codes:
            codes = [(f"{name} a", None), (f"{name} b", None)]
        if where == "observation" and name not in {*definition.measurement, *levels, *excluding}:
            codes.append(("shared", None))
        found[name] = MatchedList(name, where, tuple(codes))
    return found


def random_records(
    rng: Random, lists: dict[str, MatchedList], middle: datetime.date, patients: int, events: int
) -> Tables:
    """Records whose dates crowd around MIDDLE and its anniversaries, where windows begin and end."""
    people = [_patient(rng, i, middle) for i in range(patients)]
    names = [*(row["patient"] for row in people), "nobody"]
    codes = {
        where: [code for found in lists.values() if found.table == where for code, _ in found.codes]
        for where in ("observation", "medication", "admission")
    }
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS} | {"patient": people}
    tables["practice"] = [
        {"practice": f"p{i}", "region": region, "last_collected": _day(rng, middle + 3000 * DAY)}
        for i, region in enumerate(["London", "South's End", None])
    ]
    for i in range(events):
        kind = rng.choices(["observation", "medication", "consultation", "admission"], [6, 2, 1, 1])[0]
        row: Row = {**dict.fromkeys(SCHEMAS[kind]), "patient": rng.choice(names), "date": _day(rng, middle)}
        if kind == "consultation":
            row |= {"consultation": f"c{i}"}
        elif kind == "admission":
            row |= {"admission": f"a{i}", "admitted": row.pop("date")}
            row |= {"diagnosis": rng.choice(["U07.1", "U071", "J12.8", "J2", "I21", None])}
        elif kind == "medication":
            row |= {"issue": f"m{i}", "code": rng.choice([*codes[kind], "other"])}
        else:
            row |= {"observation": f"o{i}", "code": rng.choice([*codes[kind], "other"]), **_value(rng)}
        tables[kind].append(row)
    return dict(tables)


def shuffled(rng: Random, tables: Tables) -> Tables:
    """The same rows in another order."""
    return {name: rows and rng.sample(rows, len(rows)) for name, rows in tables.items()}


def _patient(rng: Random, number: int, middle: datetime.date) -> Row:
    return {
        "patient": f"{number}",
        "practice": rng.choice(["p0", "p0", "p1", "p2", "not there", None]),
        "sex": rng.choice(["F", "F", "M", "M", "I", None]),
        "birth_year": None if rng.random() < 0.05 else middle.year - rng.randint(0, 100),
        "birth_month": rng.choice([None, 1, 2, 7, 12]),
        "registered": None if rng.random() < 0.05 else middle - rng.choice([0, 1, 365, 366, 5000]) * DAY,
        "deregistered": _day(rng, middle + 2000 * DAY) if rng.random() < 0.3 else None,
        "died": _day(rng, middle + 20 * DAY) if rng.random() < 0.3 else None,
        "acceptable": rng.random() < 0.95,
    }


def _day(rng: Random, middle: datetime.date) -> datetime.date | None:
    kind = rng.random()
    if kind < 0.03:
        return None
    if kind < 0.35:
        return middle + rng.choice([-1, 0, 1, 13, 14, 15, 27, 28, 29, -14, -15, -365, -366]) * DAY
    if kind < 0.6:
        years = rng.choice([-10, -5, -5, -1, -1, 1, 5, 10])
        return middle.replace(year=middle.year + years, day=min(middle.day, 28)) + rng.randint(-1, 1) * DAY
    if kind < 0.64:
        return rng.choice(
            [datetime.date(1900, 1, 1), datetime.date(2099, 12, 31), datetime.date(2004, 2, 29)]
        )
    return middle + rng.randint(-2500, 2500) * DAY


def _value(rng: Random) -> Row:
    return {
        "value": rng.choice(
            [None, 0.0, -1.0, 1e9, *(rng.randint(1, 3000) / rng.choice([1, 10, 20, 100]),) * 12]
        ),
        "unit": rng.choice([None, "mg/dL", " MG/DL", "mmol/L", "kg/m2"]),
    }


# --- definitions ---

MOMENTS = [
    "index",
    "end",
    "died",
    "registered",
    "born + 40 years",
    "deregistered",
    "2008-02-29",
    "index - 1 year",
]
MOMENTS += ["index - 6 months", "index + 1 day", "index + 30 days", "end - 1 month", "last_collected"]
LISTS = ["angina", "asthma", "statins", "covid_admission", "smoking"]


def random_definition(rng: Random) -> Definition:
    """A definition of every kind of step and variable, in random windows."""
    dates = ["registered", "died", "index", "end", "last_collected"]
    steps: list[Row] = [
        {"is": "index"},
        {"is": "ever", "of": rng.sample(LISTS, 3), **_window(rng)},
        {"is": "never", "of": rng.choice(LISTS), **_window(rng)},
        {"is": "age", "between": [rng.randint(0, 20), rng.randint(60, 99)], "at": rng.choice(MOMENTS[:2])},
        {"is": "dates", "all": [f"{rng.choice(MOMENTS)} {rng.choice(['<', '<=', '>', '>='])} 2030-01-01"]},
        {"is": "known", "all": [rng.choice(dates)]},
        {"is": "acceptable"},
        {"is": "sex", "among": ["F", "M"]},
    ]
    chosen = [steps[0], *rng.sample(steps[1:], 3)]
    rng.shuffle(chosen)
    return Definition.model_validate(
        {
            "format": 1,
            "name": "random",
            "title": "Random",
            "index": rng.choice([_latest(rng), _first(rng)]),
            "follow_up": {
                "earliest_of": rng.sample(["index + 2 years", "died", "deregistered", "last_collected"], 2)
            },
            "measurement": _measurements(),
            "step": [{"label": f"{i}", **step} for i, step in enumerate(chosen)],
            "variable": _variables(rng),
        }
    )


def _latest(rng: Random) -> Row:
    return {
        "latest_of": rng.sample(["2008-01-01", "registered + 1 year", "born + 30 years", "2007-03-01"], 2)
    }


def _first(rng: Random) -> Row:
    return {
        "first": rng.sample(LISTS, 2),
        "otherwise": rng.choice(LISTS),
        "from": "2005-01-01",
        "to": "2010-12-31",
    }


def _measurements() -> Row:
    return {
        "total": {"plausible": [1, 20], "unit": "mmol/L", "units": {"mg/dL": 0.02586}},
        "hdl": {"plausible": [0, 10]},
        "ratio": {"plausible": [0.1, 50], "ratio": ["total", "hdl"]},
    }


def _variables(rng: Random) -> list[Row]:
    found: list[Row] = [
        {"is": "sex"},
        {"is": "region"},
        {"is": "age", "at": rng.choice(MOMENTS)},
        {"is": "date", "at": rng.choice(MOMENTS), **rng.choice([{}, {"precision": "month"}])},
        {"is": "happened", "at": rng.choice(MOMENTS), **_window(rng)},
        {"is": "consultations", **_window(rng)},
        {"is": "which", "labels": {"a": rng.sample(LISTS, 2), "b's": rng.choice(LISTS)}, **_window(rng)},
        {"is": "category", "of": "smoking", "levels": ["never", "ex", "current"], **_window(rng)},
        {"is": "ever", "of": rng.sample(LISTS, 2), "at_least": rng.randint(1, 3), **_window(rng)},
    ]
    for kind in ("ever", "count", "first_after", "time_to"):
        found += [{"is": kind, "of": rng.sample(LISTS, rng.randint(1, 2)), **_window(rng)} for _ in range(2)]
    for kind in ("latest", "mean", "sd"):
        for name in ("total", "ratio"):
            precise: Any = rng.choice([{}, {"precision": 0.1}, {"precision": 1}, {"precision": 0.25}])
            found.append({"is": kind, "of": name, **precise, **_window(rng)})
    named = [{"name": f"v{i}", **v} for i, v in enumerate(found)]
    parts = [v["name"] for v in named if v["is"] in ("ever", "happened")]
    both = [{"name": f"{kind}_of", "is": kind, "of": rng.sample(parts, 3)} for kind in ("all", "any")]
    return [*named, *both]


def _window(rng: Random) -> Row:
    return {key: rng.choice(MOMENTS) for key in ("from", "to") if rng.random() < 0.6}
