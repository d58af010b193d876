"""The attacks on a model, on models made up for the purpose: one that remembers, one that knows nothing of anyone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput, UsageError
from locum.evaluate import Status, model_attack, shadows
from locum.evaluate.evaluation import evaluate
from locum.evaluate.model_attack import Real, check_model
from locum.evaluate.sample import read_trio
from locum.variables import Kind, Role, Variable, Variables

VARIABLES = Variables((Variable("x", Kind.CONTINUOUS, "double"), Variable("y", Kind.CONTINUOUS, "double")))
WITH_PATIENT = Variables((*VARIABLES, Variable("nhs", Kind.IDENTIFIER, "int64", role=Role.PATIENT)))


@dataclass
class Normal:
    """A normal density of x; REMEMBERS adds to the log-likelihood of rows that it was learned from."""

    remembers: float = 0.0
    seen: set[float] = field(default_factory=set)
    learned: list[int] = field(default_factory=list)  # rows of the models learned again

    def log_likelihood(self, table: pa.Table, /) -> np.ndarray:
        if "x" not in table.column_names:
            raise BadInput("the table lacks x")
        x = table.column("x").to_numpy()
        known = np.array([v in self.seen for v in x.tolist()], dtype=bool)
        with np.errstate(invalid="ignore"):
            return np.where(np.isnan(x), -np.inf, -(x**2) / 2 + self.remembers * known)

    def again(self, table: pa.Table, seed: int) -> Normal:
        self.learned.append(table.num_rows)
        return Normal(self.remembers, set(table.column("x").to_pylist()))

    def of(self, table: pa.Table) -> Normal:
        return Normal(self.remembers, set(table.column("x").to_pylist()))


def people(rows: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table({"x": rng.normal(size=rows), "y": rng.normal(size=rows)})


def real(train: pa.Table, holdout: pa.Table, variables: Variables = VARIABLES) -> Real:
    trio = read_trio(train, holdout, holdout, variables, np.random.default_rng(0))
    return Real.of(train, holdout, trio, variables)


def attack(model: Normal, train: pa.Table, holdout: pa.Table):  # type: ignore[no-untyped-def]
    metrics, attacks, ratio = model_attack.assess(
        model, real(train, holdout), np.random.default_rng(0), quick=False
    )
    return {m.name: m for m in metrics}, attacks, ratio


def test_a_model_that_remembers_names_everyone_and_does_not_decide() -> None:
    train, holdout = people(4000, 1), people(4000, 2)
    metrics, attacks, ratio = attack(Normal(remembers=5).of(train), train, holdout)
    assert {m.status for m in metrics.values()} == {Status.FAIL}
    assert not any(m.decides for m in metrics.values())
    assert all(
        "holds the model file" in m.answer and "nothing about the table" in m.method for m in metrics.values()
    )
    everyone, isolated = attacks
    assert (everyone.auc, everyone.tpr_at_1pct, everyone.tpr_at_01pct) == (1, 1, 1)
    assert isolated.tpr_at_01pct is None  # 400 controls cannot show one in a thousand
    # Each half of the holdout taught one reference model.
    assert [len(r.seen) for r in ratio.references] == [2000, 2000]
    assert not ratio.references[0].seen & ratio.references[1].seen


def test_a_model_that_forgets_names_nobody() -> None:
    train, holdout = people(1000, 1), people(1000, 2)
    metrics, _, _ = attack(Normal().of(train), train, holdout)
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert metrics["model_membership_auc"].value == 0.5


def test_a_model_learned_from_the_holdout_is_found() -> None:
    train, holdout = people(1000, 1), people(1000, 2)
    metrics, _, _ = attack(Normal(remembers=5).of(holdout), train, holdout)
    assert metrics["model_membership_auc"].status is Status.FAIL
    assert "meant to be unseen" in metrics["model_membership_auc"].reasons[0]


def test_records_that_the_model_cannot_draw_are_left_out_or_there_is_nothing_to_say() -> None:
    def gaps(table: pa.Table, every: int) -> pa.Table:
        x = table.column("x").to_numpy().copy()
        x[::every] = np.nan
        return table.set_column(0, "x", pa.array(x))

    train, holdout = gaps(people(1000, 1), 2), gaps(people(1000, 2), 2)
    metrics, attacks, _ = attack(Normal(remembers=5).of(train), train, holdout)
    assert metrics["model_membership_auc"].value == 1
    assert attacks[0].attacked == pytest.approx(500, abs=60)
    train, holdout = gaps(train, 1), gaps(holdout, 1)
    metrics, _, ratio = attack(Normal().of(train), train, holdout)
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
    assert ratio is None


def test_rows_of_a_person_are_on_one_side() -> None:
    def of_two(table: pa.Table, first: int) -> pa.Table:
        return table.append_column("nhs", pa.array(first + np.arange(len(table)) // 2))

    train, holdout = of_two(people(1000, 1), 0), of_two(people(1000, 2), 10_000)
    held = real(train, holdout, WITH_PATIENT)
    assert "nhs" in held.train.column_names  # so that a model learned again counts people, not rows
    ratio = model_attack.measure(Normal(5).of(train), held, np.random.default_rng(0), quick=False)
    assert len(np.unique(ratio.scored.patients)) == len(ratio.scored.patients) == 1000
    x = holdout.column("x").to_pylist()
    for reference in ratio.references:
        assert all((x[i] in reference.seen) == (x[i + 1] in reference.seen) for i in range(0, 1000, 2))


def test_shadow_models_find_whom_a_model_remembers_and_nobody_else() -> None:
    train, holdout = people(1000, 1), people(1000, 2)
    for remembers, status in ((1.0, Status.FAIL), (0.0, Status.PASS)):
        model = Normal(remembers).of(train)
        held, rng = real(train, holdout), np.random.default_rng(0)
        _, _, ratio = model_attack.assess(model, held, rng, quick=True)
        metrics, attacks = model_attack.shadow(model, held, ratio, 8, rng)
        assert metrics[0].name == "model_shadows_auc"
        assert metrics[0].status is status
        assert attacks[0].attacked == 50
        assert not any(m.decides for m in metrics)
    assert len(model.learned) == 2 + 8
    assert all(abs(rows - 500) < 80 for rows in model.learned[2:])


def test_scores_are_those_of_a_plain_count() -> None:
    rng = np.random.default_rng(3)
    likelihood = rng.normal(size=(3, 10))
    sees = rng.permuted(np.tile(np.arange(10) % 2 == 0, (3, 1)), axis=1)
    got = shadows.scores(likelihood, sees)
    for i in range(3):
        for fit in range(10):
            others = np.arange(10) != fit
            a, b = likelihood[i, others & sees[i]], likelihood[i, others & ~sees[i]]
            spread = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
            own = likelihood[i, fit]
            score = ((own - b.mean()) ** 2 - (own - a.mean()) ** 2) / (2 * spread / (len(a) + len(b) - 2))
            assert got[i, fit] == pytest.approx(score)


def test_few_patients_are_not_attacked() -> None:
    train, holdout = people(150, 1), people(150, 2)
    metrics, attacks, ratio = attack(Normal(5).of(train), train, holdout)
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
    more, _ = model_attack.shadow(Normal(5), real(train, holdout), ratio, 8, np.random.default_rng(0))
    assert {m.status for m in more} == {Status.NOT_ASSESSABLE}
    assert attacks[0].auc is None


def test_a_model_of_other_tables_is_refused_and_shadows_need_a_model() -> None:
    train = people(120, 1)
    with pytest.raises(BadInput, match="model does not fit the training table"):
        check_model(Normal(), train.select(["y"]))
    with pytest.raises(UsageError, match="need the model"):
        evaluate(train, people(120, 2), train, VARIABLES, shadows=8)
    with pytest.raises(UsageError, match="at least 8"):
        evaluate(train, people(120, 2), train, VARIABLES, model=Normal(), shadows=7)
