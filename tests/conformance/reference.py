"""What a cohort definition means, in plain Python: one patient after the other, no engine, no data frame.

Written from docs/reference/cohort-toml.md alone, so that it shares no mistake with what `locum.cohorts` compiles.
Records are lists of dicts by table of the contract; an unlinked table of admissions is None.
"""

from __future__ import annotations

import calendar
import datetime
import statistics
from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from locum.cohorts.definition import Definition, Measure, Step
from locum.cohorts.matched_lists import MatchedList
from locum.cohorts.moments import DATES, Moment, read_moment

Row = dict[str, Any]
Tables = Mapping[str, list[Row] | None]
Day = datetime.date

INDEX, END = Moment("index", 0, "days"), Moment("end", 0, "days")


class Event(NamedTuple):
    """A record that a codelist matches."""

    day: Day
    value: float | None
    unit: str | None
    category: str | None


def draw(
    tables: Tables, definition: Definition, lists: Mapping[str, MatchedList]
) -> tuple[list[Row], list[int]]:
    """The cohort, ordered by patient, and how many patients there were at first and after each step."""
    practices = {row["practice"]: row for row in tables["practice"] or []}
    own: dict[str, dict[str, list[Row]]] = {row["patient"]: {} for row in tables["patient"] or []}
    for name in ("observation", "medication", "consultation", "admission"):
        for row in tables[name] or []:
            own.get(row["patient"], {}).setdefault(name, []).append(row)
    linked = tables["admission"] is not None
    patients = [
        Patient(row, practices.get(row["practice"], {}), own[row["patient"]], definition, lists, linked)
        for row in sorted(tables["patient"] or [], key=lambda row: row["patient"])
    ]
    left = [len(patients)]
    for step in definition.step:
        patients = [patient for patient in patients if patient.passes(step)]
        left.append(len(patients))
    return [patient.described() for patient in patients], left


