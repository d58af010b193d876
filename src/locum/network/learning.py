"""Learn a network: what missing values mean for it, and whether there is a latent class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput, UsageError
from locum.network.arrays import Flags, Integers
from locum.network.complete import COMPLETING, ROUNDS, complete, known_values, latest, never_missing
from locum.network.latent import hidden_column, inner_split
from locum.network.network import Network, fit_network, one_of_each
from locum.network.order import FINEST, check_order
from locum.network.settings import BALANCED, Settings
from locum.network.threads import Progress
from locum.variables import Column, Rule
from locum.variables.clauses import Clause

MISSING = {"state": "a value like others", "complete": "complete cases", "latent": "completed"}
LATENT = ("off", "on", "auto")
FEW_MEMBERS = 4  # of the networks that only complete rows
SURE = 2.0  # standard errors by which a latent class must raise the held-out log-likelihood


class _Patients(NamedTuple):
    """counted: bool[n], one row of each patient; person: int64[n], the number of each row's patient."""

    counted: Flags
    person: Integers


def fit(
    columns: Sequence[Column],
    *,
    k: int,
    rules: Sequence[tuple[Rule, Sequence[Clause]]] = (),
    patient: npt.NDArray[np.int64] | None = None,
    settings: Settings = BALANCED,
    missing: str = "state",
    latent: str = "off",
    order: str = FINEST,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Network:
    """Learn a network from COLUMNS, one entry a row.

    rules: what drawn patients keep to, with the clauses of each.
    patient: int64[n], rows with the same number belong to one person; None when each row is a person.
    missing: "state", being missing is a value like others; "complete", only rows without missing values teach;
        "latent", missing values are completed as if missing at random (`locum.network.complete`), and none is drawn.
    latent: "on", a latent class comes first in the order; "auto", where that raises the held-out likelihood; "off".
    order: "finest", the finest-grained variables first; "tiers", so within each declared tier, and earlier tiers first.
    The same seed gives the same network, whatever THREADS.
    Raises BadInput when there is nothing to learn from, or the rules contradict each other, and UsageError when tiers
    are asked for and not all declared.
    """
    check_arms(missing, latent)
    check_order(order)
    if not columns:
        raise BadInput(
            "no variable is left to model; declare at least one column as something other than an identifier"
        )
    if seed < 0:
        raise UsageError(f"seed {seed} is below 0; give a whole number from 0")
    if missing == "complete":
        rows = complete_rows(columns)
        _enough(columns, rows, patient, k)
        columns = [column.take(rows) for column in columns]
        patient = None if patient is None else patient[rows]
    known: list[Flags] | None = None
    if missing == "latent":
        columns, known = _completed(columns, patient, k, settings, seed, threads)
    hidden = _latent(columns, patient, k, settings, latent, order, seed, threads)
    if known is not None:
        known += [np.ones(len(column), np.bool_) for column in hidden]
    return fit_network(
        [*columns, *hidden],
        k=k,
        rules=rules,
        patient=patient,
        settings=settings,
        seed=seed,
        threads=threads,
        progress=progress,
        hidden=len(hidden),
        known=known,
        ordered_by=order,
    )


def check_arms(missing: str, latent: str) -> None:
    """Raises UsageError when there is no such arm."""
    if missing not in MISSING:
        raise UsageError(f'unknown way with missing values "{missing}"; use one of {", ".join(MISSING)}')
    if latent not in LATENT:
        raise UsageError(f'unknown choice of a latent class "{latent}"; use one of {", ".join(LATENT)}')


def tell_missing(columns: Sequence[Column], missing: str) -> tuple[str, ...]:
    """What a reader of the model should know of how missing values were treated; nothing for "state"."""
    gaps = any(column.missing.any() for column in columns)
    if missing == "state" or not gaps:
        return ()
    if missing == "complete":
        rows, kept = len(columns[0]), len(complete_rows(columns))
        return (
            f"only rows without missing values taught the model: {rows - kept:,} of {rows:,} were left out",
        )
    return (
        "missing values were completed before learning, as if they were missing at random: "
        "the model draws none, and no test can tell whether that holds",
    )


def complete_rows(columns: Sequence[Column]) -> Integers:
    """int64[m]: the rows without any missing value."""
    return np.flatnonzero(np.logical_and.reduce([column.missing == 0 for column in columns]))


def _enough(columns: Sequence[Column], rows: Integers, patient: npt.NDArray[np.int64] | None, k: int) -> None:
    people = len(rows) if patient is None else len(np.unique(patient[rows]))
    if people < 2 * k:
        worst = max(columns, key=lambda column: np.count_nonzero(column.missing))
        share = np.count_nonzero(worst.missing) / max(len(worst), 1)
        raise BadInput(
            f"{people} patients have no missing value, too few to learn from without disclosing them: at least "
            f'{2 * k}, twice k, are needed; leave out columns such as "{worst.variable.name}", missing in '
            f"{share:.0%} of the rows, or count being missing as a state"
        )


def _completed(
    columns: Sequence[Column],
    patient: npt.NDArray[np.int64] | None,
    k: int,
    settings: Settings,
    seed: int,
    threads: int | None,
) -> tuple[Sequence[Column], list[Flags]]:
    """(COLUMNS with missing values completed, for each bool[n] where the value was there from the beginning)."""
    counted = one_of_each(len(columns[0]), patient, seed)[0]
    known = known_values(columns, counted, k)
    if all(own.all() for own in known):
        return columns, known
    few = replace(settings, members=min(FEW_MEMBERS, settings.members))

    def learn(values: Sequence[Column], turn: int) -> Network:
        counting = known if turn else None
        return fit_network(
            values,
            k=k,
            patient=patient,
            settings=few,
            seed=seed + turn,
            threads=threads,
            known=counting,
            late=latest(known),
        )

    for turn in range(ROUNDS + 1):
        network = learn(columns, turn)
        if turn == 0:
            network = never_missing(network, known)
        columns = complete(network, columns, known, (seed, COMPLETING, turn), again=turn > 0)
    return columns, known


def _latent(
    columns: Sequence[Column],
    patient: npt.NDArray[np.int64] | None,
    k: int,
    settings: Settings,
    latent: str,
    order: str,
    seed: int,
    threads: int | None,
) -> list[Column]:
    """The latent class of each row, or nothing."""
    if latent == "off":
        return []
    patients = _Patients(*one_of_each(len(columns[0]), patient, seed))
    if latent == "auto" and not _pays(columns, patients, k, settings, order, seed, threads):
        return []
    return [hidden_column(columns, patients.person, patients.counted, k, seed, threads)]


def _pays(
    columns: Sequence[Column],
    patients: _Patients,
    k: int,
    settings: Settings,
    order: str,
    seed: int,
    threads: int | None,
) -> bool:
    """Whether patients held out of the training patients are surely likelier with a latent class than without."""
    taught, unseen = inner_split(patients.person, seed)
    own = patients.person[taught]
    if len(np.unique(own)) < 2 * k:
        return False
    known, new = [c.take(taught) for c in columns], [c.take(unseen) for c in columns]
    counted, person = one_of_each(len(taught), own, seed)
    hidden = hidden_column(known, person, counted, k, seed, threads)
    without, having = (
        fit_network(
            [*known, *more],
            k=k,
            patient=own,
            settings=settings,
            seed=seed,
            threads=threads,
            hidden=len(more),
            ordered_by=order,
        ).log_likelihood(new)
        for more in ([], [hidden])
    )
    _, whose = np.unique(patients.person[unseen], return_inverse=True)
    gain = np.bincount(whose, having - without)
    return bool(gain.mean() > SURE * gain.std() / np.sqrt(len(gain)) > 0)
