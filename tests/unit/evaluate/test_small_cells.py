"""Small cells on quasi-identifiers: counts by hand, leaks that are known beforehand, and tables that tell nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Status, small_cells
from locum.evaluate.metrics import Metric, SmallCells
from locum.evaluate.risk import Success
from locum.evaluate.sample import read_trio
from locum.evaluate.small_cells import Cells, known
from locum.variables import Kind, Role, Variable, Variables

N = 2000
AREAS = tuple(f"area {i}" for i in range(300))
QUASI = Variables(
    (
        Variable("age", Kind.COUNT, "int64", precision=1, role=Role.QUASI_IDENTIFIER),
        Variable("area", Kind.NOMINAL, levels=AREAS, role=Role.QUASI_IDENTIFIER),
        Variable("sex", Kind.BINARY, levels=("f", "m"), role=Role.QUASI_IDENTIFIER),
        Variable("pressure", Kind.CONTINUOUS, "double"),
    )
)


def people(seed: int, rows: int = N) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "age": np.clip(rng.normal(50, 15, rows), 18, 95).astype(int),
            "area": np.array(AREAS)[rng.integers(0, 300, rows)],
            "sex": np.array(["f", "m"])[rng.integers(0, 2, rows)],
            "pressure": rng.normal(120, 15, rows),
        }
    )


def attack(
    synthetic: pa.Table, variables: Variables = QUASI, train: pa.Table | None = None
) -> tuple[dict[str, Metric], SmallCells | None]:
    rng = np.random.default_rng(0)
    train = people(1) if train is None else train
    metrics, found, _ = small_cells.assess(read_trio(train, people(2), synthetic, variables, rng), rng)
    return {m.name: m for m in metrics}, found


def declared(role: Role, tier: int | None) -> Variables:
    kept = tuple(v if v.name == "pressure" else replace(v, role=role, tier=tier) for v in QUASI)
    return replace(QUASI, variables=kept)


def test_unseen_patients_single_out_nobody() -> None:
    metrics, found = attack(people(3))
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert metrics["small_cells_excess"].decides
    assert not metrics["small_cells"].decides
    assert found is not None
    assert found.variables == ["age", "area", "sex"]


@pytest.mark.parametrize("part", [1.0, 0.2])
def test_copied_patients_are_found(part: float) -> None:
    cut = int(part * N)
    metrics, _ = attack(pa.concat_tables([people(1).slice(0, cut), people(3).slice(cut)]))
    excess = metrics["small_cells_excess"]
    assert excess.status is Status.FAIL
    assert excess.value == pytest.approx(part * excess.floors["copy of the training data"], abs=0.05)


def test_rows_that_each_patient_lends_thrice_are_found() -> None:
    leak = pa.concat_tables([people(1).slice(0, N // 4)] * 3)
    assert attack(leak)[0]["small_cells_excess"].status is Status.FAIL


def test_a_table_of_the_holdout_is_no_excess_of_the_training_data() -> None:
    value = attack(people(2))[0]["small_cells_excess"].value
    assert value is not None
    assert value < -0.5


def test_cells_are_those_of_a_count_by_hand() -> None:
    counts = {
        "synthetic": [3, 1, 4, 0, 2],
        "real": [1, 20, 1, 7, 0],
        "drawn": [3, 1, 1, 0, 2],
        "train": [1, 9, 0, 1, 0],
        "unseen": [0, 11, 1, 3, 0],
    }
    cells = Cells(**{name: np.array(count) for name, count in counts.items()})
    assert cells.success == Success(hits=1, attempts=4, control_hits=1, control_attempts=4)
    assert cells.copy(k=10) is None  # it would tell of one patient


def test_real_counts_are_rounded_and_few_are_not_told() -> None:
    _, found = attack(people(3))
    assert found is not None
    assert found.real_unique is not None
    assert found.real_unique % 10 == 0
    coarse = replace(
        QUASI, variables=tuple(v if v.name == "sex" else replace(v, role=Role.PLAIN) for v in QUASI)
    )
    metrics, found = attack(people(3), coarse)
    assert found is not None
    assert found.real_unique is None
    assert "fewer than 10 by one real patient" in metrics["small_cells"].answer
    assert metrics["small_cells_excess"].floors == {}
    assert metrics["small_cells_excess"].status is Status.NOT_ASSESSABLE  # two combinations


def test_demographic_variables_stand_in_and_describe() -> None:
    variables = declared(Role.PLAIN, 0)
    metrics, found = attack(people(1), variables)
    assert found is not None
    assert not found.declared
    assert not any(m.decides for m in metrics.values())
    assert "stand in" in metrics["small_cells"].reasons[0]


def test_without_a_declaration_it_says_what_to_declare() -> None:
    metrics, found = attack(people(1), declared(Role.PLAIN, None))
    assert found is None
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
    assert not any(m.decides for m in metrics.values())
    assert all('the role "quasi-identifier"' in m.reasons[0] for m in metrics.values())


def test_quasi_identifiers_come_before_tiers() -> None:
    variables = replace(
        QUASI, variables=tuple(replace(v, tier=0) if v.name == "pressure" else v for v in QUASI)
    )
    rng = np.random.default_rng(0)
    outside = known(read_trio(people(1), people(2), people(3), variables, rng))
    assert outside.places == (0, 1, 2)
    assert outside.declared


def test_several_rows_of_a_person_are_one_person() -> None:
    patient = Variable("nhs", Kind.IDENTIFIER, "int64", role=Role.PATIENT)
    variables = replace(QUASI, variables=(*QUASI, patient))
    train, holdout = (people(s).append_column("nhs", pa.array(s * N + np.arange(N) // 4)) for s in (1, 2))
    rng = np.random.default_rng(0)
    trio = read_trio(train, holdout, people(3), variables, rng)
    assert Cells.of(trio, (0, 1, 2), rng).train.sum() == N // 4


@pytest.mark.parametrize("rows", [1, 99])
def test_few_rows_are_not_assessable(rows: int) -> None:
    metrics, found = attack(people(3, rows))
    assert found is None
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
