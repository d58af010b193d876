"""The entry point: odd tables, refusals, the same bytes for the same call, the published schema."""

from __future__ import annotations

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.evaluate import Metrics, Status
from locum.evaluate.evaluation import evaluate
from locum.evaluate.json_schema import FILE, as_text, schema
from locum.variables import Kind, Role, Variable, Variables
from locum.variables.columns import LARGEST
from tests.adversarial import population as p


def quick(
    train: pa.Table, holdout: pa.Table, synthetic: pa.Table, variables: Variables = p.VARIABLES
) -> Metrics:
    return evaluate(train, holdout, synthetic, variables, quick=True)


@pytest.mark.parametrize(("size", "judged"), [(LARGEST, True), (1e300, False)])
def test_large_numbers_are_judged_up_to_a_limit(size: float, judged: bool) -> None:
    variables = Variables(
        (Variable("x", Kind.CONTINUOUS, "double"), Variable("y", Kind.CONTINUOUS, "double"))
    )

    def drawn(seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        x = rng.choice([-size, size, np.nan, 0.5], 600)
        return pa.table({"x": x, "y": rng.normal(size=600)})

    tables = [drawn(seed) for seed in range(3)]
    if judged:
        assert quick(*tables, variables).verdict.privacy is Status.PASS
        return
    with pytest.raises(BadInput, match=r'training table: column "x" has numbers beyond 1e\+29'):
        quick(*tables, variables)


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table, pa.Table]:
    return p.population(500, 1), p.population(500, 2), p.population(500, 3)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == as_text()


def test_what_is_written_fits_the_schema_and_is_the_same_each_time(tables: tuple[pa.Table, ...]) -> None:
    said: list[str] = []
    first = evaluate(
        *tables, p.VARIABLES, quick=True, created="2026-01-02", version="1", progress=said.append
    )
    second = evaluate(*tables, p.VARIABLES, quick=True, created="2026-01-02", version="1")
    assert first.model_dump_json() == second.model_dump_json()
    jsonschema.validate(first.model_dump(mode="json"), schema())
    assert first.model_dump_json().startswith('{"verdict":')
    assert len(said) > 5
    assert Metrics.model_validate_json(first.model_dump_json()) == first
    for chart in first.marginals:
        for shares in (chart.train, chart.holdout, chart.synthetic):
            assert len(shares) == len(chart.bins)
            assert sum(shares) == pytest.approx(1, abs=0.005)
        if chart.edges is not None:
            assert len(chart.edges) - 1 <= len(chart.bins)


def test_another_seed_still_reaches_the_same_verdict(tables: tuple[pa.Table, ...]) -> None:
    assert evaluate(*tables, p.VARIABLES, quick=True, seed=9).verdict.fidelity is Status.PASS


