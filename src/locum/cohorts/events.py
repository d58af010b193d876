"""Events: the records that a cohort's codelists match, one row for each record and list."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from locum.cohorts.definition import Definition, Measurement
from locum.records.contract import Records

CODES = pa.schema([("list", pa.string()), ("code", pa.string()), ("category", pa.string())])
"""Matched codes: which code of the records belongs to which list, as which category."""


def matched(records: Records, codes: Mapping[str, ibis.Table], definition: Definition) -> ibis.Table:
    """Records that a list matches: patient, list, date, category (of lists that have them), value (in its unit).

    codes: for "observation" and "medication" a table as `CODES`; for "admission" one whose codes are ICD-10 prefixes
        without dots. Records without a date match nothing. Implausible values are missing.
    """
    found = []
    if "observation" in codes:
        hits = records.observation.join(codes["observation"], "code")
        value = _plausible(hits, definition)
        found.append(hits.select("patient", "list", "date", "category", value=value))
    if "medication" in codes:
        hits = records.medication.join(codes["medication"], "code")
        found.append(hits.select("patient", "list", "date", "category", value=ibis.null("float64")))
    if "admission" in codes and records.admission is not None:
        stays = records.admission.mutate(icd=records.admission.diagnosis.replace(".", ""))
        prefixes = codes["admission"].rename(prefix="code")
        hits = stays.join(prefixes, stays.icd.startswith(prefixes.prefix))
        found.append(
            hits.select("patient", "list", "category", date=hits.admitted, value=ibis.null("float64"))
        )
    one_shape = [t.select("patient", "list", "date", "category", "value") for t in found]
    return ibis.union(*one_shape).filter(lambda t: t.date.notnull())


def _plausible(hits: ibis.Table, definition: Definition) -> ir.FloatingValue:
    """The value in the declared unit; missing outside the plausible range, and for lists that measure nothing."""
    branches = [(hits.list == name, _converted(hits, m)) for name, m in definition.measurement.items()]
    return ibis.cases(*branches) if branches else ibis.null("float64")


def _converted(hits: ibis.Table, measurement: Measurement) -> ir.FloatingValue:
    unit = hits.unit.lower().replace(" ", "")
    value = hits.value
    if measurement.units:
        factors = {name.lower().replace(" ", ""): factor for name, factor in measurement.units.items()}
        value = value * ibis.cases(*((unit == name, factor) for name, factor in factors.items()), else_=1.0)
    return ibis.ifelse(value.between(*measurement.plausible), value, ibis.null("float64"))


def measured(events: ibis.Table, definition: Definition) -> ibis.Table:
    """One value a day: patient, list, date, value (the median of the day's). Ratios are made of values of one day."""
    values = events.filter(events.list.isin(list(definition.measurement)) & events.value.notnull())
    values = values.select("patient", "list", "date", "value")
    daily = _daily(values)
    ratios = {name: m for name, m in definition.measurement.items() if m.ratio}
    if not ratios:
        return daily
    made = []
    for name, m in ratios.items():
        over, under = (daily.filter(daily.list == part) for part in m.ratio or ())
        both = over.join(under, ["patient", "date"]).filter(lambda t: t.value_right != 0)
        ratio = both.select("patient", "date", list=ibis.literal(name), value=both.value / both.value_right)
        made.append(
            ratio.filter(ratio.value.between(*m.plausible)).select("patient", "list", "date", "value")
        )
    return _daily(ibis.union(values, *made))


def _daily(values: ibis.Table) -> ibis.Table:
    return values.group_by("patient", "list", "date").aggregate(value=values.value.median())
