"""The two cohorts from the truth of an artificial extract alone: what to expect of an extraction.

Nothing of `locum.cohorts`, the codelists or the contract is used: plain SQL over ``truth/*.parquet`` and over the
delivered consultations, since every one is written down. Each cohort is described in one of two senses:

recorded: what was written down usably, and when (the columns ``recorded_*``);
true: what happened to the patient, written down or not. Smoking and ethnicity are those of the patient, not of an
    answer, and a test that missed an infection counts as positive. What nobody measured has no true value.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from tests.truth.variables import COVID, EXCLUDED, NEGATIVE, SINCE, SMOKING, UNTIL, VARIABLES, Asked

RECORDED, TRUE = "recorded", "true"

_PATIENT = {
    RECORDED: """SELECT patient, region, last_collected, acceptable, recorded_sex AS sex,
        recorded_registered AS registered, recorded_deregistered AS deregistered, recorded_died AS died,
        make_date(recorded_birth_year, coalesce(recorded_birth_month, 7),
                  if(recorded_birth_month IS NULL, 1, 15)) AS born FROM truth_patient""",
    TRUE: """SELECT patient, region, last_collected, true AS acceptable, sex, registered, deregistered, died, born
        FROM truth_patient""",
}
_EVENT = {
    RECORDED: """SELECT patient, meaning, recorded_date AS date, recorded_value AS value,
        recorded_category AS category FROM happening WHERE recorded_date IS NOT NULL""",
    TRUE: """SELECT patient, true_meaning AS meaning, true_date AS date, true_value AS value,
        true_category AS category FROM happening WHERE true_date IS NOT NULL""",
}
_VALUES = {
    "systolic_bp": "SELECT patient, date, value FROM {sense}_event WHERE meaning = 'systolic_bp'",
    "bmi": "SELECT patient, date, value FROM {sense}_event WHERE meaning = 'bmi'",
    # A ratio is written down, or made of the two cholesterols of one day.
    "cholesterol_ratio": """SELECT patient, date, value FROM {sense}_event
            WHERE meaning = 'cholesterol_ratio' AND value BETWEEN 1 AND 15
        UNION ALL SELECT patient, date, value FROM (
            SELECT patient, date, median(value) FILTER (meaning = 'total_cholesterol')
                / median(value) FILTER (meaning = 'hdl_cholesterol') AS value
            FROM {sense}_event WHERE meaning IN ('total_cholesterol', 'hdl_cholesterol') GROUP BY ALL)
            WHERE value BETWEEN 1 AND 15""",
}


def connect(extract: Path) -> duckdb.DuckDBPyConnection:
    """The truth of EXTRACT as tables: happening (one row an event, both senses) and visit; and, of each sense,
    SENSE_patient, SENSE_event and SENSE_MEASUREMENT (one value a patient and day)."""
    db = duckdb.connect()
    truth = Path(extract, "truth")
    db.execute(f"CREATE VIEW truth_patient AS FROM '{truth}/patient_*.parquet'")
    db.execute(f"""CREATE TABLE happening AS SELECT patient, meaning, reason,
            if(reason = 'false test result', 'covid_test_positive', meaning) AS true_meaning,
            if(happened, date, NULL) AS true_date, value AS true_value, category AS true_category,
            if(recorded, recorded_date, NULL) AS recorded_date, recorded_value, recorded_category
        FROM '{truth}/event_*.parquet'""")
    db.execute(f"""CREATE TABLE visit AS SELECT patid AS patient, strptime(consdate, '%d/%m/%Y')::DATE AS date
        FROM read_csv('{extract}/artificial_aurum_consultation_*.txt', delim='\t', quote='', all_varchar=true)""")
    for sense in (RECORDED, TRUE):
        db.execute(f"CREATE TABLE {sense}_patient AS {_PATIENT[sense]}")
        db.execute(f"CREATE VIEW {sense}_event AS {_EVENT[sense]}")
        for name, values in _VALUES.items():
            db.execute(f"""CREATE TABLE {sense}_{name} AS SELECT patient, date, median(value) AS value
                FROM ({values.format(sense=sense)}) GROUP BY ALL""")
    return db


_FINISH = "least(index + {span}, coalesce(died, {far}), coalesce(deregistered, {far}), last_collected)"

_SUBJECTS = {  # every patient of the extract, with the index date and the end of follow-up
    "cvd": """SELECT *, if(registered IS NULL, NULL, greatest(DATE '2008-01-01', registered + INTERVAL 1 YEAR,
            born + INTERVAL 25 YEAR)::DATE) AS index FROM {sense}_patient""",
    "covid19": """SELECT p.*, coalesce(covid, negative) AS index FROM {sense}_patient p LEFT JOIN (
            SELECT patient, min(date) FILTER (meaning IN {covid}) AS covid,
                min(date) FILTER (meaning IN {tested}) AS negative
            FROM {sense}_event WHERE date BETWEEN {since} AND {until} GROUP BY patient)
        USING (patient)""",
}
_SPAN = {"cvd": "INTERVAL 10 YEAR", "covid19": "28"}
_AGE = "(year(index) - year(born) - (strftime(index, '%m%d') < strftime(born, '%m%d'))::INT)"
STEPS = {  # who is in; SQL over a subject
    "cvd": {
        "acceptable": "acceptable",
        "sex": "sex IN ('F', 'M')",
        "index": "index IS NOT NULL",
        "followed": "index < finish AND index <= DATE '2019-12-31'",
        "age": f"{_AGE} BETWEEN 25 AND 84",
        "history": "patient NOT IN (SELECT e.patient FROM {sense}_event e JOIN {sense}_cvd s USING (patient) "
        f"WHERE e.meaning IN {EXCLUDED} AND e.date <= s.index)",
    },
    "covid19": {
        "acceptable": "acceptable",
        "sex": "sex IN ('F', 'M')",
        "index": "index IS NOT NULL",
        "followed": "registered <= index AND index <= finish",
        "age": f"{_AGE} BETWEEN 0 AND 110",
    },
}


def prepare(db: duckdb.DuckDBPyConnection, cohort: str, sense: str) -> pd.DataFrame:
    """Make SENSE_COHORT, all patients with index and finish; returns which steps each passes, and the index as day."""
    names = {
        "sense": sense,
        "covid": listed(COVID),
        "tested": listed(NEGATIVE),
        "since": SINCE,
        "until": UNTIL,
    }
    far = _FINISH.format(span=_SPAN[cohort], far="DATE '9999-12-31'")
    db.execute(f"""CREATE OR REPLACE TABLE {sense}_{cohort} AS
        SELECT *, ({far})::DATE AS finish FROM ({_SUBJECTS[cohort].format(**names)})""")
    steps = ", ".join(
        f"coalesce({test.format(sense=sense)}, false) AS {name}" for name, test in STEPS[cohort].items()
    )
    found = db.execute(f"SELECT patient, {steps}, index AS day FROM {sense}_{cohort}").df()
    return found.set_index("patient").sort_index()


def describe(db: duckdb.DuckDBPyConnection, cohort: str, sense: str, subjects: str) -> pd.DataFrame:
    """Every variable of COHORT of the patients in the table SUBJECTS, in SENSE; one row a patient."""
    frame = {name: answer(db, asked, sense, subjects) for name, asked in VARIABLES[cohort].items()}
    return pd.DataFrame(frame).sort_index()


def answer(db: duckdb.DuckDBPyConnection, asked: Asked, sense: str, subjects: str) -> pd.Series:
    """The variable of each patient of SUBJECTS."""
    if asked.parts:
        return pd.DataFrame({i: answer(db, p, sense, subjects) for i, p in enumerate(asked.parts)}).min(
            axis=1
        )
    plain = {
        "sex": "sex",
        "region": "region",
        "age": _AGE,
        "month": "strftime(index, '%Y-%m')",
        "died": "coalesce(died BETWEEN index AND index + 28, false)::INT",
    }
    if asked.kind in plain:
        return _series(db, f"SELECT patient, {plain[asked.kind]} AS value FROM {subjects}")
    if sense == TRUE and asked.kind == "category":
        return _series(db, _OF_PATIENT[asked.meanings[0]].format(subjects=subjects))
    rank = f"list_position({list(SMOKING)}, e.category)" if asked.meanings == ("smoking",) else "0"
    value = {
        "ever": f"(count(DISTINCT e.date) >= {asked.days})::INT",
        "visits": "count(DISTINCT e.date)",
        "latest": "arg_max(e.value, e.date)",
        "sd": "if(count(e.date) > 1, stddev_samp(e.value), NULL)",
        "category": f"arg_max(e.category, (e.date, {rank}))",
        "which": _first_label(asked) if asked.labels else "",
        "days to": "coalesce(min(e.date), any_value(s.finish)) - any_value(s.index)",
    }[asked.kind]
    table, which = f"{sense}_event", f"AND e.meaning IN {listed(asked.meanings)}"
    if asked.kind in ("latest", "sd"):
        table, which = f"{sense}_{asked.meanings[0]}", ""
    if asked.kind == "visits":
        table, which = "visit", ""
    found = _series(
        db,
        f"""SELECT s.patient, {value} AS value FROM {subjects} s LEFT JOIN {table} e
            ON e.patient = s.patient {which} AND e.date BETWEEN {asked.since} AND {asked.until}
            GROUP BY s.patient""",
    )
    if asked.kind in ("latest", "sd"):
        return np.floor(found / asked.step + 0.5 + 1e-9) * asked.step  # halves upward
    return found


_OF_PATIENT = {
    "ethnicity": "SELECT patient, ethnicity AS value FROM {subjects} JOIN truth_patient USING (patient)",
    "smoking": """SELECT patient, CASE WHEN smoking_started IS NULL OR index < smoking_started THEN 'non-smoker'
            WHEN index >= smoking_stopped THEN 'ex-smoker'
            WHEN index < smoking_started + 1827 THEN 'light smoker'  -- the first five years are light
            ELSE smoking_amount END AS value FROM {subjects} JOIN truth_patient USING (patient)""",
}


def _first_label(asked: Asked) -> str:
    *found, none = asked.labels
    when = " ".join(
        f"WHEN bool_or(e.meaning = '{m}') THEN '{label}'"
        for m, label in zip(asked.meanings, found, strict=True)
    )
    return f"CASE {when} ELSE '{none}' END"


def listed(names: Iterable[str]) -> str:
    """NAMES as SQL."""
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def _series(db: duckdb.DuckDBPyConnection, query: str) -> pd.Series:
    return db.execute(query).df().set_index("patient")["value"]
