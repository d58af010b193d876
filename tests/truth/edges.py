"""Events planted on the first and last day of every window and on the days beside them: no edge goes untried."""

from __future__ import annotations

from pathlib import Path

import duckdb

from locum.records.artificial.codes import clinical, products
from tests.truth.expected import RECORDED, prepare
from tests.truth.variables import ALWAYS, COVID, EXCLUDED, NEGATIVE, SINCE, UNTIL, VARIABLES, Asked, ever

SHARE, FEW = 6, 60
"""One in so many patients gets an event at an edge of a variable; fewer where it may put them out of the cohort."""
VALUES = {"bmi": 25.0, "systolic_bp": 140.0, "cholesterol_ratio": 4.0}
SMOKER = "heavy smoker"
_COLUMNS = {
    "observation": "patid consid pracid obsid obsdate enterdate staffid parentobsid medcodeid value numunitid "
    "obstypeid numrangelow numrangehigh probobsid",
    "drugissue": "patid issueid pracid probobsid drugrecid issuedate enterdate staffid prodcodeid dosageid quantity "
    "quantunitid duration estnhscost",
    "hes_primary_diag_hosp": "patid spno admidate discharged ICD_PRIMARY icdx",
}
_KNOWN = {
    **{"patid": "patient", "pracid": "practice", "value": "value", "duration": "28"},
    **dict.fromkeys(("obsid", "issueid", "drugrecid", "spno"), "id"),
    **dict.fromkeys(("obsdate", "enterdate", "issuedate", "admidate", "discharged"), "day"),
    **dict.fromkeys(("medcodeid", "prodcodeid", "ICD_PRIMARY"), "code"),
}


def plant(db: duckdb.DuckDBPyConnection, extract: Path) -> None:
    """Add planted events to EXTRACT and its truth. DB is connected to it, and has to be again afterwards."""
    asked = []
    for cohort, variables in VARIABLES.items():
        prepare(db, cohort, RECORDED)
        looks = [look for v in variables.values() for look in (v.parts or (v,))]
        asked += [(cohort, look, SHARE) for look in looks if set(look.meanings) - {"ethnicity"}]
    asked += [("cvd", ever(*EXCLUDED), FEW)]
    asked += [("covid19", ever(*COVID, *NEGATIVE, since=SINCE, until=UNTIL), FEW)]
    parts = " UNION ALL ".join(_planted(number, *one) for number, one in enumerate(asked))
    meanings = sorted({meaning for _, look, _ in asked for meaning in look.meanings})
    db.execute(f"""CREATE TABLE plant AS SELECT patient, meaning, date, code, file, value::DOUBLE AS value,
        99990000100000000 + row_number() OVER (ORDER BY patient, meaning, date) AS id, right(patient, 5) AS practice,
        strftime(date, '%d/%m/%Y') AS day
        FROM (SELECT DISTINCT * FROM ({parts})) JOIN (VALUES {_codes(meanings)}) c(meaning, code, file, value)
        USING (meaning)""")
    for file, columns in _COLUMNS.items():
        row = ", ".join(f"{_KNOWN.get(name, 'NULL')} AS {name}" for name in columns.split())
        db.execute(f"""COPY (SELECT {row} FROM plant WHERE file = '{file}')
            TO '{extract}/artificial_aurum_{file}_002.txt' (DELIMITER '\t', HEADER, QUOTE '')""")
    db.execute(f"""COPY (SELECT patient, meaning, true AS happened, date, value, NULL::VARCHAR AS category,
            true AS recorded, date AS recorded_date, value AS recorded_value,
            if(meaning = 'smoking', '{SMOKER}', NULL) AS recorded_category,
            if(meaning = 'smoking', 'category recorded wrongly', '') AS reason
        FROM plant) TO '{extract}/truth/event_planted.parquet'""")


def _planted(number: int, cohort: str, look: Asked, share: int) -> str:
    """SQL of the events at the edges of one question: patient, meaning, date."""
    since, until = f"({look.since})::DATE", f"({look.until})::DATE"
    days = [until, f"{until} + 1"]
    if look.since != ALWAYS and look.kind != "which":  # before these windows it would move the index date
        days += [f"{since} - 1", since]
    inside = " UNION ALL SELECT patient, meaning, inner_day FROM chosen" if look.days > 1 else ""
    meanings = list(look.meanings)
    return f"""(WITH chosen AS (SELECT patient, {meanings}[1 + (h // 7919 % {len(meanings)})::INT] AS meaning,
            [{", ".join(days)}][1 + (h // 104729 % {len(days)})::INT] AS date, {until} - 30 AS inner_day
            FROM (SELECT *, hash(patient || '{number}') AS h FROM {RECORDED}_{cohort}) s
            WHERE h % {share} = 0 AND index IS NOT NULL)
        SELECT patient, meaning, date FROM chosen{inside})"""


def _codes(meanings: list[str]) -> str:
    """Rows of SQL: each meaning with its first code, the file that it is written in, and a value."""
    codes = {"covid_admission": ("U07.1", "hes_primary_diag_hosp")}
    for rows, column, file in (
        (clinical().rows, "medcodeid", "observation"),
        (products().rows, "prodcodeid", "drugissue"),
    ):
        for row in rows:
            if row["meaning"] != "smoking" or row["category"] == SMOKER:
                codes.setdefault(row["meaning"], (row[column], file))
    return ", ".join(f"('{m}', '{codes[m][0]}', '{codes[m][1]}', {VALUES.get(m, 'NULL')})" for m in meanings)
