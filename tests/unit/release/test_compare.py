"""Two releases side by side: what changed is told, what two draws of one model share is not."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from locum.errors import BadInput, UsageError
from locum.release import apart
from locum.release.about import About, Publisher
from locum.release.changelog import DOCUMENTS, changelog, machine
from locum.release.changes import Change, Changes
from locum.release.compare import compare
from locum.release.decision import Decision
from locum.release.package import Package
from locum.release.previous import Previous, check_follows, read_previous
from locum.release.release import Evidence, Release
from locum.variables import Kind, Variable, Variables
from tests.adversarial import population as p
from tests.unit.release.gate_cases import VARIABLES, about, drawn, metrics, packed, parquet_of
from tests.unit.release.seal_cases import copied, repacked

RNG = np.random.default_rng(4)


def said(version: str, name: str = "heart", **more: Any) -> About:
    publisher = Publisher(name="A trust")
    day = datetime.date(2026, 1, 2)
    return About(
        name=name, title="Heart | *all*", version=version, published=day, publisher=publisher, **more
    )


def evidence(table: pa.Table, variables: Variables = p.VARIABLES, **changes: Any) -> Evidence:
    return Evidence(table, b"", variables, about(metrics(), **changes), None, None, {})


def last(table: pa.Table, variables: Variables = p.VARIABLES) -> Previous:
    return Previous("heart", "1.0.0", table, variables, metrics().about, "0" * 64)


def compared(before: pa.Table, after: pa.Table, **changes: Any) -> Changes:
    return compare(last(before), said("1.1.0"), evidence(after, **changes))


def beyond(changes: Changes) -> list[tuple[str, str]]:
    return [(c.of, c.what) for c in changes.differences if c.beyond_chance]


def replaced(table: pa.Table, name: str, values: Any) -> pa.Table:
    return p.replaced(table, name, pa.array(values, table.schema.field(name).type))


def test_two_draws_of_one_process_are_alike() -> None:
    """What is called beyond chance is a mistake in at most 5 of 100 comparisons; 7 of 60 is very unlikely then."""
    wrong = sum(bool(beyond(compared(p.population(500, s), p.population(500, 900 + s)))) for s in range(60))
    assert wrong < 7


def test_the_same_table_differs_in_nothing() -> None:
    changes = compared(drawn(), drawn())
    assert beyond(changes) == []
    assert {c.gap for c in changes.differences} == {0.0}
    assert {c.of for c in changes.differences} == {"distribution"}
    assert compared(drawn(), drawn()) == changes


def test_a_shift_a_share_and_a_gap_are_found() -> None:
    before, after = p.population(3000, 1), p.population(3000, 2)
    moved = replaced(after, "age", np.asarray(after["age"]) + 4)
    changes = compared(before, moved)
    found = next(c for c in changes.differences if (c.of, c.what) == ("distribution", "age"))
    ages = [np.asarray(t["age"]) for t in (before, moved)]
    assert found.gap == pytest.approx(100 * stats.ks_2samp(*ages).statistic, abs=0.006)
    assert found.before.startswith("median ")
    assert ("distribution", "age") in beyond(changes)
    assert ("distribution", "weight") not in beyond(changes)
    sex = np.where(RNG.random(3000) < 0.7, "male", np.array(after["sex"].to_pylist()))
    changes = compared(before, replaced(after, "sex", sex))
    found = next(c for c in changes.differences if (c.of, c.what) == ("distribution", "sex"))
    assert found.beyond_chance
    shares = [
        np.mean(np.array(t["sex"].to_pylist()) == "male") for t in (before, replaced(after, "sex", sex))
    ]
    assert found.gap == pytest.approx(100 * (shares[1] - shares[0]), abs=0.006)
    assert f"male {100 * shares[1]:.1f} %" in found.after
    weights = [None if RNG.random() < 0.2 else w for w in after["weight"].to_pylist()]
    changes = compared(before, replaced(after, "weight", weights))
    assert beyond(changes)[0] == ("missing", "weight")


def test_an_association_is_found_whatever_the_distributions_do() -> None:
    before, after = p.population(3000, 1), p.population(3000, 2)
    mixed = replaced(after, "cigarettes", RNG.permutation(np.asarray(after["cigarettes"])))
    changes = compared(before, mixed)
    assert ("association", "smoker and cigarettes") in beyond(changes)
    pair = next(c for c in changes.differences if c.what == "smoker and cigarettes")
    assert float(pair.before) > 0.9
    assert float(pair.after) < 0.1
    assert not [w for of, w in beyond(changes) if of != "association"]
    # fewer men alone change no association of sex
    men = np.array(after["sex"].to_pylist()) == "male"
    fewer = after.filter(pa.array(~men | (RNG.random(3000) < 0.4)))
    changed = beyond(compared(before, fewer))
    assert ("distribution", "sex") in changed
    assert not [what for of, what in changed if of == "association" and what.startswith("sex and")]


def test_kinds_levels_and_variables_that_came_and_went() -> None:
    table = drawn().drop_columns(["glucose"]).append_column("statin", pa.array(["yes"] * drawn().num_rows))
    table = table.set_column(3, "cigarettes", pa.array(table["cigarettes"].cast(pa.float64())))
    kept = [v for v in p.VARIABLES if v.name != "glucose"]
    now = {
        "smoker": Variable("smoker", Kind.NOMINAL, levels=("never", "current")),
        "cigarettes": Variable("cigarettes", Kind.CONTINUOUS, storage="double"),
        "stroke": Variable("stroke", Kind.COUNT, storage="int64"),
    }
    variables = Variables(
        (*(now.get(v.name, v) for v in kept), Variable("statin", Kind.BINARY, levels=("yes",)))
    )
    changes = compare(last(drawn()), said("2.0.0"), evidence(table, variables))
    told = {(c.of, c.what): (c.before, c.after) for c in changes.differences}
    assert told["variable", "glucose"] == ("continuous, double, in mmol/L", "not there")
    assert told["variable", "statin"] == ("not there", "binary, string")
    assert told["variable", "cigarettes"] == ("count, int64", "continuous, double")
    assert told["levels", "smoker"] == ("ex", "none")
    assert ("distribution", "smoker") in beyond(changes)
    assert ("distribution", "stroke") not in told  # levels and numbers cannot be set side by side
    assert not [c.what for c in changes.differences if c.of == "association" and "stroke" in c.what.split()]


def test_sizes_and_settings() -> None:
    changes = compared(drawn()[:500], drawn(), train_patients=700, made={"Privacy setting": "strict"}, k=12)
    told = {(c.of, c.what): (c.before, c.after) for c in changes.differences}
    assert told["size", "rows"] == ("500", "600")
    assert told["size", "patients learned from"] == ("600", "700")
    assert told["setting", "Privacy setting"] == ("balanced", "strict")
    assert told["setting", "k"] == ("10", "12")
    assert changes.compared == (500, 600)


def test_large_tables_are_compared_on_some_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locum.release.compare.ROWS", 1000)
    before = p.population(3000, 1)
    moved = replaced(before, "age", np.asarray(before["age"]) + 9)
    changes = compared(before, moved)
    assert changes.compared == (1000, 1000)
    assert ("distribution", "age") in beyond(changes)
    assert "compared on 1,000 rows" in changelog(_release(changes), ()).decode()


def test_dates_missing_values_and_levels_that_no_one_has() -> None:
    variables = Variables(
        (
            Variable("seen", Kind.DATE, storage="date32[day]"),
            Variable("empty", Kind.CONTINUOUS, storage="double"),
            Variable("one", Kind.NOMINAL, levels=("a", "b")),
        )
    )

    def table(first: int) -> pa.Table:
        days = pa.array(np.datetime64("2020-01-01") + first + np.arange(200) % 30)
        return pa.table({"seen": days, "empty": pa.nulls(200, pa.float64()), "one": ["a"] * 200})

    changes = compare(last(table(0), variables), said("1.0.1"), evidence(table(15), variables))
    told = {(c.of, c.what): c for c in changes.differences}
    assert told["distribution", "seen"].before == "median 2020-01-15, middle half 2020-01-08 to 2020-01-22"
    assert told["distribution", "seen"].beyond_chance
    assert ("distribution", "empty") not in told
    assert told["distribution", "one"].gap == 0


def test_the_figures_are_those_of_others() -> None:
    x, y = RNG.normal(size=400), RNG.normal(0.1, 1.1, size=700)
    gap, chance = apart.of_numbers(x, y)
    other = stats.ks_2samp(x, y, method="asymp")
    assert gap == pytest.approx(100 * other.statistic)
    assert chance == pytest.approx(other.pvalue, rel=0.15)
    counts = np.array([[100, 50, 30], [90, 80, 20]])
    assert apart.of_counts(*counts)[1] == pytest.approx(stats.chi2_contingency(counts).pvalue)
    p_values = [0.001, 0.04, 0.012, 0.9, 0.013]
    assert list(apart.holm(p_values)) == [True, False, True, False, True]
    assert list(apart.holm([])) == []
    # a fitted log-linear model has the margins of what was seen
    tables = RNG.integers(30, 90, (3, 2, 6, 6)).astype(float)
    assert apart.of_associations(np.stack([tables[:, 0], 3 * tables[:, 0]], axis=1))[1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("lung", "1.1.0", 'is of "heart", and this one of "lung"'),
        ("heart", "1.0.0", "give a higher version"),
        ("heart", "0.9.9", "give a higher version"),
    ],
)
def test_a_release_follows_one_of_its_name_and_an_earlier_version(
    name: str, version: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        check_follows(said(version, name), last(drawn()))
    check_follows(said("1.0.10"), replace(last(drawn()), version="1.0.9"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("original") / "heart")


def test_a_package_is_read_from_a_folder_and_a_zip(original: Package) -> None:
    for path in (original.folder, original.archive):
        found = read_previous(path)
        assert (found.name, found.version, found.evaluated) == ("heart", "1.0.0", metrics().about)
        assert found.table.equals(drawn())
        assert found.variables == VARIABLES
        assert found.sha256 == hashlib.sha256(parquet_of(drawn())).hexdigest()


@pytest.mark.parametrize(
    "name", ["evidence/about.json", "data/heart.parquet", "evidence/metrics.json", "evidence/variables.toml"]
)
@pytest.mark.parametrize("how", ["gone", "cut short"])
@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_package_that_is_not_whole(
    original: Package, tmp_path: Path, name: str, how: str, form: str
) -> None:
    def spoil(files: dict[str, bytes]) -> None:
        (path,) = (path for path in files if path.endswith(name))
        whole = files.pop(path)
        if how == "cut short":
            files[path] = whole[:-20]

    if form == "zip":
        path = repacked(original.archive, tmp_path / "heart.zip", spoil)
    else:
        path = copied(original, tmp_path).folder
        files = {name: (path / name).read_bytes()}
        spoil(files)
        (path / name).unlink()
        for left, data in files.items():
            (path / left).write_bytes(data)
    with pytest.raises(BadInput) as raised:
        read_previous(path)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK")
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for name, says in (
        ("absent.zip", "does not exist"),
        ("no.zip", "neither the directory nor the zip"),
        ("empty.zip", "has no SHA256SUMS"),
        (".", "has no SHA256SUMS"),
    ):
        with pytest.raises(BadInput, match=says):
            read_previous(tmp_path / name)


def _release(changes: Changes | None, **more: Any) -> Release:
    decision = Decision(released=True, policy="", policy_sha256="", checks=())
    return Release(said("1.1.0", **more), evidence(drawn()), decision, changes)


def test_the_first_release_says_so() -> None:
    text = changelog(_release(None), ()).decode()
    assert "This is the first release" in text
    assert machine(_release(None), ()) == b""
    assert "nobody in them exists" not in text
    assert "nobody in them exists" in changelog(_release(None, artificial=True), ()).decode()
    assert [d.path for d in DOCUMENTS] == ["CHANGELOG.md", "changes.json"]


def test_the_changelog_tells_what_counts() -> None:
    before, after = p.population(3000, 1), p.population(3010, 2)
    changes = compared(before, replaced(after, "age", np.asarray(after["age"]) + 4), train_patients=601)
    text = changelog(_release(changes), ()).decode()
    assert "# Changes: Heart \\| \\*all\\*" in text
    assert "| rows | 3,000 | 3,010 |" in text
    assert "| age | median " in text
    assert "9 other variables differ no more than two draws of one model do." in text
    assert "| sex | " not in text
    assert Changes.model_validate_json(machine(_release(changes), ())) == changes
    none = Changes(before="1.0.0", after="1.1.0", sha256="0", differences=())
    assert "No difference was found." in changelog(_release(none), ()).decode()
    one = none.model_copy(
        update={"differences": (Change(what="sex", before="a", after="b", of="distribution"),)}
    )
    assert "One variable differs no more than" in changelog(_release(one), ()).decode()
