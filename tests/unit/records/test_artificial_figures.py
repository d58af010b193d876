"""The artificial extract has the figures that it was written from, within what chance allows at 20,000 patients."""

from __future__ import annotations

import csv
from importlib.resources import files

import duckdb
import numpy as np
import pytest

from locum.records.artificial import simulate
from locum.records.artificial.codes import clinical, products
from locum.records.artificial.figures import MAN, NEVER, WOMAN, YEAR, day, figures
from locum.records.artificial.history import cardiovascular_hazard, first
from locum.records.artificial.people import draw_people
from locum.records.artificial.practices import draw_practices

PATIENTS = 20_000


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """The truth of 20,000 patients: `patient`, `event`, and `adult`, registered for a year on 1 March 2020."""
    folder = tmp_path_factory.mktemp("extract")
    simulate(folder, PATIENTS, seed=11, threads=2)
    con = duckdb.connect()
    for name in ("patient", "event"):
        con.execute(f"create table {name} as from read_parquet('{folder}/truth/{name}_*.parquet')")
    con.execute("""
        create table adult as from patient
        where registered < '2019-03-01' and coalesce(deregistered, '2100-01-01') > '2020-03-01'
          and last_collected > '2020-03-01' and born < '2002-03-01'""")
    return con


def one(db: duckdb.DuckDBPyConnection, query: str):
    return db.execute(query).fetchall()[0][0]


def share(db, *meanings: str, before: str = "2020-03-01") -> float:
    """The share of adults to whom any of MEANINGS happened before a day."""
    named = ", ".join(f"'{name}'" for name in meanings)
    had = f"select patient from event where happened and date < '{before}' and meaning in ({named})"
    return one(db, f"select avg((patient in ({had}))::int) from adult")


# OpenSAFELY's shares of 17 million adults (Williamson et al. 2020), and the meanings that make them up.
OPENSAFELY = {
    0.159: ["asthma"],
    0.099: ["diabetes_type_1", "diabetes_type_2"],
    0.050: ["cancer"],
    0.007: ["haematological_cancer"],
    0.063: ["chronic_kidney_disease"],
    0.006: ["liver_disease"],
    0.010: ["other_neurological"],
    0.051: ["rheumatoid_arthritis", "systemic_lupus", "psoriasis"],
    0.016: ["immunosuppression"],
}


@pytest.mark.parametrize(("published", "meanings"), OPENSAFELY.items())
def test_prevalences_are_near_the_published_ones(db, published, meanings):
    found, adults = share(db, *meanings), one(db, "select count(*) from adult")
    # A third either way for the model (its adults are not OpenSAFELY's in age), and three standard errors for chance.
    chance = 3 * np.sqrt(published * (1 - published) / adults)
    assert published * 0.67 - chance < found < published * 1.33 + chance


def test_patients_join_and_leave_as_in_aurum(db):
    current = one(db, "select avg((coalesce(deregistered, '2100-01-01') > last_collected)::int) from patient")
    assert 0.27 < current < 0.45  # Aurum: 7 of 19 million


def test_smoking_and_ethnicity_are_recorded_as_published(db):
    assert one(db, "select avg((recorded_ethnicity is null)::int) from adult") == pytest.approx(
        0.264, abs=0.05
    )
    now = "date '2020-03-01'"
    never = one(db, f"select avg((coalesce(smoking_started, '2100-01-01') > {now})::int) from adult")
    current = one(
        db,
        "select avg((coalesce(smoking_started, '2100-01-01') <= date '2020-03-01' and "
        "coalesce(smoking_stopped, '2100-01-01') > date '2020-03-01')::int) from adult",
    )
    assert never == pytest.approx(0.479, abs=0.07)  # OpenSAFELY, of those with a known status
    assert current == pytest.approx(0.177, abs=0.05)


def test_who_is_measured_depends_on_the_practice(db):
    missing = [
        row[0]
        for row in db.execute("""
            select 1 - avg((patient in (select patient from event where meaning = 'bmi' and recorded))::int)
            from adult group by practice""").fetchall()
    ]
    assert min(missing) < 0.32
    assert max(missing) > 0.42
    assert all(0.1 < m < 0.7 for m in missing)


