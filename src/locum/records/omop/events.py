"""From the tables of events of OMOP to the contract's observation, medication, consultation and admission.

Primary keys carry a letter for the table they are from, since OMOP numbers each table by itself: c (condition),
m (measurement), o (observation), p (procedure). Nothing in OMOP says when a row was entered.
"""

from __future__ import annotations

import ibis

from locum.records.omop.people import Tables, known

UNMAPPED = "0"
"""The code of an event with neither a concept nor a source concept. It is kept, so that it is counted, and carries
nothing of the source's words, which may be anything that was typed in."""
INPATIENT = ("9201", "262", "8717")
"""Visit concepts: inpatient visit, emergency room and inpatient visit, inpatient hospital."""
_PRIMARY_STATUS = ("32902", "32903")  # primary diagnosis, primary discharge diagnosis
_PRIMARY_TYPE = ("44786627", "38000183", "38000199", "38000184", "38000200")
"""Condition types up to 2020: primary condition; inpatient detail and header, primary and first position."""
_OBSERVED = {
    "condition_occurrence": ("c", "condition", "condition_start_date"),
    "measurement": ("m", "measurement", "measurement_date"),
    "observation": ("o", "observation", "observation_date"),
    "procedure_occurrence": ("p", "procedure", "procedure_date"),
}
OBSERVED = tuple(_OBSERVED)


def observations(t: Tables, kept: ibis.Table) -> ibis.Table:
    """A row for each condition, measurement, observation and procedure, with `reason` where it cannot be used.

    A result that is a concept and not a number ("positive") makes the code: "concept:value concept".
    """
    return ibis.union(*(_observed(t, kept, table) for table in _OBSERVED), distinct=False)


def _observed(t: Tables, kept: ibis.Table, table: str) -> ibis.Table:
    prefix, stem, day = _OBSERVED[table]
    rows = t[table]
    code = _code(rows, stem)
    value, unit = ibis.null("float64"), ibis.null("string")
    if "value_as_number" in rows.columns:
        units = _units(t, rows)
        rows = rows.left_join(units, rows.unit_concept_id == units.of_unit)
        code = _code(rows, stem)
        result = known(rows.value_as_concept_id)
        coded = rows.value_as_number.isnull() & result.notnull() & (code != UNMAPPED)
        code = ibis.ifelse(coded, code + ":" + result, code)
        value, unit = rows.value_as_number, rows.unit_name.fill_null(rows.unit_source_value)
    return rows.select(
        patient=rows.person_id,
        observation=ibis.literal(prefix) + rows[f"{table}_id"],
        consultation=known(rows.visit_occurrence_id),
        date=rows[day],
        entered=ibis.null("date"),
        code=code,
        value=value,
        unit=unit,
        origin=ibis.literal(table),
        reason=_reason(rows, kept, rows[f"{table}_id"], rows[day]),
    )


def _code(rows: ibis.Table, stem: str) -> ibis.Value:
    standard, source = known(rows[f"{stem}_concept_id"]), known(rows[f"{stem}_source_concept_id"])
    return standard.fill_null(source).fill_null(UNMAPPED)


def _units(t: Tables, rows: ibis.Table) -> ibis.Table:
    """What each unit is called: its UCUM code (mg/dL), as sources and definitions write it, not the name in full."""
    concept = t["concept"]
    used = concept.filter(concept.concept_id.isin(rows.unit_concept_id), concept.concept_id != "0")
    symbol = ibis.ifelse(used.vocabulary_id == "UCUM", used.concept_code, used.concept_name)
    return used.mutate(symbol=symbol).group_by(of_unit="concept_id").agg(unit_name=ibis._.symbol.min())


def _reason(rows: ibis.Table, kept: ibis.Table, key: ibis.Value, day: ibis.Value) -> ibis.Value:
    return ibis.cases(
        (rows.person_id.isnull(), "no person"),
        (key.isnull(), "no identifier"),
        (day.isnull(), "no date"),
        (~rows.person_id.isin(kept.patient), "unknown person"),
    )


