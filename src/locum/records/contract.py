"""The contract: what every kind of record becomes, and all that cohorts ever see.

Five tables of events, two dictionaries of codes, and the linked hospital episodes where there are any. Identifiers and
codes are text, never numbers: they have up to 19 digits. Dates are days. An unknown value is missing (NULL), whatever
the source wrote for it. A reader (`locum.records.aurum`, `locum.records.omop`) writes them as Parquet; they are opened
as typed Ibis tables, so the same query runs on DuckDB and on any other engine that Ibis speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

FEMALE, MALE, INDETERMINATE = "F", "M", "I"
SEXES = (FEMALE, MALE, INDETERMINATE)

PATIENT = ibis.schema(
    {
        "patient": "!string",  # primary key
        "practice": "string",
        "sex": "string",  # one of SEXES
        "birth_year": "int16",
        "birth_month": "int8",  # in Aurum of those under 16 alone
        "registered": "date",  # with this practice
        "deregistered": "date",  # left the practice; missing while registered
        "died": "date",
        "acceptable": "!boolean",  # fit for research by the source's own standard; true where it has none
    }
)
PRACTICE = ibis.schema(
    {
        "practice": "!string",  # primary key
        "region": "string",  # in words
        "last_collected": "date",  # the day to which the records of its patients reach
    }
)
OBSERVATION = ibis.schema(
    {
        "patient": "!string",
        "observation": "!string",  # primary key
        "consultation": "string",
        "date": "date",  # when it was so
        "entered": "date",  # when it was written down
        "code": "!string",  # of clinical_code: the medcodeid of Aurum, the concept of OMOP
        "value": "float64",
        "unit": "string",  # in words, as the source has it
    }
)
MEDICATION = ibis.schema(
    {
        "patient": "!string",
        "issue": "!string",  # primary key
        "date": "date",
        "entered": "date",
        "code": "!string",  # of product: the prodcodeid of Aurum, the concept of OMOP
        "quantity": "float64",
        "days": "int32",  # duration of the course
    }
)
CONSULTATION = ibis.schema(
    {
        "patient": "!string",
        "consultation": "!string",  # primary key
        "date": "date",
        "entered": "date",
        "source": "string",  # in words
    }
)
CLINICAL_CODE = ibis.schema(
    {
        "code": "!string",  # primary key
        "concept": "string",  # SNOMED CT concept
        "term": "string",
    }
)
PRODUCT = ibis.schema(
    {
        "code": "!string",  # primary key
        "dmd": "string",  # dm+d
        "term": "string",
        "substance": "string",  # active ingredients, joined by "/"
    }
)
ADMISSION = ibis.schema(
    {
        "patient": "!string",
        "admission": "!string",  # primary key
        "admitted": "date",
        "discharged": "date",
        "diagnosis": "string",  # primary diagnosis, ICD-10
    }
)

SCHEMAS: dict[str, ibis.Schema] = {
    "patient": PATIENT,
    "practice": PRACTICE,
    "observation": OBSERVATION,
    "medication": MEDICATION,
    "consultation": CONSULTATION,
    "clinical_code": CLINICAL_CODE,
    "product": PRODUCT,
    "admission": ADMISSION,
}
KEYS = {
    "patient": "patient",
    "practice": "practice",
    "observation": "observation",
    "medication": "issue",
    "consultation": "consultation",
    "clinical_code": "code",
    "product": "code",
    "admission": "admission",
}
"""The primary key of each table."""


@dataclass(frozen=True)
class Records:
    """Records in the contract, as Ibis tables of one engine."""

    patient: ibis.Table
    practice: ibis.Table
    observation: ibis.Table
    medication: ibis.Table
    consultation: ibis.Table
    clinical_code: ibis.Table
    product: ibis.Table
    admission: ibis.Table | None = None  # None where no hospital episodes are linked

    def __post_init__(self) -> None:
        for name, schema in SCHEMAS.items():
            table = getattr(self, name)
            if table is not None:
                object.__setattr__(self, name, conform(table, schema))


def conform(table: ibis.Table, schema: ibis.Schema) -> ibis.Table:
    """The columns of SCHEMA, in its order and types. Raises IbisTypeError or IbisInputError when one is absent."""
    # An engine knows nothing of values that may not be missing, so the nullable type is the one to cast to.
    return table.select(*(table[name].cast(kind(nullable=True)).name(name) for name, kind in schema.items()))


def empty(name: str) -> ibis.Table:
    """A table of the contract without rows, for a source that has nothing of the kind."""
    schema = ibis.schema({column: kind(nullable=True) for column, kind in SCHEMAS[name].items()})
    return ibis.memtable([], schema=schema)