def test_who_is_measured_depends_on_who_is_ill(db):
    pressures = """
        select avg(n) from (select a.patient, count(e.patient) n from adult a
        left join event e on e.patient = a.patient and e.meaning = 'systolic_bp' and e.recorded
        where (a.patient in (select patient from event where meaning = 'hypertension' and happened)) = {} group by 1)"""
    assert one(db, pressures.format("true")) > 3 * one(db, pressures.format("false"))


def test_pressures_have_the_published_spread(db):
    spread = one(
        db,
        """select median(s) from (select stddev(value) s from event
           where meaning = 'systolic_bp' and happened group by patient having count(*) > 2)""",
    )
    assert spread == pytest.approx(8.9, abs=1.0)  # QRISK3: 9.00 and 8.76
    tens = one(
        db, "select avg((recorded_value % 10 = 0)::int) from event where meaning = 'systolic_bp' and recorded"
    )
    assert 0.2 < tens < 0.45  # chance alone: a tenth


CVD = "('myocardial_infarction', 'stroke', 'angina', 'transient_ischaemic_attack')"


@pytest.fixture(scope="module")
def decade(db):
    """Those of 40 to 79 without an event on 1 January 2008, whether they had one in ten years, and what was so then.

    Lives go on after a patient has left, so nobody is lost.
    """
    db.execute(f"""
        create table decade as
        select sex, date_diff('year', born, date '2008-01-01') age,
          (select min(date) from event e where e.patient = p.patient and happened and meaning in {CVD}) d,
          patient in (select patient from event where meaning = 'diabetes_type_2' and date < '2008-01-01') diabetic,
          patient in (select patient from event where meaning = 'atrial_fibrillation' and date < '2008-01-01') af,
          coalesce(smoking_started, '2100-01-01') < '2008-01-01'
            and coalesce(smoking_stopped, '2100-01-01') > '2008-01-01' smokes
        from patient p where registered < '2008-01-01' and coalesce(died, '2100-01-01') > '2008-01-01'
          and born between '1928-01-01' and '1967-12-31'""")
    db.execute("delete from decade where d < '2008-01-01'")
    db.execute("alter table decade add column event boolean")
    db.execute("update decade set event = coalesce(d < '2018-01-01', false)")
    return db


@pytest.mark.parametrize(
    ("factor", "among"),
    [
        ("diabetic", "true"),
        ("af", "true"),
        ("smokes", "age < 55"),  # smokers are younger than others
        ("sex = 'M'", "true"),
        ("age >= 60", "true"),
    ],
)
def test_cardiovascular_risk_rises_with_its_causes(decade, factor, among):
    with_, without = (
        one(decade, f"select avg(event::int) from decade where {among} and ({factor}) = {there}")
        for there in ("true", "false")
    )
    assert with_ > 1.15 * without


def test_cardiovascular_incidence_is_of_the_published_size(db):
    n, years = db.execute(f"""
        with f as (select patient, min(date) d from event where happened and meaning in {CVD} group by 1),
        x as (select d, greatest(registered, born + interval 25 year, date '1998-01-01') a,
          least(coalesce(deregistered, last_collected), last_collected, born + interval 85 year, date '2015-12-31') z
          from patient left join f using (patient))
        select count(*) filter (d < z), sum(date_diff('day', a, least(z, coalesce(d, z)))) / 365.25
        from x where a < z and (d is null or d > a)""").fetchall()[0]
    assert 1000 * n / years == pytest.approx(7.16, rel=0.25)  # QRISK3, ages 25 to 84


def test_loss_of_smell_tells_the_infected_from_the_others(db):
    near = """
        select avg((exists (select 1 from event s where s.patient = t.patient and s.meaning = 'loss_of_taste_or_smell'
          and s.happened and abs(s.date - t.date) <= 14))::int)
        from event t where t.meaning = '{}' and t.happened and t.reason <> 'false test result'"""
    positive, negative = (one(db, near.format(f"covid_test_{result}")) for result in ("positive", "negative"))
    assert positive == pytest.approx(0.60, abs=0.09)  # ZOE 65 % of those who reported symptoms
    assert negative == pytest.approx(0.22, abs=0.05)


def test_practices_code_few_of_the_symptoms(db):
    coded = one(
        db,
        "select avg(recorded::int) from event where meaning = 'cough' and happened and date > '2020-01-01'",
    )
    assert coded < 0.15


