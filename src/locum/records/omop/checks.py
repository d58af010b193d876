"""The data-quality report of an OMOP database: counts, never a value of a patient."""

from __future__ import annotations

from datetime import date

import ibis

from locum.records.omop.columns import unreadable
from locum.records.omop.events import OBSERVED, UNMAPPED
from locum.records.omop.people import Tables, runs_of
from locum.records.omop.sift import CLASH, CUT, DUPLICATE, REASONS, REPEATED, REPEATED_MEANING, Sifted
from locum.records.omop.source import Source
from locum.records.omop.specification import WITHOUT
from locum.records.quality import Check, Finding, TableCount

FAULT_SHARE = 0.5  # of rows unfit: more is lost than kept, so something went wrong before us
FEW_DEATHS = (
    0.01  # of patients: some 1 % of a population die in each year, so less in all years is not complete
)
NO_VALUES_SHARE = 0.5  # of measurements; some are made without a number, such as a culture
_OF_EVENTS = tuple(reason for reason in REASONS if reason != CLASH)
_UNFIT = {
    "patient": ("no person", DUPLICATE, CLASH, CUT),
    "observation": _OF_EVENTS,
    "medication": _OF_EVENTS,
    "consultation": _OF_EVENTS,
}


def counts(done: dict[str, Sifted], parts: dict[str, int]) -> tuple[TableCount, ...]:
    """The rows of each table of the contract."""
    return tuple(
        TableCount(table=n, parts=parts[n], read=s.read, kept=s.kept, quarantined=s.quarantined)
        for n, s in done.items()
    )


def judge(
    t: Tables, done: dict[str, Sifted], source: Source, connection: ibis.BaseBackend, today: date
) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """All checks, and what fits none of them."""
    checks = [_unfit(name, reason, done[name]) for name, reasons in _UNFIT.items() for reason in reasons]
    checks += [
        _check(REPEATED, n, REPEATED_MEANING, s.renumbered, s.kept)
        for n, s in done.items()
        if n in _UNFIT and n != "patient"
    ]
    checks += _people(t, done, connection)
    checks += _measured(t, done, source, connection)
    for name, day in (
        ("observation", "date"),
        ("medication", "date"),
        ("consultation", "date"),
        ("patient", "died"),
    ):
        checks += _timed(t, name, day, done[name], connection, today)
    checks += _coded(done, connection)
    checks += _cells(source, connection) + _cut(source, connection)
    return tuple(checks), _notices(t, done, source, connection)


def _check(
    name: str, table: str, meaning: str, found: int, of: int, worst: Finding = Finding.WARNING
) -> Check:
    finding = worst if found else Finding.FINE
    return Check(name=name, table=table, meaning=meaning, found=found, of=of, finding=finding)


def _unfit(table: str, reason: str, sifted: Sifted) -> Check:
    found = sifted.reasons[reason]
    worst = Finding.FAULT if found > FAULT_SHARE * sifted.read else Finding.WARNING
    return _check(reason, table, REASONS[reason], found, sifted.read, worst)


def _people(t: Tables, done: dict[str, Sifted], connection: ibis.BaseBackend) -> list[Check]:
    p, of = done["patient"].table, done["patient"].kept
    periods = t["observation_period"]
    runs = runs_of(periods)
    several = runs.group_by("run_person").having(runs.count() > 1).agg(n=runs.count())
    stray = periods.filter(periods.person_id.isnull() | ~periods.person_id.isin(p.patient))
    answer = connection.to_pyarrow(
        p.agg(
            unregistered=p.registered.isnull().sum(),
            sexless=p.sex.isnull().sum(),
            ageless=p.birth_year.isnull().sum(),
        )
    ).to_pylist()[0]
    gaps = connection.execute(several.filter(several.run_person.isin(p.patient)).count())
    return [
        _check("no observation period", "patient", "Persons without a period of observation; kept, but when they "
               "were registered is missing, so that no cohort takes them.", answer["unregistered"], of),
        _check("gap in observation", "patient", "Persons who were not observed for more than a month between two "
               "periods; registered is the start of the last.", gaps, of, Finding.NOTE),
        _check("period of an unknown person", "patient", "Periods of observation of a person that is not in person; "
               "not used.", connection.execute(stray.count()), connection.execute(periods.count()), Finding.NOTE),
        _check("sex unknown", "patient", "Patients whose gender concept is none of male, female, other and ambiguous; "
               "sex is missing.", answer["sexless"], of),
        _check("birth year unknown", "patient", "Patients without a year of birth; kept, without an age.",
               answer["ageless"], of),
    ]  # fmt: skip


