"""What an OMOP database says of itself: its version, when it was released, whether it is artificial."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import ibis

from locum.records.omop.people import Tables
from locum.records.omop.source import Source
from locum.records.omop.specification import KNOWN_VERSIONS, stated_version, version_by_columns

_ARTIFICIAL = re.compile(r"\b(synthea\w*|synthetic|artificial|simulated|eunomia|synpuf)\b", re.IGNORECASE)
"""In the name of a source: its description may also say what it is not."""


@dataclass(frozen=True)
class About:
    """What is known of a source as a whole."""

    name: str  # "OMOP CDM 5.3"
    artificial: bool
    released: date | None
    notices: tuple[str, ...]


def about(source: Source, t: Tables, connection: ibis.BaseBackend) -> About:
    """Ask cdm_source, and the columns where it is silent."""
    rows = connection.to_pyarrow(t["cdm_source"].limit(1000)).to_pylist()
    stated = sorted({v for row in rows if (v := stated_version(row["cdm_version"]))})
    by_columns = version_by_columns(source.columns)
    version = stated[-1] if stated else by_columns
    notices = []
    if len(stated) > 1:
        notices.append(f"cdm_source names {len(stated)} versions of the CDM; the latest is taken.")
    if stated and by_columns and version in KNOWN_VERSIONS and by_columns != version:
        notices.append(
            f"cdm_source says version {version}, but there are columns that only {by_columns} has."
        )
    if not version:
        notices.append("Nothing tells which version of the CDM this is; 5.3 and 5.4 are read alike.")
    elif version not in KNOWN_VERSIONS:
        notices.append(
            f"This is version {version} of the CDM, not 5.3 or 5.4; what is read of it has the same names."
        )
    released = [day for row in rows if (day := row["source_release_date"] or row["cdm_release_date"])]
    names = [row[c] or "" for row in rows for c in ("cdm_source_name", "cdm_source_abbreviation")]
    return About(
        name=f"OMOP CDM {version}" if version else "OMOP CDM",
        artificial=any(_ARTIFICIAL.search(name) for name in names),
        released=max(released, default=None),
        notices=tuple(notices),
    )