def medications(t: Tables, kept: ibis.Table) -> ibis.Table:
    """A row for each drug exposure, with `reason` where it cannot be used.

    The code is the source concept where that is a dm+d code, which says more than the RxNorm concept it maps to.
    Days are days_supply, else first to last day; an exposure that ends on the day it starts has none, since that is
    what sources write that know no end.
    """
    rows = t["drug_exposure"]
    code = medication_code(t, rows)
    start, end = rows.drug_exposure_start_date, rows.drug_exposure_end_date
    span = ibis.ifelse(end > start, end.delta(start, unit="day") + 1, None)
    supply = ibis.ifelse(rows.days_supply.between(1, 2**31 - 1), rows.days_supply, None)
    return rows.select(
        patient=rows.person_id,
        issue=rows.drug_exposure_id,
        date=start,
        entered=ibis.null("date"),
        code=code,
        quantity=ibis.ifelse(rows.quantity > 0, rows.quantity, None),
        days=supply.fill_null(span.cast("float64")).cast("int32"),
        reason=_reason(rows, kept, rows.drug_exposure_id, start),
    )


def medication_code(t: Tables, rows: ibis.Table) -> ibis.Value:
    """The code of each row of drug_exposure."""
    concept = t["concept"]
    dmd = concept.filter(concept.vocabulary_id == "dm+d").concept_id
    return ibis.ifelse(
        rows.drug_source_concept_id.isin(dmd), rows.drug_source_concept_id, _code(rows, "drug")
    )


def consultations(t: Tables, kept: ibis.Table) -> ibis.Table:
    """A row for each visit, with `reason` where it cannot be used."""
    rows, concept = t["visit_occurrence"], t["concept"]
    kinds = concept.filter(concept.concept_id.isin(rows.visit_concept_id), concept.concept_id != "0")
    kinds = kinds.group_by(of_kind=kinds.concept_id).agg(kind=kinds.concept_name.min())
    rows = rows.left_join(kinds, rows.visit_concept_id == kinds.of_kind)
    return rows.select(
        patient=rows.person_id,
        consultation=rows.visit_occurrence_id,
        date=rows.visit_start_date,
        entered=ibis.null("date"),
        source=rows.kind,
        visit=rows.visit_occurrence_id,
        visit_concept=rows.visit_concept_id,
        ended=rows.visit_end_date,
        reason=_reason(rows, kept, rows.visit_occurrence_id, rows.visit_start_date),
    )


def admissions(t: Tables, visits: ibis.Table) -> ibis.Table:
    """A row for each inpatient visit; its diagnosis is the primary one, where the source has that in ICD-10.

    visits: the kept rows of `consultations`.
    """
    condition, concept = t["condition_occurrence"], t["concept"]
    stays = visits.filter(visits.visit_concept.isin(INPATIENT))
    icd = concept.filter(concept.vocabulary_id.startswith("ICD10"), concept.vocabulary_id != "ICD10PCS")
    icd = icd.select(icd_id=icd.concept_id, icd_code=icd.concept_code)
    primary = condition.filter(
        condition.condition_status_concept_id.isin(_PRIMARY_STATUS)
        | condition.condition_type_concept_id.isin(_PRIMARY_TYPE)
    )
    found = primary.inner_join(icd, primary.condition_source_concept_id == icd.icd_id)
    found = found.group_by(whose=found.person_id, during=found.visit_occurrence_id).agg(
        diagnosis=found.icd_code.min()
    )
    joined = stays.left_join(found, (stays.visit == found.during) & (stays.patient == found.whose))
    return joined.select(
        patient=joined.patient,
        admission=joined.consultation,
        admitted=joined.date,
        discharged=joined.ended,
        diagnosis=joined.diagnosis,
    )
