"""A leaked copy is traced to whom it was given; nobody else is named; a copy is the dataset but for random rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from locum.errors import BadInput
from locum.release.fingerprint import LEFT_OUT, kept, trace

SECRET = bytes(range(32))
DATASET = "ab" * 32
NAMES = [f"organisation {i}" for i in range(40)]
GUILTY = NAMES[17]


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    """20,000 patients, most of whom are like nobody else."""
    rng = np.random.default_rng(1)
    n = 20_000
    return pa.table(
        {
            "sex": rng.choice(["female", "male"], n),
            "age": rng.integers(18, 95, n),
            "bmi": pa.array(rng.normal(27, 5, n).round(1), mask=rng.random(n) < 0.2),
            "sbp": rng.normal(135, 18, n).round(),
            "ratio": rng.normal(4, 1, n).round(2),
            "seen": pa.array(rng.integers(15_000, 18_000, n).astype("int32"), pa.date32()),
        }
    )


@pytest.fixture(scope="module")
def copy(whole: pa.Table) -> pa.Table:
    return whole.filter(pa.array(kept(whole.num_rows, SECRET, DATASET, GUILTY)))


def found(leaked: pa.Table, whole: pa.Table, names: list[str] = NAMES):
    return trace(leaked, whole, SECRET, DATASET, names)


def some(table: pa.Table, rows: int, seed: int = 0) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(table.num_rows)[:rows])


def test_a_copy_is_a_random_part_that_differs_by_recipient_and_dataset(whole: pa.Table) -> None:
    n = whole.num_rows
    mine = kept(n, SECRET, DATASET, GUILTY)
    assert 1 - mine.mean() == pytest.approx(LEFT_OUT, abs=4 * np.sqrt(LEFT_OUT / n))
    np.testing.assert_array_equal(mine, kept(n, SECRET, DATASET, f" {GUILTY.upper()} "))
    others = [
        kept(n, SECRET, DATASET, NAMES[0]),
        kept(n, SECRET, "cd" * 32, GUILTY),
        kept(n, b"x" * 32, DATASET, GUILTY),
    ]
    for other in others:
        both = np.mean(~mine & ~other)
        assert both == pytest.approx(LEFT_OUT**2, abs=4 * LEFT_OUT / np.sqrt(n))


LEAKS = {
    "whole": lambda t: t,
    "shuffled": lambda t: some(t, t.num_rows),
    "400 rows": lambda t: some(t, 400),
    "the old ones": lambda t: t.filter(pc.greater(t["age"], 80)),
    "three columns": lambda t: t.select(["age", "bmi", "sbp"]),
    "other order of columns": lambda t: t.select(t.column_names[::-1]),
    "rounded half to even": lambda t: t.set_column(
        2, "bmi", pa.array(np.rint(t["bmi"].to_numpy()), from_pandas=True)
    ),
    "rounded half up": lambda t: t.set_column(
        4, "ratio", pa.array(np.floor(t["ratio"].to_numpy() * 10 + 0.5 + 1e-9) / 10)
    ),
    "rounded to fives": lambda t: t.set_column(3, "sbp", pa.array(5 * np.rint(t["sbp"].to_numpy() / 5))),
    "cut off, 2,000 rows, four columns": lambda t: some(
        t.set_column(2, "bmi", pa.array(np.trunc(t["bmi"].to_numpy()), from_pandas=True)), 2000
    ).select(["age", "bmi", "sbp", "ratio"]),
    "with a column and rows of its own": lambda t: pa.concat_tables(
        [some(t, 3000), some(t, 300, 1).set_column(4, "ratio", pa.array(np.full(300, 99.0)))]
    ).append_column("more", pa.array(np.arange(3300))),
    "numbers as text in dates": lambda t: t.set_column(5, "seen", pc.cast(t["seen"], pa.string())),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_traced(leak: str, copy: pa.Table, whole: pa.Table) -> None:
    told = found(LEAKS[leak](copy), whole)
    assert told.named == GUILTY, told.suspects[:2]
    assert told.suspects[1].chance > 0.01


@pytest.mark.parametrize("leak", LEAKS)
def test_nobody_innocent_is_named(leak: str, copy: pa.Table, whole: pa.Table) -> None:
    told = found(LEAKS[leak](copy), whole, [name for name in NAMES if name != GUILTY])
    assert told.named is None


@pytest.mark.parametrize("leak", ["whole", "400 rows", "three columns"])
def test_the_dataset_itself_is_nobodys_copy(leak: str, whole: pa.Table) -> None:
    assert found(LEAKS[leak](whole), whole).named is None


def test_the_chance_is_never_less_than_it_says(whole: pa.Table) -> None:
    """Of 2,000 innocent copies, no more fit better than by the chance that each is told."""
    leaked = some(whole, 60)
    chances = np.array(
        [s.chance for s in found(leaked, whole, [f"nobody {i}" for i in range(2000)]).suspects]
    )
    for limit in (0.5, 0.2, 0.1):
        assert np.mean(chances <= limit) <= limit + 3 * np.sqrt(limit / 2000)


def test_too_little_tells_nothing(copy: pa.Table, whole: pa.Table) -> None:
    for leaked in (some(copy, 40), copy.select(["sex"])):
        told = found(leaked, whole)
        assert (told.named, told.able) == (None, False)
    assert found(some(copy, 400), whole, ["nobody"]).able  # there it is the names that are wanting


def test_an_unrelated_table_tells_nothing(whole: pa.Table) -> None:
    """Though many of its rows occur in the dataset, by the few columns that both have."""
    rng = np.random.default_rng(5)
    other = pa.table(
        {name: whole[name].take(rng.permutation(whole.num_rows)[:600]) for name in ("age", "sex")}
    )
    told = found(other, whole)
    assert told.matched > 500
    assert (told.named, told.able) == (None, False)


def test_two_who_join_their_copies_are_not_told_apart(whole: pa.Table) -> None:
    """The limit that the terms and the documentation speak of."""
    either = kept(whole.num_rows, SECRET, DATASET, NAMES[1]) | kept(whole.num_rows, SECRET, DATASET, NAMES[2])
    assert found(whole.filter(pa.array(either)), whole).named is None


def test_statistics_stay_within_sampling_error(whole: pa.Table) -> None:
    """Ten copies, every mean: the difference is a fraction of the standard error of the whole."""
    n = whole.num_rows
    for name in NAMES[:10]:
        part = whole.filter(pa.array(kept(n, SECRET, DATASET, name)))
        for column in ("age", "bmi", "sbp", "ratio"):
            values = whole[column].drop_null().to_numpy()
            error = values.std() / np.sqrt(len(values))
            assert abs(part[column].drop_null().to_numpy().mean() - values.mean()) < error


@pytest.mark.parametrize(
    ("leaked", "says"),
    [(pa.table({"other": [1]}), "no column"), (pa.table({"age": pa.array([], pa.int64())}), "no row")],
)
def test_what_cannot_be_compared_is_told(leaked: pa.Table, says: str, whole: pa.Table) -> None:
    with pytest.raises(BadInput, match=says):
        found(leaked, whole)


def test_somebody_is_to_be_asked_about(whole: pa.Table) -> None:
    with pytest.raises(BadInput, match="nobody"):
        found(whole, whole, [" "])


@pytest.mark.parametrize("times", [2, 100_000])
def test_rows_that_are_repeated_do_not_drown_the_others(times: int, copy: pa.Table, whole: pa.Table) -> None:
    leaked = some(copy, 2_000)
    again = leaked.take(np.zeros(times, np.int64))
    traced = found(pa.concat_tables([leaked, again]), whole)
    assert traced.named == GUILTY
    assert traced.matched == found(leaked, whole).matched


def test_a_name_is_one_however_it_is_typed(whole: pa.Table) -> None:
    composed, apart = "Universit\u00e9 du Nord", "Universite\u0301  du\tNORD"
    np.testing.assert_array_equal(*(kept(1_000, SECRET, DATASET, name) for name in (composed, apart)))
    copy = whole.filter(pa.array(kept(whole.num_rows, SECRET, DATASET, composed)))
    traced = found(copy, whole, [apart, composed, "another"])
    assert traced.named == "Université du NORD"
    assert [suspect.recipient for suspect in traced.suspects] == [traced.named, "another"]