class Patient:
    """One patient: the dates, the events of each codelist, and what a definition makes of them."""

    def __init__(
        self,
        row: Row,
        practice: Row,
        own: Mapping[str, list[Row]],
        definition: Definition,
        lists: Mapping[str, MatchedList],
        linked: bool,
    ) -> None:
        self.row, self.practice, self.definition, self.lists = row, practice, definition, lists
        self.linked = linked
        self.seen = {r["date"] for r in own.get("consultation", []) if r["date"]}
        self.events = {name: list(_events(matched, own)) for name, matched in lists.items()}
        self.dates: dict[str, Day | None] = {
            "born": _born(row),
            **{name: row[name] for name in ("registered", "deregistered", "died")},
            "last_collected": practice.get("last_collected"),
        }
        self.dates["index"] = self._index()
        known = [day for day in map(self.day, definition.follow_up.earliest_of) if day]
        self.dates["end"] = min(known, default=None)

    def day(self, moment: Moment) -> Day | None:
        """The day of MOMENT, None when it is unknown."""
        day = self.dates[moment.base] if moment.base in DATES else Day.fromisoformat(moment.base)
        return _moved(day, moment.number, moment.unit) if day else None

    def _index(self) -> Day | None:
        index = self.definition.index
        if index.latest_of:
            days = [self.day(moment) for moment in index.latest_of]
            return None if None in days else max(days)
        for names in (index.first, index.otherwise):
            events = self._within(self._of(names), index.from_, index.to)
            if events:
                return min(event.day for event in events)
        return None

    def _of(self, names: Iterable[str]) -> list[Event]:
        return [event for name in names for event in self.events[name]]

    def _holds(self, day: Day | None, start: Moment | None, end: Moment | None) -> bool:
        """Whether DAY lies in the window; START and END None: open."""
        first, last = start and self.day(start), end and self.day(end)
        if day is None or (start and first is None) or (end and last is None):
            return False
        return (first is None or first <= day) and (last is None or day <= last)

    def _within(self, events: list[Event], start: Moment | None, end: Moment | None) -> list[Event]:
        return [event for event in events if self._holds(event.day, start, end)]

    def _age(self, at: Moment) -> int | None:
        born, day = self.dates["born"], self.day(at)
        if born is None or day is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    # --- steps ---

    def passes(self, step: Step) -> bool:
        """Whether STEP keeps the patient. What is unknown does not hold."""
        if step.is_ == "index":
            return self.dates["index"] is not None
        if step.is_ == "acceptable":
            return self.row["acceptable"] is True
        if step.is_ == "sex":
            return self.row["sex"] in step.among
        if step.is_ == "age":
            age = self._age(step.at)
            return age is not None and step.between[0] <= age <= step.between[1]
        if step.is_ == "known":
            return all(self.day(read_moment(text)) is not None for text in step.all_)
        if step.is_ == "dates":
            return all(self._compares(text) for text in step.all_)
        found = self._within(self._of(step.of), step.from_, step.to or INDEX)
        return bool(found) == (step.is_ == "ever")

    def _compares(self, text: str) -> bool:
        sign = next(sign for sign in ("<=", ">=", "<", ">") if sign in text)
        left, right = (self.day(read_moment(part)) for part in text.split(sign))
        if left is None or right is None:
            return False
        return {"<=": left <= right, ">=": left >= right, "<": left < right, ">": left > right}[sign]

    # --- variables ---

    def described(self) -> Row:
        """The patient's row of the cohort."""
        values: Row = {}
        for variable in self.definition.variable:
            values[variable.name] = self._value(variable, values)
        return {"patient": self.row["patient"], **{v.name: values[v.name] for v in self.definition.kept}}

    def _value(self, v: Measure, before: Row) -> Any:
        looks_at = {self.lists[name].table for name in v.codelists}
        if looks_at == {"admission"} and not self.linked:
            return None
        return getattr(self, f"_is_{v.is_}")(v, before)

    def _is_sex(self, v: Measure, before: Row) -> str | None:
        return self.row["sex"]

    def _is_region(self, v: Measure, before: Row) -> str | None:
        return self.practice.get("region")

    def _is_age(self, v: Measure, before: Row) -> int | None:
        return self._age(v.at)

    def _is_date(self, v: Measure, before: Row) -> Day | str | None:
        day = self.day(v.at)
        return f"{day:%Y-%m}" if day and v.precision == "month" else day

    def _is_happened(self, v: Measure, before: Row) -> int:
        return int(self._holds(self.day(v.at), v.from_, v.to or INDEX))

    def _days(self, v: Measure) -> set[Day]:
        return {event.day for event in self._within(self._of(v.of), v.from_, v.to or INDEX)}

    def _is_ever(self, v: Measure, before: Row) -> int:
        return int(len(self._days(v)) >= v.at_least)

    def _is_count(self, v: Measure, before: Row) -> int:
        return len(self._days(v))

    def _is_consultations(self, v: Measure, before: Row) -> int:
        return sum(self._holds(day, v.from_, v.to or INDEX) for day in self.seen)

    def _values(self, v: Measure) -> dict[Day, float]:
        measured = self._measured(v.of[0])
        return {day: measured[day] for day in sorted(measured) if self._holds(day, v.from_, v.to or INDEX)}

    def _is_latest(self, v: Measure, before: Row) -> float | None:
        values = list(self._values(v).values())
        return _rounded(values[-1], v.precision) if values else None

    def _is_mean(self, v: Measure, before: Row) -> float | None:
        values = list(self._values(v).values())
        return _rounded(statistics.fmean(values), v.precision) if values else None

    def _is_sd(self, v: Measure, before: Row) -> float | None:
        values = list(self._values(v).values())
        return _rounded(statistics.stdev(values), v.precision) if len(values) >= 2 else None

    def _is_category(self, v: Measure, before: Row) -> str | None:
        levels = v.levels or self.lists[v.of[0]].categories
        events = self._within(self._of(v.of), v.from_, v.to or INDEX)
        found = [(event.day, levels.index(event.category)) for event in events if event.category in levels]
        return levels[max(found)[1]] if found else None

    def _is_which(self, v: Measure, before: Row) -> str | None:
        for label, names in v.labels.items():
            if self._within(self._of(names), v.from_, v.to or INDEX):
                return label
        return v.otherwise

    def _is_first_after(self, v: Measure, before: Row) -> int | None:
        start = v.from_ or INDEX
        events = self._within(self._of(v.of), start, v.to or END)
        return (min(event.day for event in events) - self.day(start)).days if events else None

    def _is_time_to(self, v: Measure, before: Row) -> int | None:
        first, start, end = self._is_first_after(v, before), self.day(v.from_ or INDEX), self.day(v.to or END)
        if first is not None or start is None or end is None:
            return first
        return (end - start).days

    def _is_all(self, v: Measure, before: Row) -> int | None:
        parts = [before[name] for name in v.of]
        return 0 if 0 in parts else None if None in parts else 1

    def _is_any(self, v: Measure, before: Row) -> int | None:
        parts = [before[name] for name in v.of]
        return 1 if 1 in parts else None if None in parts else 0

    def _measured(self, name: str) -> dict[Day, float]:
        """The value of each day with a measurement, in the unit of the definition."""
        how = self.definition.measurement[name]
        factors = {_plain(unit): factor for unit, factor in how.units.items()}
        values: dict[Day, list[float]] = {}
        for event in self.events[name]:
            if event.value is not None:
                value = event.value * factors.get(_plain(event.unit or ""), 1.0)
                values.setdefault(event.day, []).append(value)
        if how.ratio:
            above, below = (self._measured(part) for part in how.ratio)
            for day in above.keys() & below.keys():
                if below[day] != 0:
                    values.setdefault(day, []).append(above[day] / below[day])
        least, greatest = how.plausible
        believed = {day: [v for v in some if least <= v <= greatest] for day, some in values.items()}
        return {day: statistics.median(some) for day, some in believed.items() if some}


def _events(matched: MatchedList, own: Mapping[str, list[Row]]) -> Iterable[Event]:
    """The events of one patient that a codelist matches. ICD-10 codes are prefixes; their dots do not matter."""
    for record in own.get(matched.table, []):
        for code, category in dict.fromkeys(matched.codes):
            if matched.table == "admission":
                prefix, diagnosis = code.replace(".", ""), (record["diagnosis"] or "").replace(".", "")
                if record["admitted"] and diagnosis.startswith(prefix):
                    yield Event(record["admitted"], None, None, category)
            elif record["date"] and record["code"] == code:
                yield Event(record["date"], record.get("value"), record.get("unit"), category)


def _born(row: Row) -> Day | None:
    if row["birth_year"] is None:
        return None
    month = row["birth_month"]
    return Day(row["birth_year"], month, 15) if month else Day(row["birth_year"], 7, 1)


def _moved(day: Day, number: int, unit: str) -> Day:
    """DAY moved; where the month is shorter, its last day."""
    if unit == "days":
        return day + datetime.timedelta(days=number)
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "years" else 1)
    year, month = months // 12, months % 12 + 1
    return Day(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _rounded(value: float, precision: float | str | None) -> float:
    """VALUE to a multiple of PRECISION, halves upward, as a person does it: in decimals, 24.35 to 24.4."""
    if precision is None:
        return value
    step = Decimal(str(precision))
    # Twelve digits: what arithmetic in binary adds to a value is not the value.
    exact = Decimal(f"{value:.12g}")
    return float((exact / step + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * step)


def _plain(unit: str) -> str:
    return "".join(unit.split()).lower()
