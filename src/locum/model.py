"""Learn a model from a table, draw tables from it, write it down and read it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum import model_file
from locum.atomic import check_file
from locum.errors import BadInput, UsageError
from locum.network import (
    PRIVACY,
    Network,
    Progress,
    Settings,
    check_arms,
    check_order,
    declared_tiers,
    from_document,
    tell_missing,
    to_document,
)
from locum.network import fit as learn
from locum.network.boost import Group, draw_boosted
from locum.network.given import draw_given
from locum.records.tables import from_any
from locum.variables import (
    Kind,
    Role,
    Variable,
    Variables,
    check,
    check_sizes,
    from_dict,
    infer,
    to_columns,
    to_dict,
    to_table,
)
from locum.variables.clauses import Clause, clauses
from locum.variables.conditions import Not, parse
from locum.variables.reading import distinct
from locum.variables.roles import without_patient
from locum.variables.rules import rule_clauses
from locum.version import VERSION

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph

FORMAT = "locum model"
FORMAT_VERSION = 1
PARTS = {
    *("format", "version", "locum", "declaration", "settings", "rows", "patients", "order", "rates"),
    *("cells", "scores", "conditionals"),
}
LEAST_EFFECTIVE = 100  # patients that a draw given a condition is worth, else it is told so,
MOST_ALIKE = 20  # or one in so many of those asked for
DRAWN_FOR_GAPS = 1_000  # rows that show whether a model ever draws a missing value


@dataclass(frozen=True)
class Drawn:
    """Artificial patients, and how they were drawn.

    variables: their declaration, with that of the weights if there are any.
    chance: the probability of the condition under the model, None without one. effective: how many independent
    patients they are worth (effective sample size), None where each is one; weighed: how many rows it took.
    """

    table: pa.Table
    variables: Variables
    chance: float | None = None
    effective: float | None = None
    weighed: int | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know before using them."""
        rows = self.table.num_rows
        if self.effective is None or self.effective >= min(rows, max(LEAST_EFFECTIVE, rows / MOST_ALIKE)):
            return ()
        return (
            f"the {rows:,} patients are worth only about {self.effective:,.0f} independent ones, since few of the "
            f"{self.weighed:,} drawn fit the condition: many share values; ask for fewer, or for a likelier condition",
        )