def test_other_column_types_order_and_extra_columns_are_taken(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    other = p.replaced(synthetic, "age", synthetic.column("age").cast(pa.float32()))
    other = p.replaced(other, "sex", other.column("sex").dictionary_encode())
    other = p.replaced(other, "pressure", other.column("pressure").cast(pa.string()))
    other = p.replaced(other, "stroke", other.column("stroke").cast(pa.float64()))
    other = other.select(other.column_names[::-1]).append_column("more", pa.array(range(len(other))))
    metrics = quick(train, holdout, other)
    assert set(metrics.verdict.model_dump().values()) <= {Status.PASS, Status.WARN}
    assert any("1 columns of the synthetic table" in n or "1 column" in n for n in metrics.about.notices)


def test_absent_variables_are_named(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    with pytest.raises(BadInput, match=r"synthetic table lacks age, stroke"):
        quick(train, holdout, synthetic.drop_columns(["age", "stroke"]))


def test_empty_tables_are_refused(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    with pytest.raises(BadInput, match="synthetic table has no rows"):
        quick(train, holdout, synthetic.slice(0, 0))


def test_an_unknown_target_is_refused(tables: tuple[pa.Table, ...]) -> None:
    with pytest.raises(BadInput, match="no variable death"):
        evaluate(*tables, p.VARIABLES, target="death", quick=True)


def with_patients(table: pa.Table, first: int, rows_each: int = 2) -> pa.Table:
    return table.append_column("nhs", pa.array(first + np.arange(len(table)) // rows_each))


PATIENTS = Variables((*p.VARIABLES.variables, Variable("nhs", Kind.IDENTIFIER, "int64", role=Role.PATIENT)))


def test_shared_patients_are_refused(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    with pytest.raises(BadInput, match="share patients"):
        quick(with_patients(train, 0), with_patients(holdout, 249), synthetic, PATIENTS)


def test_rows_are_counted_by_patient(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    metrics = quick(with_patients(train, 0), with_patients(holdout, 1000), synthetic, PATIENTS)
    assert metrics.about.train_rows == 500
    assert metrics.about.train_patients == 250
    assert metrics.attacks[0].attacked <= 250
    assert "nhs" not in metrics.model_dump_json()


@pytest.mark.parametrize("rows", [1, 20, 99])
def test_tiny_tables_are_not_assessable(rows: int) -> None:
    metrics = quick(*(p.population(rows, i) for i in range(3)))
    assert set(metrics.verdict.model_dump().values()) == {Status.NOT_ASSESSABLE}
    assert all(m.reasons for m in metrics.metrics)


def test_one_synthetic_row_is_not_assessable(tables: tuple[pa.Table, ...]) -> None:
    metrics = quick(tables[0], tables[1], tables[2].slice(0, 1))
    assert set(metrics.verdict.model_dump().values()) == {Status.NOT_ASSESSABLE}


def test_some_hundred_patients_are_assessed() -> None:
    metrics = quick(*(p.population(343, i) for i in range(3)))
    assert Status.NOT_ASSESSABLE not in {
        metrics.verdict.fidelity,
        metrics.verdict.utility,
        metrics.verdict.privacy,
    }
    assert Status.FAIL not in set(metrics.verdict.model_dump().values())


def test_one_column_has_no_pairs() -> None:
    variables = Variables((p.VARIABLES["age"],))
    metrics = quick(*(p.population(300, i) for i in range(3)), variables)
    named = {m.name: m for m in metrics.metrics}
    assert named["pair_mean"].status is Status.NOT_ASSESSABLE
    assert named["marginal_mean"].status is Status.PASS
    assert metrics.verdict.utility is Status.NOT_ASSESSABLE
    assert metrics.pairs.gap == [[0.0]]


def test_constant_and_empty_columns_are_taken() -> None:
    variables = Variables(
        (
            Variable("same", Kind.CONTINUOUS, "double"),
            Variable("one", Kind.NOMINAL, levels=("only",)),
            Variable("none", Kind.CONTINUOUS, "double"),
            Variable("never", Kind.NOMINAL),
            Variable("x", Kind.CONTINUOUS, "double", precision=0.01),
        )
    )

    def table(seed: int) -> pa.Table:
        x = np.round(np.random.default_rng(seed).normal(size=300), 2)
        empty = pa.nulls(300, pa.float64()), pa.nulls(300, pa.string())
        return pa.table(
            {"same": np.full(300, 7.0), "one": ["only"] * 300, "none": empty[0], "never": empty[1], "x": x}
        )

    metrics = quick(*(table(i) for i in range(3)), variables)
    assert metrics.verdict.fidelity is Status.PASS
    assert {s.variable: s.synthetic for s in metrics.missing}["none"] == 1


def test_levels_never_seen_in_training_are_taken_and_count(tables: tuple[pa.Table, ...]) -> None:
    train, holdout, synthetic = tables
    strange = p.replaced(synthetic, "smoker", pa.array(["pipe"] * 250 + ["never"] * 250))
    metrics = quick(train, holdout, strange)
    assert metrics.verdict.fidelity is Status.FAIL
    assert "pipe" not in metrics.model_dump_json()


def test_a_table_of_few_different_rows_hides_everyone_in_a_crowd() -> None:
    variables = Variables(
        tuple(Variable(f"b{i}", Kind.BINARY, "bool", levels=("false", "true")) for i in range(4))
    )

    def table(seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        return pa.table({f"b{i}": rng.random(600) < 0.4 for i in range(4)})

    metrics = quick(*(table(i) for i in range(3)), variables)
    named = {m.name: m for m in metrics.metrics}
    assert named["membership_auc"].status is Status.NOT_ASSESSABLE
    assert "exact double" in named["membership_auc"].reasons[0]
    assert "no exact double" in named["membership_auc_isolated"].reasons[0]
    assert named["copies_excess"].status is Status.PASS
    assert metrics.verdict.privacy is Status.PASS


def test_a_target_is_chosen_and_named_and_what_gives_it_away_left_out(tables: tuple[pa.Table, ...]) -> None:
    plain = Variables(
        (
            *tuple(
                Variable(v.name, v.kind, v.storage, levels=v.levels, precision=v.precision)
                for v in p.VARIABLES
            ),
            Variable("stroke_code", Kind.NOMINAL, levels=("none", "I63")),
        )
    )
    coded = [
        t.append_column("stroke_code", pa.array(np.where(t.column("stroke").to_numpy() == 1, "I63", "none")))
        for t in tables
    ]
    metrics = evaluate(*coded, plain, target="stroke", quick=True)
    assert any("stroke_code" in notice and "give it away" in notice for notice in metrics.about.notices)
    chosen = quick(*coded, plain)
    assert chosen.about.target is not None
    assert any("No target was named" in notice for notice in chosen.about.notices)


@pytest.mark.parametrize("target", ["age", "smoker"])
def test_a_target_with_many_values_is_split_in_two(tables: tuple[pa.Table, ...], target: str) -> None:
    metrics = evaluate(*tables, p.VARIABLES, target=target, quick=True)
    assert metrics.about.target == target
    assert metrics.predictions
    assert any("what is predicted" in notice for notice in metrics.about.notices)
