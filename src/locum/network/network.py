"""The model, a resampled Bayesian network with tree-structured conditionals: learn it, draw from it, score rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput, UsageError
from locum.network.arrays import Rows
from locum.network.cells import Cells
from locum.network.codes import encode, line_sizes, put_scores, variables_of
from locum.network.conditional import Codes, Conditional
from locum.network.draw import add_log_probability
from locum.network.draw_rows import draw_rows
from locum.network.following import candidates, followed, mostly_made_of
from locum.network.implied import Held
from locum.network.latent import hidden_values
from locum.network.learn_cells import SHARE_DIGITS, coarse_groups, learn_cells, with_formulas
from locum.network.members import learn_members
from locum.network.order import FINEST, TIERS, after_parts, declared_tiers, finest_first
from locum.network.pilot import Pilot
from locum.network.restrictions import broken, restrictions
from locum.network.scores import Score, learn_scores
from locum.network.settings import BALANCED, LARGEST_PART, Settings
from locum.network.threads import Progress, in_threads, of_each
from locum.variables import Column, Rule
from locum.variables.clauses import Clause

MOST_ROWS = 2**40  # that can be asked for at once; memory ends sooner
BLOCK = 65_536  # rows drawn together; each block has streams of random numbers of its own

LEARNING, DRAWING, COUNTING, GIVEN, BOOSTING, TEACHING = (
    1,
    2,
    3,
    4,
    5,
    8,
)  # keep the streams of random numbers apart


@dataclass(frozen=True)
class Network:
    """A learned model. ``cells`` and ``conditionals`` are in declaration order; ``order`` says which comes first.

    k: every cell is held by at least this many patients; rows, patients: what it was learned from.
    rules: clauses that every drawn patient keeps to, or breaks at a rate.
    hidden: how many of the last variables are latent classes, which never leave.
    ordered_by: "finest", or "tiers": then no variable comes before one of an earlier tier, but for latent classes.
    """

    cells: tuple[Cells, ...]
    order: tuple[int, ...]
    conditionals: tuple[Conditional, ...]
    settings: Settings
    k: int
    rows: int
    patients: int
    rules: tuple[Held, ...] = ()
    hidden: int = 0
    scores: tuple[Score, ...] = ()
    ordered_by: str = FINEST

    @property
    def visible(self) -> int:
        """How many of the first variables are those of the table."""
        return len(self.cells) - self.hidden

    def parents(self, v: int) -> list[int]:
        """The variables that any tree of V splits on, by themselves or by which formula they follow."""
        return variables_of(self.conditionals[v].lines, self.cells, self.scores)

    def sample(
        self,
        rows: int,
        *,
        seed: int = 0,
        part: int = 0,
        hidden: bool = False,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> list[Column]:
        """ROWS artificial patients, a column a variable. The same seed gives the same patients, whatever THREADS.

        part: numbers several independent draws of one seed. hidden: with the latent classes, which come last.
        """
        check_draw(rows, seed, part)
        starts = range(0, rows, BLOCK)
        held = restrictions(self.rules, self.order, self.cells)
        drawn = [Column(own.variable, np.empty(rows), np.empty(rows, np.uint8)) for own in self.cells]

        def draw(block: int) -> None:
            a = block * BLOCK
            b = min(rows, a + BLOCK)
            part_of = [Column(c.variable, c.values[a:b], c.missing[a:b]) for c in drawn]
            draw_rows(self, part_of, lambda v: np.random.default_rng([seed, DRAWING, part, block, v]), held)

        in_threads(draw, range(len(starts)), threads, progress)
        return drawn if hidden else drawn[: self.visible]

    def log_likelihood(self, columns: Sequence[Column]) -> npt.NDArray[np.float64]:
        """float64[n]: the log-probability of each row's cells under the average of the members' conditionals."""
        n = len(columns[0])
        total = np.full(n, -np.inf)
        for hidden in hidden_values(self.cells[self.visible :], n):
            joint = np.zeros(n)
            cell, split = encode(self.cells, [*columns, *hidden], self.scores)
            for own, tree, c in zip(self.cells, self.conditionals, cell, strict=True):
                add_log_probability(tree, own.state, own.body, own.shares(), own.ranks(), c, split, joint)
            total = np.logaddexp(total, joint)
        return total


def check_draw(rows: int, seed: int, part: int) -> None:
    """Raises BadInput when there is nothing to draw, UsageError for a seed below 0."""
    if not 1 <= rows <= MOST_ROWS:
        raise BadInput(
            f"cannot draw {rows} rows; ask for 1 to {MOST_ROWS:,}, and for several sets beyond that"
        )
    if seed < 0 or part < 0:
        raise UsageError(f"seed {min(seed, part)} is below 0; give a whole number from 0")


def fit_network(
    columns: Sequence[Column],
    *,
    k: int,
    rules: Sequence[tuple[Rule, Sequence[Clause]]] = (),
    patient: npt.NDArray[np.int64] | None = None,
    settings: Settings = BALANCED,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
    hidden: int = 0,
    known: Sequence[npt.NDArray[np.bool_]] | None = None,
    late: Sequence[int] = (),
    ordered_by: str = FINEST,
) -> Network:
    """Learn a network from COLUMNS, one entry a row.

    rules: what drawn patients keep to, with the clauses of each.
    hidden: how many of the last columns are latent classes, which come first in the order.
    known: for each column bool[n], where its value was not completed; only those count towards k.
    late: for each column a number: those of higher numbers come later, whatever else the order looks at.
    ordered_by: "tiers", those of later tiers come later, whatever else; "finest", tiers count for nothing.
    patient: int64[n], rows with the same number belong to one person; None when each row is a person.
    The same seed gives the same network, whatever THREADS.
    Raises BadInput when there is nothing to learn from, or the rules contradict each other, and UsageError when tiers
    are asked for and not declared.
    """
    rows = len(columns[0])
    counted, person = one_of_each(rows, patient, seed)
    people = int(np.count_nonzero(counted))
    if people < 2 * k:
        raise BadInput(
            f"{people} patient{' is' if people == 1 else 's are'} too few to learn from without disclosing them; "
            f"give at least {2 * k}, twice k"
        )
    held_by = [counted] * len(columns) if known is None else [counted & own for own in known]
    price = settings.price(people)
    learned = of_each(lambda v: learn_cells(columns[v], k, held_by[v], price), range(len(columns)), threads)
    formulas = candidates(columns)
    order = after_parts(finest_first([own for own, _ in learned]), mostly_made_of(columns, formulas))
    if late:
        order = sorted(order, key=lambda v: late[v])
    if ordered_by == TIERS:
        tier = declared_tiers([column.variable for column in columns[: len(columns) - hidden]]) + [0] * hidden
        order = sorted(order, key=lambda v: tier[v])
    order = [*range(len(columns) - hidden, len(columns)), *(v for v in order if v < len(columns) - hidden)]
    for place, v in enumerate(order):
        if found := followed(v, order[:place], columns, formulas[v], k, held_by[v]):
            learned[v] = with_formulas(
                columns[v], k, held_by[v], found.formulas, found.held, learned[v][0], price
            )
    cells = tuple(own for own, _ in learned)
    cell, split = encode(cells, columns, (), threads)
    scores = learn_scores(cells, order, split, price) if settings.scores else []
    split = np.concatenate([split, np.empty((len(scores), rows), np.uint8)])
    put_scores(scores, split, threads=threads)
    codes = Codes(
        cell=cell,
        split=split,
        classes=np.stack([classes[c] for (_, classes), c in zip(learned, cell, strict=True)]),
        coarse=tuple(coarse_groups(own, classes) for own, classes in learned),
        counted=counted,
        lines=line_sizes(cells, scores),
    )
    held = _held(rules, order, cells)
    if settings.dearer is None:
        pilot = Pilot(codes, cells, order, scores, person, k, seed, threads)
        settings = replace(settings, dearer=pilot.dearer())
    parts = of_each(
        lambda m: _part(person, people, settings, np.random.default_rng([seed, LEARNING, m])),
        range(settings.members),
        threads,
    )
    taught = [
        _taught(person, people, settings, np.random.default_rng([seed, TEACHING, v]))
        for v in range(len(cells))
    ]
    conditionals = learn_members(codes, cells, order, parts, settings, k, scores, taught, threads, progress)
    network = Network(
        cells,
        tuple(order),
        conditionals,
        settings,
        k,
        rows,
        people,
        hidden=hidden,
        scores=tuple(scores),
        ordered_by=ordered_by,
    )
    return _with_rules(network, held, columns, counted, seed, threads)


def _held(
    rules: Sequence[tuple[Rule, Sequence[Clause]]], order: Sequence[int], cells: Sequence[Cells]
) -> list[tuple[Held, bool]]:
    """The clauses of all rules, and whether each is to hold exactly."""

    def held(many: int) -> list[tuple[Held, bool]]:
        return [(Held(clause), rule.exactly) for rule, clauses in rules[:many] for clause in clauses]

    def impossible(many: int) -> bool:
        return restrictions([own for own, exactly in held(many) if exactly], order, cells).impossible

    if impossible(len(rules)):
        place = next(many for many in range(1, len(rules) + 1) if impossible(many))
        raise BadInput(
            f"rule {place} of the declaration leaves no patient at all, by itself or with those before it; "
            "mend the rules that contradict each other, or the data"
        )
    return held(len(rules))


def _with_rules(
    network: Network,
    rules: Sequence[tuple[Held, bool]],
    columns: Sequence[Column],
    counted: npt.NDArray[np.bool_],
    seed: int,
    threads: int | None,
) -> Network:
    """NETWORK with RULES, those that need not hold exactly with the rate at which the training patients break them."""
    exact = replace(network, rules=tuple(held for held, exactly in rules if exactly))
    drawn: list[Column] = []
    found: list[Held] = []
    for held, exactly in rules:
        if not exactly:
            left, broke = broken(held.clause, network.order, network.cells, columns, counted)
            if broke >= network.k:  # fewer are not told
                drawn = drawn or exact.sample(BLOCK, seed=seed, threads=threads)
                rows, too = broken(held.clause, network.order, network.cells, drawn, np.ones(BLOCK, np.bool_))
                rate = round(broke / left, SHARE_DIGITS)
                kept = round(min(1.0, rate * rows / too), SHARE_DIGITS) if too else 1.0
                held = replace(held, rate=rate, kept=kept)
        found.append(held)
    return replace(network, rules=tuple(found))


def one_of_each(
    rows: int, patient: npt.NDArray[np.int64] | None, seed: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """(bool[n], one row of each person; int64[n], the number of each row's person).

    The row is a random one: where all first rows say "visit 1", what comes later would count as held by nobody.
    """
    if patient is None:
        return np.ones(rows, np.bool_), np.arange(rows)
    shuffled = np.random.default_rng([seed, COUNTING]).permutation(rows)
    _, first = np.unique(patient[shuffled], return_index=True)
    _, person = np.unique(patient, return_inverse=True)
    counted = np.zeros(rows, np.bool_)
    counted[shuffled[first]] = True
    return counted, person


def _part(person: npt.NDArray[np.int64], people: int, settings: Settings, rng: np.random.Generator) -> Rows:
    """uint32[m]: the rows of a random part of the people, whole people only."""
    share = min(settings.part, LARGEST_PART / len(person))
    chosen = np.zeros(people, np.bool_)
    chosen[rng.permutation(people)[: max(1, round(share * people))]] = True
    return np.flatnonzero(chosen[person]).astype(np.uint32)


def _taught(
    person: npt.NDArray[np.int64], people: int, settings: Settings, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """bool[n]: the rows of the people whose values fill the leaves of one variable, whole people only."""
    if settings.taught == 1.0:
        return np.ones(len(person), np.bool_)
    chosen: npt.NDArray[np.bool_] = rng.random(people) < settings.taught
    return chosen[person]