@dataclass(frozen=True)
class Model:
    """A learned network with the declaration of its variables."""

    network: Network
    variables: Variables

    def sample(
        self,
        rows: int,
        *,
        where: str | None = None,
        boost: Mapping[str, float] | None = None,
        seed: int = 0,
        part: int = 0,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> pa.Table:
        """ROWS artificial patients as an Arrow table with the columns and types of the table learned from.

        where: a condition that all of them fit, such as "age >= 65 and diabetes": they are drawn from the model's
            distribution given that it holds.
        boost: conditions, and how many times as often as by the model patients are drawn who fit; a column of weights
            is added that undoes it.
        The same seed gives the same rows, whatever the number of threads; PART numbers several independent
        draws of one seed. Raises BadInput when ROWS is less than 1, and for a condition that cannot be read or that
        no patient of the model fits.
        """
        return self.draw(
            rows, where=where, boost=boost, seed=seed, part=part, threads=threads, progress=progress
        ).table

    def draw(
        self,
        rows: int,
        *,
        where: str | None = None,
        boost: Mapping[str, float] | None = None,
        seed: int = 0,
        part: int = 0,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Drawn:
        """As `sample`, with what is to be known about the draw."""
        if where is None and not boost:
            columns = self.network.sample(rows, seed=seed, part=part, threads=threads, progress=progress)
            return Drawn(to_table(columns, threads), self.variables)
        evidence = () if where is None else self._clauses(where, "where", inside=True)
        groups = [self._group(text, factor) for text, factor in (boost or {}).items()]
        if groups:
            given = draw_boosted(
                self.network,
                groups,
                rows,
                evidence=evidence,
                seed=seed,
                part=part,
                threads=threads,
                progress=progress,
            )
        else:
            given = draw_given(
                self.network, evidence, rows, seed=seed, part=part, threads=threads, progress=progress
            )
        table, variables = to_table(given.columns, threads), self.variables
        if given.weight is not None:
            weight = weight_variable(variables)
            variables = replace(variables, variables=(*variables, weight))
            table = table.append_column(weight.name, pa.array(given.weight))
        chance = None if where is None else given.chance
        return Drawn(table, variables, chance, given.effective, given.weighed)

    def _clauses(self, text: str, where: str, *, inside: bool) -> tuple[Clause, ...]:
        """Clauses that hold for the patients whom a condition fits, or (not INSIDE) for all others."""
        condition = parse(text, where)
        return clauses(condition if inside else Not(condition), self.variables, where, missing=not inside)

    def _group(self, text: str, factor: float) -> Group:
        where = f'boost "{text}"'
        if not (isinstance(factor, int | float) and 0 < factor < float("inf")) or factor == 1:
            raise UsageError(f"{where} has no factor above 0 and other than 1; give one such as 3")
        inside, outside = (self._clauses(text, where, inside=i) for i in (True, False))
        return Group(text, inside, outside, float(factor))

    def log_likelihood(self, table: Any) -> npt.NDArray[np.float64]:
        """float64[rows]: the log-probability of each row of TABLE at the resolution of the model's cells."""
        arrow = from_any(table)
        check(arrow, without_patient(self.variables), "the table")
        return self.network.log_likelihood(to_columns(arrow, self.variables))

    def again(self, table: Any, seed: int = 0) -> Model:
        """A model learned from TABLE with the declaration and settings of this one.

        What missing values mean is not in a model file: where this model draws gaps, or TABLE has none, being missing
        is a state; else they are completed.
        Raises BadInput when TABLE does not fit the declaration, or holds too few patients.
        """
        arrow = from_any(table)
        patient = self.variables.with_role(Role.PATIENT)
        known = patient is None or patient.name in arrow.column_names
        variables = self.variables if known else without_patient(self.variables)
        check(arrow, variables, "the table")
        columns = to_columns(arrow, variables)
        gaps = any(c.missing.any() for c in columns)
        drawn = self.network.sample(DRAWN_FOR_GAPS, seed=seed) if gaps else []
        learned = learn(
            columns,
            k=variables.k,
            rules=rule_clauses(variables),
            patient=people(arrow, variables),
            settings=self.network.settings,
            missing="latent" if gaps and not any(c.missing.any() for c in drawn) else "state",
            latent="on" if self.network.hidden else "off",
            order=self.network.ordered_by,
            seed=seed,
        )
        return Model(learned, variables)

    def graph(self, *, threads: int | None = None) -> Graph:
        """What was learned, as a person reads it: who depends on whom, how much, and small trees in words.

        Computed from 20,000 rows that the model draws. The same model gives the same graph, whatever THREADS.
        """
        from locum.network.graph.make import graph

        return graph(self.network, threads=threads)

    def to_json(self) -> str:
        """The model file: one line a part, so that two files can be compared."""
        head = {"format": FORMAT, "version": FORMAT_VERSION, "locum": VERSION}
        document = {**head, "declaration": to_dict(self.variables), **to_document(self.network)}
        return model_file.text(document)

    def save(self, path: str | Path) -> None:
        """Write the model as JSON, compressed with zstd when the name ends in .zst; whole or not at all."""
        model_file.write(writable(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """Read a model file. Raises BadInput when it is none, is damaged, or is of a later version."""
        path = Path(path)
        document = model_file.read(path)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise BadInput(f"{path} is not a model file; give one that locum fit wrote")
        version = document.get("version")
        if type(version) is not int or version != FORMAT_VERSION:
            raise BadInput(f"{path} is a model file of another version; read it with the locum that wrote it")
        declaration = document.get("declaration")
        if not isinstance(declaration, dict):
            raise BadInput(
                f"{path} holds no declaration of its variables; make the model again with locum fit"
            )
        if (
            set(document) - {"latent", "ordered_by"} != PARTS
            or document.get("latent", {}) is None
            or not isinstance(document["locum"], str)
        ):
            raise BadInput(f"{path} has parts missing or unknown; make the model again with locum fit")
        variables = from_dict(declaration, str(path))
        return cls(from_document(document, variables, str(path)), variables)


def fit(
    table: Any,
    variables: Variables | None = None,
    *,
    privacy: str = "balanced",
    missing: str = "state",
    latent: str = "off",
    order: str = "finest",
    patient: str | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Model:
    """Learn a model from TABLE: an Arrow table, a data frame (pandas, polars), or the path of a file.

    variables: the declaration; inferred when None.
    privacy: "open", "balanced" or "strict" (see `locum.network.settings`).
    missing: "state", being missing is a value like others; "complete", only rows without missing values teach;
        "latent", missing values are completed as if missing at random, and none is drawn.
    latent: "on", with a latent class that stands for unmeasured common causes; "auto", where it pays; "off".
    order: "finest", the finest-grained variables are drawn first, the most alike; "tiers", those of earlier declared
        tiers are, for a causal reading.
    patient: the column whose equal values are one person, when VARIABLES does not say.

    Raises BadInput when the table cannot be read, does not fit its declaration, or holds too few patients, or a
    number beyond `locum.variables.columns.LARGEST`, and UsageError when the order is to be by tiers and a variable has
    none.
    """
    settings = settings_of(privacy)
    check_arms(missing, latent)
    check_order(order)
    arrow = from_any(table)
    if variables is None:
        variables = infer(arrow, patient=patient)
    check(arrow, variables, "the table")
    check_tiers(order, variables)
    columns = to_columns(arrow, variables, threads)
    check_sizes(columns)
    learned = learn(
        columns,
        k=variables.k,
        rules=rule_clauses(variables),
        patient=people(arrow, variables),
        settings=settings,
        missing=missing,
        latent=latent,
        order=order,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    told = tell_missing(columns, missing)
    return Model(learned, replace(variables, notices=(*variables.notices, *told)))


def weight_variable(variables: Variables) -> Variable:
    """The declaration of a column of weights beside VARIABLES, by a name that none of them has."""
    names = ["weight", "sampling_weight", *(f"sampling_weight_{i}" for i in range(2, len(variables) + 3))]
    role = Role.WEIGHT if variables.with_role(Role.WEIGHT) is None else Role.PLAIN
    return Variable(
        next(name for name in names if name not in variables),
        Kind.CONTINUOUS,
        "double",
        role=role,
        low=0.0,
        description="How many patients of the model each stands for: groups were drawn more often than they occur",
    )


def settings_of(privacy: str) -> Settings:
    """The settings of that name, else UsageError."""
    if privacy not in PRIVACY:
        raise UsageError(f'unknown privacy "{privacy}"; use one of {", ".join(PRIVACY)}')
    return PRIVACY[privacy]


def check_tiers(order: str, variables: Variables | None) -> None:
    """Raises UsageError when ORDER is no order, or is by tiers that VARIABLES (None: not declared at all) lack."""
    check_order(order)
    if order == "tiers":
        if variables is None:
            raise UsageError(
                "order by tiers needs a declaration that says the tier of every variable; give one"
            )
        declared_tiers(variables.modelled)


def writable(path: str | Path) -> Path:
    """PATH when a model can have that name, else BadInput."""
    path = Path(path)
    if not path.name.endswith((".json", ".json.zst")):
        raise BadInput(f"{path} does not end in .json or .json.zst; name it so")
    return check_file(path)


def people(table: pa.Table, variables: Variables) -> npt.NDArray[np.int64] | None:
    """int64[rows]: rows with the same number belong to one person; None when each row is a person.

    A row whose patient is not known (an empty cell, NaN, blanks) counts as a person of its own.
    """
    variable = variables.with_role(Role.PATIENT)
    if variable is None or variable.name not in table.column_names:
        return None
    column = table.column(variable.name)
    if pa.types.is_dictionary(column.type):  # whose entries may be empty, or double
        column = column.cast(column.type.value_type)
    try:
        coded = distinct(column)
    except pa.ArrowNotImplementedError:
        raise BadInput(
            f'column "{variable.name}" cannot tell patients apart: its type is {column.type}; '
            "give a column of text or numbers"
        ) from None
    known = np.array([*map(_is_known, coded.values.to_pylist()), False])
    person = np.where(known[coded.codes], coded.codes, -1)
    alone = person < 0
    person[alone] = len(coded.values) + np.arange(alone.sum())
    return person


def _is_known(patient: Any) -> bool:
    if isinstance(patient, str | bytes):
        return bool(patient.strip())
    return patient is not None and patient == patient  # NaN is no patient
