"""A cohort's definition: a TOML file that says who is in, when each patient is described, and by what.

Windows are closed: the day of ``from`` and the day of ``to`` are within. Records of one day count once: several values
of a measurement on a day are their median, several categories the one listed last.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from locum.cohorts.faults import told
from locum.cohorts.moments import DATES, Moment, read_moment
from locum.errors import BadInput
from locum.records.contract import SEXES
from locum.variables.variable import Role

SHIPPED = Path(__file__).parent / "definitions"


def _moment(given: Any) -> Moment:
    """A moment in quotes, or a day as TOML writes it."""
    return given if isinstance(given, Moment) else read_moment(str(given))


When = Annotated[Moment, BeforeValidator(_moment)]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda one: (one,) if isinstance(one, str) else one)]


YES_NO = ("ever", "happened", "all", "any")
"""The kinds of variables that are 0 or 1."""

Entry = TypeVar("Entry", "Step", "Measure")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Index(_Strict):
    """The index date, by which each patient is described: the latest of some days, or the day of a first event.

    A patient has none, and is left out, when one of the days of `latest_of` is unknown or no such event is recorded.
    """

    latest_of: tuple[When, ...] = ()
    first: Names = ()  # codelists
    otherwise: Names = ()  # codelists, for those with no event of `first`
    from_: When | None = Field(None, alias="from")  # of first and otherwise
    to: When | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Index:
        if bool(self.latest_of) == bool(self.first):
            raise ValueError("give latest_of or first, one of them")
        if self.latest_of and (self.otherwise or self.from_ or self.to):
            raise ValueError("from, to and otherwise belong to first; take them out beside latest_of")
        for moment in (*self.latest_of, self.from_, self.to):
            if moment is not None and moment.base in ("index", "end"):
                raise ValueError(f'the index date cannot depend on "{moment.base}"')
        return self


class FollowUp(_Strict):
    """The end of follow-up, named ``end``: the earliest of some days, those unknown left out."""

    earliest_of: tuple[When, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _not_itself(self) -> FollowUp:
        if any(moment.base == "end" for moment in self.earliest_of):
            raise ValueError('the end of follow-up cannot depend on "end"')
        return self


class Measurement(_Strict):
    """How the values of a codelist are read. Values in another unit are converted, implausible ones are left out.

    units: what one of another unit is in `unit`, such as ``{ "mg/dL" = 0.02586 }``; any other unit, and none, is
        taken as `unit`. Upper and lower case and blanks do not matter.
    plausible: least and greatest value that is believed.
    ratio: two other measurements; where both were made on a day, their ratio is a value too.
    """

    unit: str | None = None
    plausible: tuple[float, float]
    units: dict[str, float] = {}
    ratio: tuple[str, str] | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Measurement:
        _in_order("plausible", self.plausible)
        if any(factor <= 0 for factor in self.units.values()):
            raise ValueError("units says what one of another unit is in this one, more than 0")
        return self


class Window(_Strict):
    """Days from `from_` to `to`, both within; without `from_` from the first record on."""

    from_: When | None = Field(None, alias="from")
    to: When | None = None


class Step(Window):
    """Who is kept. Steps are applied in order, and each is a line of the attrition chart.

    index: an index date is known; every definition has this step once.
    acceptable: of research quality by the standard of the source.
    sex: sex is one of `among`.
    age: age in whole years at `at` is within `between`, both ends included.
    dates: all of `all_` hold: "registered + 1 year <= index", with <, <=, > or >=; an unknown day holds for none.
    known: all of `all_` are known: "registered".
    ever: a record of one of the codelists `of` in the window; never: none.
    """

    label: str = Field(min_length=1)
    is_: Literal["index", "acceptable", "sex", "age", "dates", "known", "ever", "never"] = Field(alias="is")
    of: Names = ()
    among: tuple[str, ...] = ()
    at: When = Moment("index", 0, "days")
    between: tuple[int, int] | None = None
    all_: Names = Field((), alias="all")

    @model_validator(mode="after")
    def _whole(self) -> Step:
        needs = {
            "ever": "of",
            "never": "of",
            "sex": "among",
            "age": "between",
            "dates": "all_",
            "known": "all_",
        }
        _in_order("between", self.between)
        for sex in self.among:
            if sex not in SEXES:
                raise ValueError(f'"{sex}" is not a sex; use {", ".join(SEXES)}')
        if self.is_ == "known":
            for name in self.all_:
                if name not in DATES:
                    raise ValueError(f'"{name}" is not a date of a patient; use {", ".join(DATES)}')
        if self.is_ == "dates":
            for text in self.all_:
                _comparison(text)
        return _with(self, needs)

    @property
    def comparisons(self) -> tuple[tuple[Moment, str, Moment], ...]:
        """`all_` of a step on dates, read."""
        return tuple(_comparison(text) for text in self.all_)


class Measure(Window):
    """A variable of the cohort: `name` is what of which codelists, in which window (to the index date, if not said).

    sex, region: of the patient, of the practice.
    age: in whole years at `at`.
    date: the day `at`, or with `precision = "month"` its month, as text such as 2020-03.
    happened: whether the day `at` lies in the window: 0 or 1.
    ever: a record of one of the codelists, on `at_least` different days: 0 or 1.
    count: on how many days there is one.
    latest: the value of the last day with a measurement; mean, sd: of the values of all days (a day once; sd of
        two days at least, with n - 1).
    category: the category of the last day with one.
    which: the first of the labels `labels` with a record of one of its codelists, else `otherwise`.
    first_after: days from `from_` (the index date, if not said) to the first record by `to` (end, if not said);
        missing when there is none.
    time_to: the same, but `to` where there is no record: follow-up time.
    consultations: on how many days the patient was seen.
    all, any: of yes-or-no variables of this definition, whether all of them or any holds.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    is_: Literal[
        "sex", "region", "age", "date", "happened", "ever", "count", "latest", "mean", "sd", "category", "which",
        "first_after", "time_to", "consultations", "all", "any",
    ] = Field(alias="is")  # fmt: skip
    description: str = ""
    of: Names = ()
    at: When = Moment("index", 0, "days")
    at_least: int = Field(1, ge=1)
    labels: dict[str, Names] = {}
    otherwise: str | None = None
    levels: tuple[str, ...] = ()  # of a category, in order; the codelist's own, in their order, when not said
    ordered: bool = False  # whether that order means something
    unit: str | None = None
    precision: float | Literal["month"] | None = None
    keep: bool = True  # false: only for others to build on
    role: Role = Role.PLAIN
    tier: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> Measure:
        of = dict.fromkeys(
            ("ever", "count", "latest", "mean", "sd", "category", "first_after", "time_to", "all", "any"),
            "of",
        )
        _with(self, {**of, "which": "labels"})
        if self.is_ in ("latest", "mean", "sd", "category") and len(self.of) != 1:
            raise ValueError(f'"{self.is_}" takes one codelist')
        if self.precision == "month" and self.is_ != "date":
            raise ValueError('precision = "month" is for dates alone')
        if isinstance(self.precision, float) and not self.precision > 0:
            raise ValueError("precision is the step between values, more than 0")
        if len({*self.levels}) < len(self.levels):
            raise ValueError("a level stands twice in levels; take one out")
        return self

    @property
    def window(self) -> tuple[Moment | None, Moment]:
        """The window with what is not said filled in."""
        after = self.is_ in ("first_after", "time_to")
        start = self.from_ or (Moment("index", 0, "days") if after else None)
        return start, self.to or Moment("end" if after else "index", 0, "days")

    @property
    def codelists(self) -> tuple[str, ...]:
        """The codelists whose records it looks at."""
        if self.is_ in ("all", "any"):
            return ()
        return (*self.of, *(name for names in self.labels.values() for name in names))


