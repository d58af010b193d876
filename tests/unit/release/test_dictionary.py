"""The dictionary agrees with the rows, and its schema with the code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from locum.errors import BadInput
from locum.release import dictionary
from locum.release.dictionary import Entry, describe
from locum.release.distribution import count, day
from locum.release.release import Release
from locum.variables import Kind, Variable
from tests.unit.release.papers_cases import BARE, CODES, DECLARED, RELEASES, USUAL


def entry(name: str, release: Release = USUAL) -> Entry:
    return next(v for v in describe(release).variables if v.name == name)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert dictionary.SCHEMA.read_text(encoding="utf-8") == dictionary.schema_text()


@pytest.mark.parametrize("name", RELEASES)
def test_a_dictionary_keeps_to_the_schema_and_is_the_same_twice(name: str) -> None:
    (document,) = dictionary.DOCUMENTS
    written = document.write(RELEASES[name], ())
    assert written == document.write(RELEASES[name], ())
    jsonschema.validate(json.loads(written), json.loads(dictionary.schema_text()))


def test_every_column_is_there_in_order_beside_how_many_patients_were_learned_from() -> None:
    found = describe(USUAL)
    assert [v.name for v in found.variables] == USUAL.evidence.table.column_names
    assert (found.rows, found.learned_from_patients) == (400, 2217)
    assert [(r.holds, r.exactly) for r in found.rules] == [
        ("age < 100 or smoking != 'current'", True),
        ("systolic >= age", False),
    ]


def test_shares_of_levels_and_of_missing_reasons_add_up_and_agree_with_the_rows() -> None:
    column, found = USUAL.evidence.table["smoking"], entry("smoking")
    assert found.levels is not None
    counts = {x["values"]: x["counts"] for x in pc.value_counts(column).to_pylist()}
    assert {x.level: x.share for x in found.levels} == {
        k: counts[k] / 400 for k in ("never", "ex", "current")
    }
    assert {m.reason: m.share for m in found.missing} == {
        "not recorded": counts[None] / 400,
        "refused": counts["-7"] / 400,
    }
    assert found.missing_values == {"refused": ("-7",)}
    assert sum(x.share for x in (*found.levels, *found.missing)) == pytest.approx(1)


@pytest.mark.parametrize("name", ["age", "systolic", "seen"])
def test_bins_of_numbers_hold_the_rows_between_their_edges(name: str) -> None:
    values = [v for v in USUAL.evidence.table[name].to_pylist() if v is not None]
    found = entry(name).marginal
    assert found is not None
    texts = [str(v) if name == "seen" else v for v in values]
    for b in found.bins:
        assert b.share == pytest.approx(sum(b.low <= t < b.under for t in texts) / 400, abs=1e-6)
    assert sum(b.share for b in found.bins) == pytest.approx(found.present, abs=1e-5)
    assert 10 <= len(found.bins) <= 27
    assert found.quantiles[0].value == min(texts)
    assert found.quantiles[-1].value == max(texts)
    assert all(q.value in texts for q in found.quantiles)
    assert found.distinct == len(set(texts))


def test_mean_and_spread_are_those_of_the_rows_with_a_value() -> None:
    values = USUAL.evidence.table["systolic"].drop_null().to_numpy()
    found = entry("systolic").marginal
    assert found is not None
    assert (found.mean, found.sd) == (pytest.approx(values.mean()), pytest.approx(values.std()))


def test_what_was_declared_is_repeated() -> None:
    age, seen, empty = entry("age"), entry("seen"), entry("empty")
    assert (age.role, age.unit, age.low, age.high, age.precision, age.tier) == (
        "quasi-identifier", "years", 18, 110, 1, 0,
    )  # fmt: skip
    ours, theirs, old = entry("systolic").codelists
    assert (ours.file, ours.codes, ours.date) == ("codelists/systolic_bp.csv", 1, "2026-01-02")
    assert ours.sha256 == hashlib.sha256(CODES.encode()).hexdigest()
    assert (theirs.file, theirs.sha256, theirs.system) == (None, "9" * 64, "CPRD medical codes")
    assert (old.name, old.file, old.sha256) == ("of old", None, None)
    assert (seen.low, seen.high) == ("2008-05-01", None)
    assert empty.follows == ("the least of age, systolic",)
    assert entry("smoking").disclosure == "sensitive"


def test_a_column_without_any_value() -> None:
    found = entry("age", BARE)
    assert found.marginal is not None
    assert (found.marginal.present, found.marginal.bins, found.marginal.quantiles) == (0, (), ())
    assert [(m.reason, m.share) for m in found.missing] == [("not recorded", 1.0)]


def test_a_value_beyond_the_levels_counts_as_other() -> None:
    rare = Variable("x", Kind.NOMINAL, levels=("a",))
    assert count(pa.table({"x": ["a", "b", "other", None]}), rare).levels == (("a", 0.25), ("other", 0.5))


@pytest.mark.parametrize("step", [0.1, 0.01, 0.3, None])
def test_a_value_on_an_edge_is_in_the_bin_that_begins_there(step: float | None) -> None:
    values = np.round(np.arange(0, 60) * (step or 0.1), 10)
    found = count(pa.table({"x": values}), Variable("x", Kind.CONTINUOUS, "double", precision=step))
    for b in found.bins:
        inside = sum(b.low - 1e-9 <= v < b.under - 1e-9 for v in values)
        assert b.share == pytest.approx(inside / 60, abs=1e-6)


@pytest.mark.parametrize("value", [0.0, -3.7, 1e-9, 1e12, 1e17])
def test_a_column_of_one_value_has_one_bin_that_holds_it(value: float) -> None:
    found = count(pa.table({"x": [value] * 3}), Variable("x", Kind.CONTINUOUS, "double"))
    (b,) = found.bins
    assert b.low <= value < b.under
    assert b.share == 1


def test_days_and_moments_are_written_as_iso_8601() -> None:
    assert (day(0.0), day(-1.0), day(0.5)) == ("1970-01-01", "1969-12-31", "1970-01-01T12:00:00")


def test_a_column_that_is_not_declared_is_refused() -> None:
    table = USUAL.evidence.table.append_column("extra", pa.array([1] * 400))
    with pytest.raises(BadInput, match='column "extra" that variables'):
        describe(replace(USUAL, evidence=replace(USUAL.evidence, table=table)))


def test_no_share_of_real_patients_is_read() -> None:
    """Metrics whose real and synthetic figures are all others give the same variables."""
    assert describe(
        replace(USUAL, evidence=replace(USUAL.evidence, metrics=BARE.evidence.metrics))
    ).variables == (describe(USUAL).variables)
    assert len(DECLARED) == len(describe(USUAL).variables) + 1  # the identifier is not in the table
