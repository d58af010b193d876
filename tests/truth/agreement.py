"""How well an extracted cohort agrees with what is written down and with what is true, and why it differs."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import pandas as pd

from tests.truth.expected import RECORDED, TRUE, answer, describe, listed, prepare
from tests.truth.variables import COVID, EXCLUDED, NEGATIVE, SINCE, UNTIL, VARIABLES, Asked, ever

UNEXPLAINED = "unexplained"
BIRTH = "day of birth not known"
_YES_NO = ("ever", "all", "died", "member")
_NUMBERS = ("age", "latest", "sd", "days to", "visits")


@dataclass(frozen=True)
class Row:
    """One variable, of the patients who are in the extracted cohort; or who is in it, of all patients.

    known, true_known: patients for whom it is extracted, and for whom there is a truth; of yes and no, those who are
    rightly yes, and who truly are. correlation and bias (extracted less true): of numbers, where both
    are known. reasons: of those who differ, how many for which.
    """

    variable: str
    patients: int
    agree: int
    known: int
    true_known: int
    reasons: dict[str, int] = field(default_factory=dict)
    correlation: float | None = None
    bias: float | None = None

    @property
    def unexplained(self) -> int:
        return self.patients - self.agree - sum(n for why, n in self.reasons.items() if why != UNEXPLAINED)


def differ(a: pd.Series, b: pd.Series) -> pd.Series:
    """Where A and B, of the same patients, are not the same; missing is the same as missing."""
    if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
        same = (a.astype(float) - b.astype(float)).abs() < 1e-6
    else:
        same = a == b
    return ~(same | (a.isna() & b.isna()))


def against_records(db: duckdb.DuckDBPyConnection, cohort: str, extracted: pd.DataFrame) -> dict[str, int]:
    """How many patients differ from what is written down, by variable; those of the wrong membership as "patients"."""
    expected = prepare(db, cohort, RECORDED)
    members = expected.index[expected.drop(columns="day").all(axis=1)]
    found = {"patients": len(members.symmetric_difference(extracted.index))}
    both = members.intersection(extracted.index)
    _subjects(db, cohort, both)
    frame = describe(db, cohort, RECORDED, "recorded_subject")
    return found | {
        name: int(differ(extracted.loc[both, name], frame[name]).sum()) for name in VARIABLES[cohort]
    }


def against_truth(db: duckdb.DuckDBPyConnection, cohort: str, extracted: pd.DataFrame) -> list[Row]:
    """Membership, index date, and every variable of those extracted, on the index date that was extracted.

    `against_records` has to be empty of differences: it is what the reasons stand on.
    """
    written, true = prepare(db, cohort, RECORDED), prepare(db, cohort, TRUE)
    _subjects(db, cohort, extracted.index)
    frame = describe(db, cohort, TRUE, "true_subject")
    rows = [_membership(db, cohort, written, true), _index(db, cohort, written, true, extracted.index)]
    for name, asked in VARIABLES[cohort].items():
        rows.append(_row(name, asked, extracted[name], frame[name], _reasons(db, asked)))
    return rows


def _subjects(db: duckdb.DuckDBPyConnection, cohort: str, members: pd.Index) -> None:
    """Make recorded_subject, and true_subject: what is true of the same patients, on the same days."""
    db.register("member", pd.DataFrame({"patient": members}))
    db.execute(
        f"CREATE OR REPLACE TABLE recorded_subject AS FROM recorded_{cohort} SEMI JOIN member USING (patient)"
    )
    db.execute("""CREATE OR REPLACE TABLE true_subject AS SELECT t.*, r.index, r.finish
        FROM recorded_subject r JOIN true_patient t USING (patient)""")


def _row(name: str, asked: Asked, got: pd.Series, true: pd.Series, reasons: pd.Series) -> Row:
    wrong = differ(got, true)
    why = reasons.reindex(wrong.index[wrong]).replace("", None).fillna(UNEXPLAINED)
    both = got.notna() & true.notna()
    numbers = asked.kind in _NUMBERS and both.sum() > 2
    if asked.kind in _YES_NO:
        known, true_known = (got == 1) & (true == 1), true == 1
    else:
        known, true_known = got.notna(), true.notna()
    return Row(
        name,
        len(got),
        int((~wrong).sum()),
        int(known.sum()),
        int(true_known.sum()),
        {str(reason): int(n) for reason, n in why.value_counts().items()},
        float(got[both].astype(float).corr(true[both].astype(float))) if numbers else None,
        float((got[both] - true[both]).mean()) if numbers else None,
    )


def _membership(db: duckdb.DuckDBPyConnection, cohort: str, written: pd.DataFrame, true: pd.DataFrame) -> Row:
    """Who is in: the reason is that of the first step which keeps a patient out in one sense alone."""
    steps = [name for name in written if name != "day"]
    got, should = written[steps].all(axis=1), true[steps].all(axis=1)
    failed = written[steps].where(~got, true[steps])  # the steps in the sense that keeps the patient out
    at = (~failed).idxmax(axis=1)
    plain = {"acceptable": "records not acceptable", "sex": "records not acceptable", "age": BIRTH}
    reasons = at.map(plain)
    if cohort == "cvd":
        reasons = reasons.where(~at.isin(["index", "followed"]), BIRTH)
        history = _decisive(db, ever(*EXCLUDED), "true_cvd", "recorded_cvd").replace("", BIRTH)
    else:
        history = _decisive(db, _SIGNS, "true_covid19", "recorded_covid19")
    reasons = reasons.fillna(history.reindex(reasons.index))
    return _row("in the cohort", Asked("member"), got, should, reasons)


_SIGNS = Asked("first", (*COVID, *NEGATIVE), SINCE, UNTIL)


def _index(
    db: duckdb.DuckDBPyConnection, cohort: str, written: pd.DataFrame, true: pd.DataFrame, members: pd.Index
) -> Row:
    got, should = written.loc[members, "day"], true.loc[members, "day"]
    signs = (
        _decisive(db, _SIGNS, "true_covid19", "recorded_covid19")
        if cohort == "covid19"
        else pd.Series(dtype=str)
    )
    reasons = signs if cohort == "covid19" else pd.Series(BIRTH, members)
    return _row("index date", Asked("date"), got, should, reasons)


def _reasons(db: duckdb.DuckDBPyConnection, asked: Asked) -> pd.Series:
    """For patients of whom the truth may be another than the record: why."""
    if asked.parts:
        found = pd.Series(dtype=object)
        for part in asked.parts:
            values = [answer(db, part, sense, f"{sense}_subject") for sense in (RECORDED, TRUE)]
            wrong = differ(values[0], values[1].reindex(values[0].index))
            found = found.combine_first(_reasons(db, part).reindex(wrong.index[wrong]))
        return found
    if asked.kind == "age":
        return _series(db, f"SELECT patient, '{BIRTH}' AS value FROM true_subject")
    if asked.kind == "died":
        return _series(db, _DEATHS)
    if asked.kind == "category":
        return _series(db, _ANSWERS if asked.meanings == ("smoking",) else _ETHNICITY)
    if asked.kind in ("latest", "sd"):
        return _of_days(db, asked)
    return _decisive(db, asked, "true_subject", "recorded_subject")


_DEATHS = """SELECT patient,
        if(died > deregistered, 'died after leaving the practice', 'died after the last collection') AS value
    FROM true_subject WHERE died > deregistered OR died > last_collected"""
_ANSWERS = """SELECT s.patient, CASE WHEN max(h.recorded_date) IS NULL THEN 'never recorded'
        WHEN arg_max(h.true_category <> h.recorded_category, h.recorded_date) THEN arg_max(h.reason, h.recorded_date)
        ELSE 'changed since it was recorded' END AS value
    FROM recorded_subject s LEFT JOIN happening h ON h.patient = s.patient AND h.meaning = 'smoking'
        AND h.recorded_date <= s.index GROUP BY s.patient"""
_ETHNICITY = """SELECT s.patient, CASE WHEN max(h.recorded_date) IS NULL THEN 'never recorded'
        WHEN min(h.recorded_date) > any_value(s.finish) THEN 'recorded later' ELSE any_value(h.reason) END AS value
    FROM recorded_subject s LEFT JOIN happening h ON h.patient = s.patient AND h.meaning = 'ethnicity'
    GROUP BY s.patient"""


def _decisive(db: duckdb.DuckDBPyConnection, asked: Asked, true: str, recorded: str) -> pd.Series:
    """The reason of the first event that is in one window alone, of the meaning that decides where one does."""
    meant = listed(asked.meanings)
    rank = {
        "which": f"list_position({list(asked.meanings)}, true_meaning)",
        "first": f"(true_meaning IN {listed(NEGATIVE)})::INT",
    }.get(asked.kind, "0")
    inside = [
        f"coalesce({meaning} IN {meant} AND {date} BETWEEN {asked.since} AND {asked.until}, false)".replace(
            "s.", s
        )
        for meaning, date, s in (("true_meaning", "true_date", "t."), ("meaning", "recorded_date", "r."))
    ]
    return _series(
        db,
        f"""SELECT patient, arg_min(reason, (rank, least(if(truly, true_date, NULL), if(written, recorded_date, NULL))))
            AS value FROM (SELECT h.*, {rank} AS rank, {inside[0]} AS truly, {inside[1]} AS written
                FROM happening h JOIN {true} t USING (patient) JOIN {recorded} r USING (patient)
                WHERE meaning IN {meant} OR true_meaning IN {meant})
            WHERE truly <> written OR (truly AND (true_date <> recorded_date OR meaning <> true_meaning))
            GROUP BY patient""",
    )


def _of_days(db: duckdb.DuckDBPyConnection, asked: Asked) -> pd.Series:
    """The reason of an event of the last day of the window on which the true and the written value differ."""
    name = asked.meanings[0]
    parts = ("total_cholesterol", "hdl_cholesterol") if name == "cholesterol_ratio" else ()
    return _series(
        db,
        f"""WITH day AS (SELECT patient, max(date) AS date FROM true_{name} t
                FULL JOIN recorded_{name} r USING (patient, date) JOIN recorded_subject s USING (patient)
                WHERE t.value IS DISTINCT FROM r.value AND date BETWEEN {asked.since} AND {asked.until}
                GROUP BY patient)
            SELECT patient, min(reason) AS value FROM day JOIN happening USING (patient)
            WHERE meaning IN {listed((name, *parts))} AND date IN (true_date, recorded_date)
                AND (true_date IS DISTINCT FROM recorded_date OR true_value <> recorded_value) GROUP BY patient""",
    )


def _series(db: duckdb.DuckDBPyConnection, query: str) -> pd.Series:
    return db.execute(query).df().set_index("patient")["value"]