class Listing(_Strict):
    """Where a codelist lies when it is not FOLDER/NAME.csv, and which of its columns to use."""

    file: str | None = None  # beside the definition
    column: str | None = None
    category: str | None = None


class DeclaredRule(_Strict):
    """What synthetic patients keep to, in the language of `locum.variables.conditions`, as in variables.toml."""

    holds: str
    exactly: bool = True


class Definition(_Strict):
    """A cohort definition, checked."""

    format: Literal[1]
    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    title: str
    description: str = ""
    rules: tuple[DeclaredRule, ...] = ()
    index: Index
    follow_up: FollowUp
    codelist: dict[str, Listing] = {}
    measurement: dict[str, Measurement] = {}
    step: tuple[Step, ...]
    variable: tuple[Measure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> Definition:
        if [step.is_ for step in self.step].count("index") != 1:
            raise ValueError('one step has to be is = "index"')
        names = [v.name for v in self.variable]
        if double := [n for n in names if names.count(n) > 1]:
            raise ValueError(f'variable "{double[0]}" is defined twice')
        alike = [n.lower() for n in names]  # engines do not tell them apart
        if double := [n for n in names if alike.count(n.lower()) > 1]:
            raise ValueError(f'variables "{double[0]}" and "{double[1]}" differ in case alone; rename one')
        if "patient" in alike:
            raise ValueError('"patient" is the name of the identifier; name the variable otherwise')
        for v in self.variable:
            self._check(v, names[: names.index(v.name)])
        for name, m in self.measurement.items():
            for part in m.ratio or ():
                if part not in self.measurement or self.measurement[part].ratio:
                    raise ValueError(
                        f'measurement "{name}" is a ratio of "{part}", which is no plain measurement'
                    )
        return self

    def _check(self, v: Measure, before: list[str]) -> None:
        if v.is_ in ("latest", "mean", "sd") and v.of[0] not in self.measurement:
            raise ValueError(
                f'variable "{v.name}" needs a table [measurement.{v.of[0]}] with a plausible range'
            )
        if v.is_ in ("all", "any"):
            for part in v.of:
                if part not in before:
                    raise ValueError(
                        f'variable "{v.name}" builds on "{part}", which no variable above it is named'
                    )
                if next(w for w in self.variable if w.name == part).is_ not in YES_NO:
                    raise ValueError(f'variable "{v.name}" builds on "{part}", which is not 0 or 1')

    @property
    def codelists(self) -> tuple[str, ...]:
        """Names of all codelists it needs, sorted."""
        found = {*self.index.first, *self.index.otherwise}
        found.update(name for step in self.step for name in step.of)
        found.update(name for v in self.variable for name in v.codelists)
        found.update(part for n in found & set(self.measurement) for part in self.measurement[n].ratio or ())
        return tuple(sorted(found))

    def codelists_of(self, measure: Measure) -> tuple[str, ...]:
        """Names of the codelists that a variable is read by, those of the variables that it builds on among them."""
        built_on = [v for v in self.variable if measure.is_ in ("all", "any") and v.name in measure.of]
        found = [*measure.codelists, *(name for v in built_on for name in self.codelists_of(v))]
        parts = [part for n in found if n in self.measurement for part in self.measurement[n].ratio or ()]
        return tuple(dict.fromkeys([*found, *parts]))

    @property
    def edges(self) -> tuple[Moment, ...]:
        """The moments that windows begin and end with."""
        windows = [v.window for v in self.variable] + [(step.from_, step.to) for step in self.step]
        return tuple(dict.fromkeys(moment for window in windows for moment in window if moment is not None))

    @property
    def kept(self) -> tuple[Measure, ...]:
        """The variables that become columns."""
        return tuple(v for v in self.variable if v.keep)


def shipped_definitions() -> dict[str, Path]:
    """The definitions that come with locum, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def read_definition(cohort: str | Path) -> tuple[Definition, Path]:
    """The definition that ships under the name COHORT, or lies in the file COHORT, and where it lies.

    Raises BadInput that says what is wrong in which entry.
    """
    shipped = shipped_definitions()
    path = shipped.get(str(cohort), Path(cohort))
    if path.is_dir() and str(cohort):
        raise BadInput(f"{path} is a directory; give the file of the definition")
    if not path.is_file():
        if path.suffix == ".toml" or "/" in str(cohort):
            raise BadInput(f"{path} does not exist; give a definition, or one of {', '.join(shipped)}")
        near = get_close_matches(str(cohort), shipped, 1)
        mend = (
            f'did you mean "{near[0]}"?'
            if near
            else f"use {' or '.join(shipped)}, or the path of a definition"
        )
        raise BadInput(f'there is no cohort "{cohort}"; {mend}')
    try:
        return parse_definition(path.read_text(encoding="utf-8-sig"), str(path)), path
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 text; save it as UTF-8") from None


def parse_definition(text: str, where: str) -> Definition:
    """The definition in TEXT; WHERE names the file. Raises BadInput as `read_definition` does."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not TOML: {' '.join(str(error).split())}; mend that line") from None
    try:
        return Definition.model_validate(data)
    except ValidationError as error:
        raise BadInput(f"{where}: {told(error, data, _keys())}") from None


