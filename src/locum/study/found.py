"""A plan with all that it names found: paths from here, definitions read, faults told before the work begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from locum.cohorts.codelists import find_codelist
from locum.cohorts.definition import Definition, read_definition, shipped_definitions
from locum.errors import BadInput
from locum.records.load import kind_of
from locum.records.loaded import is_loaded
from locum.strict import read_text
from locum.study.plan import CohortPlan, Options, Plan, TablePlan, parse_plan
from locum.variables import read_toml


@dataclass(frozen=True)
class Cohort:
    """A cohort of a study. definition: a name that ships or a path; reads: all files that it is defined by."""

    name: str
    title: str
    options: CohortPlan
    definition: str
    reads: tuple[Path, ...]


@dataclass(frozen=True)
class Table:
    """A table of a study. source: as `read_table` takes it; declaration: a file."""

    name: str
    title: str
    options: TablePlan
    source: str
    declaration: Path | None


@dataclass(frozen=True)
class Study:
    """A plan with its files found.

    name: of its file; a directory of results belongs to one. simulate: how many patients, where `source` is None.
    """

    name: str
    title: str
    seed: int
    simulate: int | None
    source: str | None
    codelists: tuple[Path, ...]
    cohorts: tuple[Cohort, ...]
    tables: tuple[Table, ...]


def read_study(path: str | Path) -> Study:
    """The study in the file PATH; what it names by a relative path lies relative to it.

    Raises BadInput, in one line that names the entry, for whatever can be known to be wrong before the work begins.
    """
    path = Path(path)
    return find(parse_plan(read_text(path, "the study"), str(path)), path)


def find(plan: Plan, path: Path) -> Study:
    """PLAN, which lies in the file PATH, with its files found beside it. Raises BadInput as `read_study` does."""
    base, records = path.parent, plan.records
    codelists: tuple[Path, ...] = ()
    source = None
    if records is not None:
        codelists = tuple(base / folder for folder in records.codelists)
        for folder in codelists:
            if not folder.is_dir():
                raise BadInput(f"{path}: records.codelists: there is no folder {folder}; mend its name")
        if records.source is not None:
            source = records.source if "://" in records.source else str(base / records.source)
            with _at(f"{path}: records.source"):
                if not is_loaded(source):
                    kind_of(source)
    cohorts, tables = [], []
    for name, cohort in plan.cohort.items():
        with _at(f"{path}: cohort.{name}"):
            cohorts.append(_cohort(name, cohort, base, codelists))
    for name, table in plan.table.items():
        with _at(f"{path}: table.{name}"):
            tables.append(_table(name, table, base))
    return Study(
        path.name,
        plan.title or path.stem,
        plan.seed,
        records.simulate.patients if records and records.simulate else None,
        source,
        codelists,
        tuple(cohorts),
        tuple(tables),
    )


def _cohort(name: str, options: CohortPlan, base: Path, folders: tuple[Path, ...]) -> Cohort:
    named = options.definition or name
    if named not in shipped_definitions() and (named.endswith(".toml") or "/" in named):
        named = str(base / named)
    definition, place = read_definition(named)
    _target(options, [v.name for v in definition.kept])
    _tiers(options, [v.name for v in definition.kept if v.tier is None])
    return Cohort(name, definition.title, options, named, (place, *_lists(definition, place, folders)))


def _lists(definition: Definition, place: Path, folders: tuple[Path, ...]) -> Iterator[Path]:
    """The files of the codelists of DEFINITION."""
    for name in definition.codelists:
        listing = definition.codelist.get(name)
        if listing is not None and listing.file:
            path = place.parent / listing.file
            if not path.is_file():
                raise BadInput(f"codelist.{name}: there is no file {path}; mend its name in {place.name}")
            yield path
        else:
            yield find_codelist(name, [*folders, place.parent])


def _table(name: str, options: TablePlan, base: Path) -> Table:
    source = str(base / options.source)
    if not Path(source).is_file() and not Path(source.partition("::")[0]).is_file():
        raise BadInput(f"there is no file {source}; mend its source")
    declaration = None if options.variables is None else base / options.variables
    if declaration is not None:
        modelled = read_toml(declaration).modelled
        _target(options, [v.name for v in modelled])
        _tiers(options, [v.name for v in modelled if v.tier is None])
    elif options.order == "tiers":
        raise BadInput(
            "order by tiers needs a declaration that says the tier of every variable; name it: variables"
        )
    return Table(name, Path(source.partition("::")[0]).name, options, source, declaration)


def _target(options: Options, names: list[str]) -> None:
    if options.target is not None and options.target not in names:
        near = get_close_matches(options.target, names, 1)
        mend = f'did you mean "{near[0]}"?' if near else "name one of its variables"
        raise BadInput(f'there is no variable "{options.target}" to be the target; {mend}')


def _tiers(options: Options, without: list[str]) -> None:
    if options.order == "tiers" and without:
        raise BadInput(
            f'order by tiers needs a tier for every variable, and "{without[0]}" has none; '
            "declare it, or leave order out"
        )


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Name PLACE in faults of what it names."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from None
