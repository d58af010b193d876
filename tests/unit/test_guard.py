"""A drawn patient who comes too near to an isolated real one is drawn again."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from locum import guard as guarding
from locum.evaluate.neighbours import Embedding, nearest, within
from locum.evaluate.sample import Sample
from locum.guard import AGAIN, METADATA, ROUNDS, Guard, draw_guarded, notices
from locum.model import Model, fit
from locum.network import Network
from locum.variables import Variables, from_dict, infer, to_columns, to_dict


def patients(rows: int, seed: int) -> pa.Table:
    """Numbers of heavy tails and a flag, so that some patients are far from all others."""
    rng = np.random.default_rng(seed)
    common = rng.standard_t(3, rows)
    table = {f"x{i}": np.round(common + rng.standard_t(3, rows), 2) for i in range(6)}
    low = np.round(rng.normal(80, 10, rows))
    return pa.table(
        {**table, "low": low, "high": low + rng.poisson(30, rows), "flag": (common > 1).astype(np.int64)}
    )


@cache
def declared() -> Variables:
    plain = to_dict(infer(patients(400, 1)))
    return from_dict({**plain, "rules": [{"holds": "low <= high"}]}, "here")


@cache
def learned() -> Model:
    return fit(patients(400, 1), declared(), seed=2, threads=1)


def read(table: pa.Table, person: np.ndarray | None = None) -> Sample:
    whose = np.arange(table.num_rows) if person is None else person
    return Sample(tuple(to_columns(table, declared())), whose)


def guard(table: pa.Table, rows: int = 400, person: np.ndarray | None = None) -> Guard:
    return Guard.of(read(table, person), rows, np.random.default_rng(0))


def test_copies_of_isolated_patients_are_too_near_and_unseen_patients_hardly_ever() -> None:
    real = patients(2000, 1)
    found = guard(real, 2000)
    assert 150 <= len(found.isolated) <= 200
    copied = found.too_near(to_columns(real, declared()))
    assert copied.sum() >= len(found.isolated)
    unseen = found.too_near(to_columns(patients(2000, 9), declared()))
    assert 0 < unseen.mean() < 0.01


def test_more_rows_are_to_keep_farther_from_nobody() -> None:
    real = patients(400, 1)
    assert guard(real, 40_000).radius.sum() <= guard(real, 400).radius.sum()


def test_rows_of_one_person_do_not_hide_that_the_person_is_isolated() -> None:
    table = patients(400, 1)
    alone = guard(table)
    twice = guard(pa.concat_tables([table, table]), person=np.tile(np.arange(400), 2))
    together = {tuple(sorted(row.round(4))) for row in twice.isolated}  # columns may stand in another order
    kept = np.mean([tuple(sorted(row.round(4))) in together for row in alone.isolated])
    assert kept > 0.9
    assert len(guard(pa.concat_tables([table, table])).isolated) == 0  # everybody has a double


def test_only_rows_that_are_too_near_are_drawn_again_and_the_rule_holds_for_them() -> None:
    real = patients(400, 1)
    seed, found = next(
        (seed, found)
        for seed in range(40)
        if (found := draw_guarded(learned(), real, 2000, seed=seed)).redrawn
    )
    plain = learned().sample(2000, seed=seed)
    differ = np.zeros(2000, np.bool_)
    for name in plain.column_names:
        differ |= plain[name].to_numpy() != found.table[name].to_numpy()
    assert differ.sum() == found.redrawn < 20
    assert found.left == 0
    assert (found.table["low"].to_numpy() <= found.table["high"].to_numpy()).all()
    near = Guard.of(read(real), 2000, np.random.default_rng([seed, guarding.STREAM])).too_near
    assert not near(to_columns(found.table, declared())).any()
    assert near(to_columns(plain, declared())).sum() == found.redrawn


def test_the_same_seed_gives_the_same_table_whatever_the_threads() -> None:
    one, two = (draw_guarded(learned(), patients(400, 1), 500, seed=3, threads=t).table for t in (1, 3))
    assert one.equals(two, check_metadata=True)


def test_where_every_row_is_too_near_drawing_ends_and_the_report_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    sample = Network.sample

    def counted(self: Network, rows: int, **more: int) -> list:
        asked.append(more.get("part", 0))
        return sample(self, rows, **more)

    monkeypatch.setattr(Network, "sample", counted)
    monkeypatch.setattr(Guard, "too_near", lambda self, columns: np.ones(len(columns[0]), np.bool_))
    found = draw_guarded(learned(), patients(400, 1), 30, seed=0)
    assert asked == [0, *range(AGAIN, AGAIN + ROUNDS)]
    assert (found.redrawn, found.left, found.table.num_rows) == (30, 30, 30)
    (told,) = notices(found.table)
    assert "30 of them came too near each time" in told


@pytest.mark.parametrize("rows", [1, 2, 20])
def test_few_or_equal_patients_are_no_fault(rows: int) -> None:
    same = patients(400, 1).take([0] * rows)
    assert not guard(same).too_near(to_columns(patients(50, 1), declared())).any()
    guard(patients(rows, 1)).too_near(to_columns(patients(50, 1), declared()))


def test_the_table_tells_how_it_was_guarded_and_no_other_table_does() -> None:
    found = draw_guarded(learned(), patients(400, 1), 300, seed=3)
    (told,) = notices(found.table)
    assert told.startswith(
        f"Of 300 drawn patients, {found.redrawn} came nearer to one of the {found.isolated} "
    )
    assert notices(patients(10, 1)) == ()
    for damaged in (b"", b"[]", b'{"drawn": "<b>"}', b'{"drawn": 1}', b"\xff"):
        assert notices(found.table.replace_schema_metadata({METADATA: damaged})) == ()


def test_within_and_nearest_of_others_agree_with_all_distances() -> None:
    rng = np.random.default_rng(5)
    real, other = read(patients(120, 2)), read(patients(80, 3))
    embedding = Embedding.on([real], rng)
    base, query = embedding.points(real), embedding.points(other)
    apart = np.minimum(1, np.abs(query[:, None].astype(float) - base[None])).sum(axis=2)
    radius = rng.uniform(0, 1.5, 120).astype(np.float32)
    assert (within(query, base, radius) == (apart < radius).any(axis=1)).all()
    mine, whose = rng.integers(0, 5, 80), rng.integers(0, 5, 120)
    apart[mine[:, None] == whose[None]] = np.inf
    assert nearest(query, base, mine, whose) == pytest.approx(apart.min(axis=1), abs=1e-4)
    nobody = np.zeros(80, np.int64)
    assert np.isinf(nearest(query, base[:3], nobody, nobody[:3])).all()
