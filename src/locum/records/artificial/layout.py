"""Rows of the extract as CPRD Aurum 2.9 lays them out: tab-delimited text, identifiers that begin with 9999."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locum.records.artificial.codes import clinical, products
from locum.records.artificial.figures import MAN, NEVER, figures, year_of
from locum.records.artificial.lookups import DIAGNOSES, DOSAGES, OBSERVATION_TYPES
from locum.records.artificial.measurer import CANONICAL
from locum.records.artificial.mess import Closed
from locum.records.artificial.people import People
from locum.records.artificial.practices import Practices
from locum.records.artificial.surgeries import STAFF
from locum.records.artificial.text import Table, dates, decimals, optional, patid, row_id, write
from locum.records.artificial.visits import Visits

STRANGER = 99_990_000  # numbers of patients of whom nothing but a stray row exists begin here


class Layout:
    """Writes one block of patients into FOLDER."""

    def __init__(self, folder: Path, block: int, people: People, practices: Practices) -> None:
        self.folder, self.block, self.people = folder, block, people
        self.pracid = practices.number[people.practice]
        self.patid = patid(people.number, self.pracid)

    def staff(self, rng: np.random.Generator, patient: np.ndarray) -> np.ndarray:
        """Someone of the patient's practice."""
        return np.asarray(self.pracid[patient] * 100 + rng.integers(1, STAFF + 1, len(patient)))

    def patients(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """The patients; returns what is on record of them: acceptable, sex, registered, deregistered, died."""
        p = self.people
        all_ = np.arange(p.count)
        died = np.where(p.died <= np.minimum(p.left, p.last), p.died, NEVER)
        ended = np.minimum(p.left, died)
        ended = np.where(ended <= p.last, ended, NEVER)
        bad = rng.random(p.count) < figures()["registration"]["unacceptable"]
        kind = rng.integers(0, 4, p.count)
        gender = np.where(p.sex == MAN, 1, 2)
        gender = np.where(bad & (kind == 0), 3, gender)
        registered = np.where(bad & (kind == 1), NEVER, p.registered)
        turned = bad & (kind == 2)
        ended = np.where(turned, registered - rng.integers(1, 2000, p.count), ended)
        year = year_of(p.birth)
        shown = np.where(bad & (kind == 3), np.minimum(year, 1899) - rng.integers(0, 15, p.count), year)
        month = p.birth.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
        young = year > year_of(p.last) - 16
        emis = np.where(rng.random(p.count) < 0.9, died, died + rng.integers(-3, 4, p.count))
        write(
            self.folder,
            "patient",
            self.block + 1,
            {
                "patid": self.patid,
                "pracid": self.pracid,
                "usualgpstaffid": self.staff(rng, all_),
                "gender": gender,
                "yob": shown,
                "mob": optional(month, young),
                "emis_ddate": dates(np.where(died < NEVER, emis, NEVER)),
                "regstartdate": dates(registered),
                "patienttypeid": np.full(p.count, 3),
                "regenddate": dates(ended),
                "acceptable": np.where(bad, 0, 1),
                "cprd_ddate": dates(died),
            },
        )
        return {
            "acceptable": ~bad,
            "gender": gender,
            "registered": registered,
            "deregistered": ended,
            "died": died,
            "year": shown,
            "month": np.where(young, month, -1),
        }

    def consultations(self, rng: np.random.Generator, visits: Visits) -> None:
        """One row a visit."""
        patient = visits.patient
        write(
            self.folder,
            "consultation",
            self.block + 1,
            {
                "patid": self.patid[patient],
                "consid": row_id(self.block, np.arange(visits.count)),
                "pracid": self.pracid[patient],
                "consdate": dates(visits.day),
                "enterdate": dates(visits.day),
                "staffid": self.staff(rng, patient),
                "conssourceid": rng.choice(5, visits.count, p=[0.62, 0.2, 0.03, 0.12, 0.03]) + 1,
                "cprdconstype": None,
                "consmedcodeid": None,
            },
        )

    def observations(self, rng: np.random.Generator, closed: Closed) -> None:
        """Observations with their duplicates and strays, and the problems and referrals among them."""
        mess, records = figures()["mess"], closed.records
        rows = len(records["day"])
        patient, code = records["patient"], records["code"]
        kinds = _observation_types()[code]
        obsid = row_id(self.block, np.arange(rows))
        value = records["value"]
        parent = records["parent"]
        columns: Table = {
            "patid": self.patid[patient],
            "consid": optional(row_id(self.block, records["visit"]), records["visit"] >= 0),
            "pracid": self.pracid[patient],
            "obsid": obsid,
            "obsdate": dates(records["day"]),
            "enterdate": dates(records["entered"]),
            "staffid": self.staff(rng, patient),
            "parentobsid": optional(row_id(self.block, parent), parent >= 0),
            "medcodeid": _identifiers("medcodeid")[code],
            "value": decimals(value),
            "numunitid": optional(records["unit"], records["unit"] > 0),
            "obstypeid": kinds,
            "numrangelow": None,
            "numrangehigh": None,
            "probobsid": None,
        }
        empty = pa.nulls(rows, pa.string())
        table = pa.table({name: empty if c is None else c for name, c in columns.items()})
        again = np.flatnonzero(rng.random(rows) < mess["duplicated_rows"])
        stray = np.flatnonzero(rng.random(rows) < mess["orphans"])
        strays = table.take(pa.array(stray))
        stranger = patid(STRANGER + rng.integers(0, 9000, len(stray)), self.pracid[patient[stray]])
        strays = strays.set_column(0, "patid", pa.array(stranger))
        strays = strays.set_column(3, "obsid", pa.array(row_id(self.block, rows + np.arange(len(stray)))))
        none = pa.nulls(len(stray), pa.int64())
        strays = strays.set_column(1, "consid", none).set_column(7, "parentobsid", none)
        table = pa.concat_tables([table, table.take(pa.array(again)), strays])
        write(
            self.folder,
            "observation",
            self.block + 1,
            dict(zip(table.column_names, table.columns, strict=True)),
        )
        self._problems(rng, closed, obsid)
        self._referrals(rng, closed, obsid)

    def _problems(self, rng: np.random.Generator, closed: Closed, obsid: np.ndarray) -> None:
        rows = np.flatnonzero(closed.records["problem"])
        patient = closed.records["patient"][rows]
        write(
            self.folder,
            "problem",
            self.block + 1,
            {
                "patid": self.patid[patient],
                "obsid": obsid[rows],
                "pracid": self.pracid[patient],
                "parentprobobsid": None,
                "probenddate": None,
                "expduration": None,
                "lastrevdate": dates(closed.records["entered"][rows]),
                "lastrevstaffid": self.staff(rng, patient),
                "parentprobrelid": None,
                "probstatusid": 1 + (rng.random(len(rows)) < 0.2),
                "signid": 1 + (rng.random(len(rows)) < 0.7),
            },
        )

    def _referrals(self, rng: np.random.Generator, closed: Closed, obsid: np.ndarray) -> None:
        rows = np.flatnonzero(_referral_codes()[closed.records["code"]])
        patient = closed.records["patient"][rows]
        write(
            self.folder,
            "referral",
            self.block + 1,
            {
                "patid": self.patid[patient],
                "obsid": obsid[rows],
                "pracid": self.pracid[patient],
                "refsourceorgid": None,
                "reftargetorgid": None,
                "refurgencyid": rng.integers(1, 4, len(rows)),
                "refservicetypeid": rng.integers(1, 4, len(rows)),
                "refmodeid": rng.integers(1, 3, len(rows)),
            },
        )

    def issues(self, rng: np.random.Generator, closed: Closed) -> None:
        """One row an issue of a medicine."""
        issues = closed.issues
        patient, rows = issues["patient"], len(issues["day"])
        dosage = np.array([f"artificial{n}" for n in range(1, len(DOSAGES) + 1)])
        write(
            self.folder,
            "drugissue",
            self.block + 1,
            {
                "patid": self.patid[patient],
                "issueid": row_id(self.block, np.arange(rows)),
                "pracid": self.pracid[patient],
                "probobsid": None,
                "drugrecid": row_id(self.block, np.arange(rows)),
                "issuedate": dates(issues["day"]),
                "enterdate": dates(issues["entered"]),
                "staffid": self.staff(rng, patient),
                "prodcodeid": _identifiers("prodcodeid")[issues["product"]],
                "dosageid": pc.take(pa.array(dosage), pa.array(rng.integers(0, len(DOSAGES), rows))),
                "quantity": decimals(issues["quantity"]),
                "quantunitid": np.ones(rows, np.int8),
                "duration": issues["days"],
                "estnhscost": decimals(np.round(rng.gamma(2.0, 2.0, rows), 2)),
            },
        )

    def admissions(self, rng: np.random.Generator, closed: Closed) -> None:
        """The linked hospital admissions."""
        found = closed.admissions
        codes = pa.array(DIAGNOSES).take(pa.array(found["diagnosis"]))
        columns = {
            "patid": self.patid[found["patient"]],
            "spno": row_id(self.block, np.arange(len(found["day"]))),
            "admidate": dates(found["day"]),
            "discharged": dates(found["discharged"]),
            "ICD_PRIMARY": codes,
            "icdx": None,
        }
        write(self.folder, "hes_primary_diag_hosp", self.block + 1, columns)


@cache
def _identifiers(column: str) -> np.ndarray:
    rows = clinical().rows if column == "medcodeid" else products().rows
    return np.array([int(row[column]) for row in rows])


@cache
def _observation_types() -> np.ndarray:
    """The type of observation of each clinical code."""
    number = {name: n for n, name in enumerate(OBSERVATION_TYPES, 1)}

    def kind(meaning: str, group: str) -> str:
        if meaning in CANONICAL:
            return "Value"
        if meaning.endswith("vaccination"):
            return "Immunisation"
        if meaning == "family_history_chd":
            return "Family history"
        return (
            {"letter": "Document", "blood": "Test result"}.get(group, "Observation")
            if not meaning
            else "Observation"
        )

    return np.array([number[kind(row["meaning"], row["category"])] for row in clinical().rows], np.int8)


@cache
def _referral_codes() -> np.ndarray:
    return np.array([row["term"].startswith("Referral") for row in clinical().rows])