def test_the_old_die_of_covid(db):
    db.execute("""
        create or replace table infected as
        select date_diff('year', born, date) age, coalesce(died <= date + 28, false) dies
        from event join patient using (patient) where meaning = 'covid_infection' and born < '2003-01-01'""")
    young, old = (one(db, f"select avg(dies::int) from infected where age {x}") for x in ("< 60", ">= 75"))
    assert young < 0.01
    assert 0.02 < old < 0.25


def people_at_the_means(sex: int):
    """Two hundred copies of the person at whom QRISK3's published baseline survival stands, without any illness."""
    rng = np.random.default_rng(0)
    people = draw_people(rng, draw_practices(rng, 200), 1, 200)
    q, b = figures()["qrisk3"], figures()["body"]
    people.sex[:] = sex
    people.ethnicity[:] = 0
    people.townsend[:] = q["townsend"][sex]
    people.smoking_start[:] = people.smoking_stop[:] = NEVER
    people.systolic_within[:] = q["systolic_sd"][sex]
    people.total[:], people.hdl[:] = q["ratio"][sex], 1.0
    age = q["age"][sex] + 5.0
    people.birth[:] = day(f"{b['bmi_year']}-01-01") - int(age * YEAR)
    when = np.full(200, day(f"{b['bmi_year']}-01-01"))
    row = np.arange(200)
    people.bmi_factor[:] = 1.0
    people.bmi_factor[:] = q["bmi"][sex] / people.bmi(row, when)
    people.systolic_shift[:] = 0.0
    people.systolic_shift[:] = q["systolic"][sex] - people.systolic(row, when)
    for name in (n for n in figures()["conditions"] if n != "ages"):
        people.onset[name] = np.full(200, NEVER)
    for drug in ("antihypertensives", "corticosteroids", "atypical_antipsychotics"):
        people.course[drug] = (np.full(200, NEVER), np.full(200, NEVER))
    return people, int(age)


@pytest.mark.parametrize("sex", [WOMAN, MAN])
def test_the_hazard_at_the_means_is_the_published_one(sex):
    people, age = people_at_the_means(sex)
    hazard = cardiovascular_hazard(people)[:, age]
    assert hazard == pytest.approx(-np.log(figures()["qrisk3"]["survival"][sex]) / 10, rel=0.05)


def test_the_effect_of_a_condition_is_the_published_one_in_middle_age():
    people, _ = people_at_the_means(WOMAN)
    before = cardiovascular_hazard(people)
    people.onset["atrial_fibrillation"][:] = people.birth
    after = cardiovascular_hazard(people)
    assert after[:, 40] / before[:, 40] == pytest.approx(np.exp(1.59234), rel=1e-6)
    assert np.all(after[:, 80] / before[:, 80] < np.exp(1.59234 * 0.5))


def test_first_events_follow_their_hazard():
    rng = np.random.default_rng(1)
    hazard = np.zeros((40_000, 105))
    hazard[:, 50:60] = 0.03
    found = first(rng, np.zeros(40_000, np.int64), hazard)
    assert (found < NEVER).mean() == pytest.approx(1 - np.exp(-0.3), abs=0.01)
    ages = found[found < NEVER] / YEAR
    assert ages.min() >= 49.99
    assert ages.max() <= 60.0


def shipped(name: str) -> list[dict[str, str]]:
    text = files("locum.cohorts").joinpath("lists", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_every_concept_is_in_the_shipped_list_of_its_meaning_alone():
    meanings = {row["meaning"] for row in clinical().rows if row["meaning"]}
    lists = {name: {row["code"]: row.get("category") for row in shipped(name)} for name in meanings}
    for row in clinical().rows:
        found = {name for name, codes in lists.items() if row["concept"] in codes}
        if row["meaning"] == "" or row["category"] == "%":  # decoys; percent has a code of its own
            assert found == set(), row["term"]
            continue
        assert found == {row["meaning"]}, row["term"]
        if row["category"]:
            assert lists[row["meaning"]][row["concept"]] == row["category"], row["term"]


def test_every_substance_is_in_the_shipped_list_of_its_meaning_alone():
    meanings = {row["meaning"] for row in products().rows if row["meaning"]}
    lists = {name: [row["substance"] for row in shipped(name)] for name in meanings}
    for row in products().rows:
        parts = [part.strip().lower() for part in row["substance"].split("/")]
        found = {
            name
            for name, words in lists.items()
            if any(part == word or part.startswith(word + " ") for part in parts for word in words)
        }
        assert found == ({row["meaning"]} if row["meaning"] else set()), row["product"]
