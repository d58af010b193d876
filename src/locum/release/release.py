"""A release: all that the documents of a package are made from, and the files that they speak of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from locum.cohorts.attrition import Attrition
from locum.evaluate.metrics import Metrics
from locum.network.graph.schema import Graph
from locum.release.about import About
from locum.release.changes import Changes
from locum.release.decision import Decision
from locum.release.derivation_schema import Derivation
from locum.variables import Variables


@dataclass(frozen=True)
class Evidence:
    """What `locum synthesize` or `locum run` left in a folder, but for what must not leave it.

    table: the synthetic rows; parquet: the bytes of their file, as they were evaluated.
    graph, attrition: None where the folder has none. sha256: of every file that was read, by its name.
    """

    table: pa.Table
    parquet: bytes
    variables: Variables
    metrics: Metrics
    graph: Graph | None
    attrition: Attrition | None
    sha256: dict[str, str]

    @property
    def artificial(self) -> bool | None:
        """Whether the records that were learned from are artificial; None where no file says."""
        told = self.metrics.about.artificial
        return self.attrition.artificial if told is None and self.attrition is not None else told


@dataclass(frozen=True, eq=False)
class Release:
    """A dataset that passed the gate.

    changes: from the release before it, None for the first. derivation: where this is one recipient's copy.
    """

    about: About
    evidence: Evidence
    decision: Decision
    changes: Changes | None = None
    derivation: Derivation | None = None

    @property
    def folder(self) -> str:
        """The package's name: ``cvd-1.0.0``."""
        return f"{self.about.name}-{self.about.version}"


@dataclass(frozen=True)
class File:
    """A file of the package. path: within it, with forward slashes; media: its media type; what: one line on it."""

    path: str
    size: int
    sha256: str
    media: str
    what: str


Write = Callable[[Release, Sequence[File]], bytes]
"""The bytes of a document, from the release and the files that were written before it. The same gives the same."""


@dataclass(frozen=True)
class Document:
    """A file of the package that is made from the release."""

    path: str
    media: str
    what: str
    write: Write