def _measured(
    t: Tables, done: dict[str, Sifted], source: Source, connection: ibis.BaseBackend
) -> list[Check]:
    if "measurement" not in source.tables:
        return []
    o = done["observation"].table
    m = o.filter(o.observation.startswith("m"))
    answer = connection.to_pyarrow(
        m.agg(all=m.count(), bare=(m.value.isnull() & ~m.code.contains(":")).sum())
    ).to_pylist()[0]
    bare, of = answer["bare"] or 0, answer["all"]
    worst = Finding.WARNING if bare > NO_VALUES_SHARE * of else Finding.NOTE
    results = connection.execute(o.filter(o.code.contains(":")).count())
    return [
        _check("measurement without a value", "observation", "Measurements with neither a number nor a concept as "
               "result; kept, and say only that it was measured.", bare, of, worst),
        _check("result as a concept", "observation", "Results such as positive and negative, which are concepts; their "
               "code is concept:result, and a codelist has to name it so.", results, done["observation"].kept,
               Finding.NOTE),
    ]  # fmt: skip


def _timed(
    t: Tables, name: str, day: str, sifted: Sifted, connection: ibis.BaseBackend, today: date
) -> list[Check]:
    rows = sifted.table
    checks = [
        _check("date in the future", name, "Rows of a day after today; kept as they are.",
               connection.execute(rows.filter(rows[day] > today).count()), sifted.kept),
    ]  # fmt: skip
    if name != "patient":
        runs = runs_of(t["observation_period"])
        inside = rows.inner_join(
            runs,
            (rows.patient == runs.run_person) & (rows[day] >= runs.run_start) & (rows[day] <= runs.run_end),
        )
        outside = sifted.kept - connection.execute(inside.count())
        checks.append(
            _check("outside observation", name, "Rows of a day on which the person was not under observation; kept, "
                   "as history.", outside, sifted.kept, Finding.NOTE)
        )  # fmt: skip
    return checks


def _coded(done: dict[str, Sifted], connection: ibis.BaseBackend) -> list[Check]:
    checks = []
    for name, dictionary in (("observation", "clinical_code"), ("medication", "product")):
        rows, codes = done[name].table, done[dictionary].table
        unmapped = connection.execute(rows.filter(rows.code == UNMAPPED).count())
        nameless = connection.execute(codes.filter(codes.term.isnull()).count())
        checks += [
            _check("concept 0", name, "Rows that the source could not map to a concept; kept with the code 0, which "
                   "no codelist holds.", unmapped, done[name].kept),
            _check("code not in concept", dictionary, "Codes that occur but are not in concept; kept without a term.",
                   nameless, done[dictionary].kept),
        ]  # fmt: skip
    return checks


def _cells(source: Source, connection: ibis.BaseBackend) -> list[Check]:
    checks = []
    for name, table in source.tables.items():
        scalar = unreadable(table, name)
        if scalar is not None and (found := connection.execute(scalar)) and found == found:
            of = connection.execute(table.count())
            checks.append(
                _check("unreadable date or number", name, "Cells of text where a date (YYYY-MM-DD) or a number should "
                       "be; taken as missing.", int(found), of)
            )  # fmt: skip
    return checks


def _cut(source: Source, connection: ibis.BaseBackend) -> list[Check]:
    """Lines of tables that do not become a table of the contract each, such as concept."""
    checks = []
    for name in sorted(set(source.unread) - {"person", "drug_exposure", "visit_occurrence", *OBSERVED}):
        found = connection.execute(source.unread[name].count())
        of = found + connection.execute(source.tables[name].count())
        checks.append(_check(CUT, name, REASONS[CUT], found, of))
    return checks


def _notices(
    t: Tables, done: dict[str, Sifted], source: Source, connection: ibis.BaseBackend
) -> tuple[str, ...]:
    p, notices = done["patient"], []
    for name in source.headed:
        rows = connection.execute(t[name].count()) if name in source.tables else 0
        notices.append(
            f"The table {name} had its column names in a row, as data; the names are read from it, "
            f"which leaves {rows:,} {'row' if rows == 1 else 'rows'}."
        )
    notices += [
        f"There is no table {name}: {so}." for name, so in WITHOUT.items() if name not in source.tables
    ]
    notices += [
        f"The table {name} has no rows: {WITHOUT[name]}."
        for name in (
            "observation_period",
            "visit_occurrence",
            "condition_occurrence",
            "drug_exposure",
            "measurement",
        )
        if name in source.tables and not connection.execute(t[name].count())
    ]
    deaths = connection.execute(p.table.died.count())
    if deaths < FEW_DEATHS * p.kept:
        counted = {0: "No death", 1: "1 death"}.get(deaths, f"{deaths:,} deaths")
        notices.append(
            f"{counted} among {p.kept:,} patients: deaths are not complete, "
            "and an outcome with death in it means little."
        )
    return tuple(notices)