def _keys() -> dict[str, list[str]]:
    """The keys that may stand in each table of a definition; those of the file itself under ""."""
    kinds: dict[str, type[_Strict]] = {
        "": Definition, "index": Index, "follow_up": FollowUp, "measurement": Measurement,
        "step": Step, "variable": Measure, "codelist": Listing, "rules": DeclaredRule,
    }  # fmt: skip
    return {
        name: [field.alias or key for key, field in kind.model_fields.items()] for name, kind in kinds.items()
    }


def _with(entry: Entry, needs: dict[str, str]) -> Entry:
    """ENTRY when it has the key that its kind needs, and none of another kind's."""
    need = needs.get(entry.is_)
    if need and not getattr(entry, need):
        raise ValueError(f'is = "{entry.is_}" needs {need.rstrip("_")}')
    for other in {*needs.values()} - {need}:
        if getattr(entry, other):
            raise ValueError(f'is = "{entry.is_}" takes no {other.rstrip("_")}')
    return entry


def _in_order(key: str, ends: tuple[float, float] | None) -> None:
    if ends and not ends[0] <= ends[1]:
        raise ValueError(f"{key} has the greater value first; turn it round")


def _comparison(text: str) -> tuple[Moment, str, Moment]:
    for sign in ("<=", ">=", "<", ">"):
        left, found, right = text.partition(sign)
        if found:
            return read_moment(left), sign, read_moment(right)
    raise ValueError(f'"{text}" compares nothing; write it as "registered + 1 year <= index"')
