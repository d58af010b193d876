"""An OMOP database in a DuckDB file or on a PostgreSQL server: read-only, streamed to Parquet in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet

from locum.errors import BadInput, UsageError
from locum.records.loading import Loading
from locum.records.omop.columns import lowered, named, read
from locum.records.omop.source import Source, is_duckdb
from locum.records.omop.specification import NEEDED, TABLES, VOCABULARY

CONNECT_SECONDS = (
    5  # a server that is there answers within a second; PostgreSQL itself would wait for minutes
)
BATCH = 100_000  # rows held at once


def open_duckdb(path: Path, connection: ibis.BaseBackend, staging: Path, loading: Loading) -> Source:
    """The tables of a DuckDB file, which is opened read-only and can reach no other file."""
    if not is_duckdb(path):
        raise BadInput(f"{path} is not a DuckDB file; give one, or a folder of CSV or Parquet files")
    try:
        database = ibis.duckdb.connect(
            path,
            read_only=True,
            enable_external_access=False,
            threads=loading.threads or 2,
            memory_limit=loading.memory,
            temp_directory=str(staging / ".spill"),  # never beside the file
        )
    except duckdb.Error:
        raise BadInput(
            f"{path} cannot be read as a DuckDB file: damaged, in use, or of another version; write it again"
        ) from None
    try:
        return _staged(database, str(path), None, connection, staging, loading)
    except duckdb.Error:
        raise BadInput(
            f"{path} is damaged, or a view in it reads other files; write its tables again"
        ) from None
    finally:
        database.disconnect()


def open_postgres(address: str, connection: ibis.BaseBackend, staging: Path, loading: Loading) -> Source:
    """The tables at an address such as postgresql://user@host/database?schema=cdm.

    The password is best left to PGPASSWORD or ~/.pgpass; no message repeats it.

    Raises UsageError without the driver psycopg, BadInput when the server does not let us read.
    """
    try:
        import psycopg
    except ImportError:
        raise UsageError('reading PostgreSQL needs a driver; pip install "locum[postgres]"') from None
    where, arguments, schema = _parsed(address)
    try:
        database = ibis.postgres.connect(
            **arguments, connect_timeout=CONNECT_SECONDS, options="-c default_transaction_read_only=on"
        )
    except (psycopg.Error, ValueError, TypeError, OSError):
        raise BadInput(
            f"{where} cannot be reached or does not let us in; check the server, the database, the user, "
            "and the password in PGPASSWORD or ~/.pgpass"
        ) from None
    try:
        return _staged(database, where, schema, connection, staging, loading)
    except psycopg.Error:
        raise BadInput(
            f"{where} stopped answering, or the user may not read a table of it; ask for the right"
        ) from None
    finally:
        database.disconnect()


def _parsed(address: str) -> tuple[str, dict[str, Any], str | None]:
    """How to name the database to the user, how to connect, and the schema if one is given."""
    try:
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        schema = query.pop("schema", None)
        host = query.pop("host", None) or parts.hostname
        database = unquote(parts.path.strip("/")) or None
        arguments = {
            "host": host,
            "port": parts.port or int(query.pop("port", 5432)),
            "user": unquote(parts.username) if parts.username else query.pop("user", None),
            "password": unquote(parts.password) if parts.password else query.pop("password", None),
            "database": database,
        }
    except ValueError:
        raise BadInput(
            "the PostgreSQL address cannot be read; write it as postgresql://user@host:5432/database?schema=cdm"
        ) from None
    return f"postgresql://{host or ''}/{database or ''}", arguments | query, schema


def _staged(
    database: Any,
    where: str,
    schema: str | None,
    connection: ibis.BaseBackend,
    staging: Path,
    loading: Loading,
) -> Source:
    places = _places(database, where, schema)
    source = Source(where)
    opened = {}
    for table, (place, name) in places.items():
        whole = lowered(database.table(name, database=place), f"{where}: the table {table}")
        whole, was_row = named(whole, table)
        if was_row:
            source.headed.append(table)
        source.columns[table] = whole.columns
        source.parts[table] = 1
        if set(whole.columns) & set(TABLES[table]) or table in NEEDED or whole.count().execute():
            opened[table] = read(whole, table, where)
    for done, (table, rows) in enumerate(opened.items()):
        loading.stage(f"reading {table}", 0.5 * done / len(opened))
        _copy(database, _reduced(table, rows, opened), staging / f"{table}.parquet")
        source.tables[table] = connection.read_parquet(
            staging / f"{table}.parquet", table_name=f"staged_{table}"
        )
    return source


def _places(database: Any, where: str, schema: str | None) -> dict[str, tuple[str, str]]:
    """The schema and the name of each table: those of the schema with `person`, vocabularies from wherever they are."""
    schemas: dict[str, dict[str, str]] = {}
    for place, name in _all_tables(database):
        if name.lower() in TABLES:
            schemas.setdefault(place, {})[name.lower()] = name
    homes = [place for place in schemas if "person" in schemas[place] and schema in (None, place)]
    if not homes:
        inside = f"the schema {schema}" if schema else "any schema"
        raise BadInput(f"{where} has no table person in {inside}; give an OMOP CDM 5.3 or 5.4 database")
    homes.sort(key=lambda place: -len(schemas[place]))
    if len(homes) > 1 and len(schemas[homes[0]]) == len(schemas[homes[1]]):
        told = "add ?schema=NAME to the address" if database.name == "postgres" else "keep one in the file"
        raise BadInput(
            f"{where} holds more than one OMOP database ({' and '.join(sorted(homes)[:2])}); {told}"
        )
    places = {table: (homes[0], name) for table, name in schemas[homes[0]].items()}
    others = [place for place in schemas if place != homes[0] and "concept" in schemas[place]]
    if "concept" not in places and len(others) == 1:
        places |= {t: (others[0], name) for t, name in schemas[others[0]].items() if t in VOCABULARY}
    if "concept" not in places:
        raise BadInput(f"{where} lacks the table concept; load the OMOP vocabularies into it")
    return places


def _all_tables(database: Any) -> list[tuple[str, str]]:
    query = "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"
    if database.name == "duckdb":
        return list(database.con.sql(query).fetchall())
    with database.con.cursor() as cursor:
        return list(cursor.execute(query).fetchall())


def _reduced(name: str, table: ibis.Table, opened: dict[str, ibis.Table]) -> ibis.Table:
    """TABLE without the rows of vocabularies, tens of millions, that are never asked for."""
    if name == "concept_relationship":
        return table.filter(table.relationship_id == "Maps to")
    concept = opened["concept"]
    if name == "concept_ancestor" and "concept_class_id" in concept.columns:
        if concept.concept_id.type().is_string() != table.ancestor_concept_id.type().is_string():
            return table
        ingredients = concept.filter(concept.concept_class_id == "Ingredient")
        return table.semi_join(ingredients, table.ancestor_concept_id == ingredients.concept_id)
    return table


def _copy(database: Any, table: ibis.Table, path: Path) -> None:
    with _batches(database, table) as reader, pa.parquet.ParquetWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


@contextmanager
def _batches(database: Any, table: ibis.Table) -> Iterator[pa.RecordBatchReader]:
    if database.name == "duckdb":  # ibis 12 asks DuckDB for batches by a name that DuckDB 2.0 no longer has
        yield database.con.sql(ibis.to_sql(table, dialect="duckdb")).to_arrow_reader(BATCH)
    else:
        yield database.to_pyarrow_batches(table, chunk_size=BATCH)
