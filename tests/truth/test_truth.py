"""Cohorts of an artificial extract hold what is written down of each patient, and differ from the truth with reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from locum.extraction import extract
from locum.records.artificial import simulate
from locum.records.artificial.figures import figures
from locum.records.load import Loading, load
from tests.truth.agreement import BIRTH, Row, against_records, against_truth
from tests.truth.edges import plant
from tests.truth.expected import connect
from tests.truth.variables import VARIABLES

PATIENTS = 3000
COHORTS = ("cvd", "covid19")
DENSE = {
    "mess": {
        "implausible": 0.02,
        "other_unit": 0.3,
        "entered_twice": 0.05,
        "no_date": 0.01,
        "unreadable_dates": 0.01,
        "duplicated_rows": 0.01,
        "orphans": 0.005,
    },
    "covid": {
        "attack_rate": 0.5,
        "other_illness": 4.0,
        "other_tested": 0.3,
        "other_contacts": 0.6,
        "contacts_gp": 0.6,
        "coded_on_contact": 0.5,
        "coded_without_contact": 0.1,
    },
}
"""Figures of an extract with more illness and mess than there is anywhere, so that few patients meet every rule."""

_DATES = {"no date", "unreadable date", "recorded later", "before registration", "only the year recorded"}
_UNWRITTEN = {"never recorded", "not registered then"}
ALLOWED = {  # why a variable of each kind may differ from the truth
    "sex": set(),
    "region": set(),
    "visits": set(),
    "month": set(),
    "age": {BIRTH},
    "died": {"died after leaving the practice", "died after the last collection"},
    "ever": {*_DATES, *_UNWRITTEN, "coded again"},
    "all": {*_DATES, *_UNWRITTEN, "coded again"},
    "days to": {*_DATES, *_UNWRITTEN, "coded again"},
    "which": {*_DATES, *_UNWRITTEN, "false test result"},
    "category": {*_DATES, "never recorded", "category recorded wrongly", "changed since it was recorded"},
    "latest": {*_DATES, "implausible value entered", "rounded", "entered twice", "in another unit"},
    "sd": {*_DATES, "implausible value entered", "rounded", "entered twice"},
}


@dataclass
class Drawn:
    """The truth of an extract, and what was extracted from it, by cohort."""

    db: duckdb.DuckDBPyConnection
    table: dict[str, pd.DataFrame]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("truth")
    raw, records = folder / "raw", folder / "records"
    raw.mkdir()
    records.mkdir()
    _simulate(raw)
    with connect(raw) as before:
        plant(before, raw)
    load(raw, records, Loading())
    table = {}
    for cohort in COHORTS:
        extract(records, cohort, folder / f"{cohort}.parquet")
        table[cohort] = pd.read_parquet(folder / f"{cohort}.parquet").set_index("patient").sort_index()
    db = connect(raw)
    yield Drawn(db, table)
    db.close()


def _simulate(folder: Path) -> None:
    try:
        for section, values in DENSE.items():
            assert set(values) <= set(figures()[section]), f"figures.toml has other keys in {section}"
            figures()[section].update(values)
        simulate(folder, PATIENTS, seed=11, threads=1)  # one thread is this process, with these figures
    finally:
        figures.cache_clear()


@pytest.fixture(scope="session")
def rows(drawn: Drawn) -> dict[str, list[Row]]:
    found = {}
    for cohort in COHORTS:
        against_records(drawn.db, cohort, drawn.table[cohort])
        found[cohort] = against_truth(drawn.db, cohort, drawn.table[cohort])
    return found


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_variable_is_what_is_written_down(drawn: Drawn, cohort: str) -> None:
    table = drawn.table[cohort]
    assert list(table.columns) == list(VARIABLES[cohort])
    assert len(table) > 100
    differences = against_records(drawn.db, cohort, table)
    assert {name: count for name, count in differences.items() if count} == {}


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_difference_from_the_truth_has_a_reason(rows: dict[str, list[Row]], cohort: str) -> None:
    assert {row.variable: row.unexplained for row in rows[cohort] if row.unexplained} == {}


@pytest.mark.parametrize("cohort", COHORTS)
def test_the_reasons_are_such_as_the_variable_can_have(rows: dict[str, list[Row]], cohort: str) -> None:
    for row in rows[cohort][2:]:
        assert set(row.reasons) <= ALLOWED[VARIABLES[cohort][row.variable].kind], row


@pytest.mark.parametrize("cohort", COHORTS)
def test_measurements_follow_the_truth(rows: dict[str, list[Row]], cohort: str) -> None:
    found = {row.variable: row for row in rows[cohort] if VARIABLES[cohort].get(row.variable)}
    for name in ("bmi", "sbp", "choleratio"):
        if name in found:
            row = found[name]
            assert row.correlation is not None
            assert row.correlation > 0.95, row
            assert row.bias is not None
            assert abs(row.bias) < 0.2, row
            assert row.known > 0.95 * row.true_known, row


def test_no_record_differs_from_what_happened_without_a_reason(drawn: Drawn) -> None:
    silent = drawn.db.execute(
        """SELECT meaning, count(*) FROM happening WHERE reason = '' AND (true_date IS DISTINCT FROM recorded_date
           OR true_value IS DISTINCT FROM recorded_value OR true_category IS DISTINCT FROM recorded_category)
           GROUP BY meaning"""
    ).fetchall()
    assert silent == []


def test_one_wrong_value_of_one_patient_is_seen(drawn: Drawn) -> None:
    table = drawn.table["cvd"]
    spoilt = table.copy()
    spoilt.loc[table.index[0], "af"] = 1 - table["af"].iloc[0]
    spoilt.loc[table.index[1], "region"] = None
    measured = table["sbp"].first_valid_index()
    spoilt.loc[measured, "sbp"] += 1
    differences = against_records(drawn.db, "cvd", spoilt)
    assert {name: count for name, count in differences.items() if count} == {"af": 1, "region": 1, "sbp": 1}
    assert against_records(drawn.db, "cvd", table.iloc[1:])["patients"] == 1
