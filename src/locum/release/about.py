"""What the custodian says of a release, ``release.toml``: nothing in it can be computed from the data."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from locum.strict import Several, Strict

NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"
VERSION = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$"
DOI = r"^10\.\d{4,9}/\S+$"


class Publisher(Strict):
    """Who publishes the dataset and answers for it."""

    name: str = Field(min_length=1)
    url: str | None = None
    email: str | None = None


class Licence(Strict):
    """Under what the data may be used. text: in place of the one that ships with locum; file: that holds it."""

    name: str = "Synthetic data licence (locum)"
    url: str | None = None
    file: str | None = None
    text: str | None = Field(default=None, min_length=1)


class About(Strict):
    """release.toml.

    name: of the files, such as "cvd". version: three numbers (semantic versioning). identifier: a DOI, or one in its
    shape. published: the day of the evaluation when None, so that the same evidence gives the same bytes.
    artificial: the records that were learned from are themselves artificial; taken from the evidence when None.
    intended, misuse: sentences, beside those that hold for every synthetic dataset.
    """

    format: Literal[1] = 1
    name: str = Field(pattern=NAME, max_length=100)
    title: str = Field(min_length=1)
    version: str = Field(default="1.0.0", pattern=VERSION)
    identifier: str | None = Field(default=None, pattern=DOI)
    published: datetime.date
    publisher: Publisher
    description: str = ""
    source: str = ""
    artificial: bool = False
    keywords: Several = ()
    intended: Several = ()
    misuse: Several = ()
    licence: Licence = Licence()
