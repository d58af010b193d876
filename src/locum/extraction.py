"""From raw records to a cohort, in files: load records once, then draw as many cohorts as are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from locum.atomic import OWN, atomic_directory, atomic_paths
from locum.cohorts.attrition import Attrition
from locum.cohorts.cohort import Cohort, draw
from locum.cohorts.declaration import declaration
from locum.cohorts.definition import Definition, read_definition
from locum.cohorts.files import beside
from locum.cohorts.matched_lists import Matched, match_lists
from locum.errors import BadInput
from locum.hidden import hidden_beside
from locum.records.load import Loading, load
from locum.records.loaded import is_loaded, open_records, read_manifest
from locum.records.quality import Quality
from locum.records.tables import writable, write_table
from locum.variables import Variables, to_toml

Stage = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)


def load_records(
    source: str | Path,
    out: str | Path,
    *,
    strict: bool = False,
    threads: int | None = None,
    memory: str = "4GB",
    stage: Stage = lambda what, share: None,
) -> Quality:
    """Read raw records (CPRD Aurum, OMOP) into the directory OUT, as Parquet, with a data-quality report.

    OUT appears whole or not at all; `locum.records.loaded` says what is in it. Rows that cannot be used are put aside
    in its ``quarantine/``, with the reason; with STRICT any such row is an error.
    Raises BadInput as `locum.records.load.load` does.
    """
    from locum.report.quality_page import render_quality

    reads = [source] if "://" not in str(source) else []
    with atomic_directory(out, "load", reads, 0o700) as folder:
        quality = load(source, folder, Loading(threads, memory, strict, stage))
        title = "Data quality of an extract"
        (folder / "quality.html").write_text(render_quality(quality, title), encoding="utf-8")
    return quality


@dataclass(frozen=True)
class Extraction:
    """A cohort that was drawn and written.

    notices: sentences for the user, about the codelists and the records. They hold no value of a patient.
    """

    out: Path
    table: pa.Table
    variables: Variables
    attrition: Attrition
    notices: tuple[str, ...]


def extract(
    source: str | Path,
    cohort: str | Path,
    out: str | Path,
    *,
    codelists: Sequence[str | Path] = (),
    threads: int | None = None,
    memory: str = "4GB",
    stage: Stage = lambda what, share: None,
) -> Extraction:
    """Draw the cohort of a definition, the name of one that ships or the path of a file, from records.

    source: loaded records, or raw ones, which are then loaded for this alone.
    codelists: folders of the user's own lists, which come before those that ship.

    Writes OUT (.parquet or .csv) and, beside it, ``NAME.variables.toml`` (the declaration), ``NAME.attrition.json`` and
    ``NAME.sql`` (definition, codelists and queries as they ran), all or none.
    Raises BadInput when nobody is left, and as `load_records`, `read_definition` and the codelists do.
    """
    out = writable(out)
    definition, place = read_definition(cohort)
    if not is_loaded(source):
        with hidden_beside(_writable(out), 0o700) as folder:
            quality = load(source, folder, Loading(threads, memory, False, stage))
            found = extract(
                folder, cohort, out, codelists=codelists, threads=threads, memory=memory, stage=stage
            )
        return Extraction(
            found.out, found.table, found.variables, found.attrition, (*_telling(quality), *found.notices)
        )
    manifest = read_manifest(source)
    with _told(source), hidden_beside(_writable(out), 0o700) as spill:
        records = open_records(source, threads=threads, memory=memory, spill=str(spill))
        stage("matching codelists", 0.0)
        matched = match_lists(definition, place.parent, [Path(f) for f in codelists], records)
        drawn = draw(
            records,
            definition,
            matched.lists,
            source=manifest.source,
            artificial=manifest.artificial,
            stage=lambda what: stage(what, 0.0),
        )
        records.patient.get_backend().disconnect()
    if drawn.table.num_rows == 0:
        raise BadInput(f'nobody is left in cohort "{definition.name}": {_who_left(drawn.attrition)}')
    variables = declaration(definition, drawn.table)
    walked = drawn.attrition.model_copy(update={"codelists": matched.used})
    with atomic_paths([out, *beside(out)], OWN) as (table, declared, attrition, sql):
        write_table(drawn.table, table)
        declared.write_text(to_toml(variables), encoding="utf-8")
        attrition.write_text(walked.model_dump_json(indent=1) + "\n", encoding="utf-8")
        sql.write_text(_evidence(definition, place, matched, drawn), encoding="utf-8")
    return Extraction(out, drawn.table, variables, walked, matched.notices)


@contextmanager
def _told(source: str | Path) -> Iterator[None]:
    """The faults of the engine in one line, without what it says of the rows."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise BadInput(
            f"{source} needs more memory than was given, or more disk to spill to; raise --memory, or free some disk"
        ) from None
    except duckdb.Error:
        raise BadInput(
            f"{source} cannot be read as loaded records: a file of it is damaged or altered; run locum load again"
        ) from None


def _writable(out: Path) -> Path:
    if not out.parent.is_dir():
        raise BadInput(f"{out} cannot be written: there is no folder {out.parent}; make it first")
    return out


def _telling(quality: Quality) -> tuple[str, ...]:
    """What was put aside of raw records, for a user who sees no quality report."""
    aside = sum(table.quarantined for table in quality.tables)
    return (
        (f"{aside:,} rows could not be used and were left out; locum load tells which and why",)
        if aside
        else ()
    )


def _who_left(attrition: Attrition) -> str:
    """The step that left nobody."""
    if attrition.patients == 0:
        return "the records hold no patient"
    for step in attrition.steps:
        if step.left == 0:
            return (
                f'the step "{step.label}" leaves none; look at the definition, and at the codelists it uses'
            )
    return "fewer than 10 pass each step, but none all of them"


def _evidence(definition: Definition, place: Path, matched: Matched, drawn: Cohort) -> str:
    """The definition, the codelists and the queries, as one file of SQL that a person can read."""
    lines = [
        f"-- The queries that drew the cohort {definition.name} ({definition.title}), as they ran, in order.",
        f"-- definition {place.name}: sha256 {hashlib.sha256(place.read_bytes()).hexdigest()}",
        *(f"-- codelist {line}" for line in matched.evidence),
        "-- locum_codes_observation, locum_codes_medication and locum_codes_admission hold list, code and category of",
        "-- the codes of the records that these match.",
    ]
    for name, query in drawn.sql.items():
        lines += ["", f"-- {name}", f"{query};"]
    return "\n".join(lines) + "\n"
