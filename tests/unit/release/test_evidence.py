"""Reading a folder: what has to be there, what has to agree, and what is never opened."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from locum.errors import BadInput
from locum.release.evidence import check_values, read
from locum.variables import Kind, Variables, to_toml
from tests.adversarial import population as p
from tests.unit.release.gate_cases import ATTRITION, about, drawn, metrics, parquet_of, write_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "study", attrition=ATTRITION)


def test_what_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def audited(path: Path, *options: object, **more: object) -> object:
        opened.append(path)
        return real(path, *options, **more)

    real = Path.open
    monkeypatch.setattr(Path, "open", audited)
    found = read(folder)
    assert opened
    assert not [path for path in opened if "private" in path.parts]
    assert found.table.equals(drawn())
    assert found.parquet == (folder / "synthetic.parquet").read_bytes()
    assert found.metrics == metrics()
    assert found.graph is None
    assert found.attrition == ATTRITION
    assert found.sha256 == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("synthetic.parquet", "variables.toml", "metrics.json", "attrition.json")
    }
    shutil.rmtree(folder / "private")
    assert read(folder).sha256 == found.sha256


@pytest.mark.parametrize("told", [True, False, None])
def test_either_file_tells_whether_the_records_are_artificial(folder: Path, told: bool | None) -> None:
    assert read(folder).artificial is ATTRITION.artificial is True  # an evaluation by itself does not know
    (folder / "attrition.json").unlink()
    _text("metrics.json", about(metrics(), artificial=told).model_dump_json())(folder)
    assert read(folder).artificial is told


def test_the_patients_identifier_is_not_asked_for(folder: Path) -> None:
    text = to_toml(p.VARIABLES) + '\n[[variable]]\nname = "who"\nkind = "identifier"\nrole = "patient"\n'
    (folder / "variables.toml").write_text(text, encoding="utf-8")
    assert "who" in read(folder).variables


def _extra(folder: Path) -> None:
    table = drawn().append_column("patient", pa.array(["P1"] * drawn().num_rows))
    (folder / "synthetic.parquet").write_bytes(parquet_of(table))


def _of_another_table(folder: Path) -> None:
    marginals = [m.model_copy(update={"variable": f"{m.variable}_2"}) for m in metrics().marginals]
    other = metrics().model_copy(update={"marginals": marginals})
    (folder / "metrics.json").write_text(other.model_dump_json(), encoding="utf-8")


def _text(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def _table(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], object]:
    return lambda folder: (folder / "synthetic.parquet").write_bytes(parquet_of(change(drawn())))


def _declared(name: str, **changes: Any) -> Callable[[Path], object]:
    variables = Variables(tuple(replace(v, **changes) if v.name == name else v for v in p.VARIABLES))
    return _text("variables.toml", to_toml(variables))


def _truncated(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-200])


def _link(folder: Path) -> None:
    (folder / "synthetic.parquet").unlink()
    (folder / "synthetic.parquet").symlink_to(folder / "private" / "train.parquet")


def _as_dictionary(table: pa.Table, *more: str) -> pa.Table:
    place = table.column_names.index("sex")
    sex = table["sex"].combine_chunks().dictionary_encode()
    levels = pa.array([*sex.dictionary.to_pylist(), *more])
    return table.set_column(place, "sex", pa.DictionaryArray.from_arrays(sex.indices, levels))


FAULTS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "no table": (lambda f: (f / "synthetic.parquet").unlink(), ("holds no synthetic.parquet",)),
    "no declaration": (
        lambda f: (f / "variables.toml").unlink(),
        ("holds no variables.toml", "locum describe"),
    ),
    "no evaluation": (lambda f: (f / "metrics.json").unlink(), ("holds no metrics.json", "locum evaluate")),
    "a truncated table": (_truncated("synthetic.parquet"), ("synthetic.parquet is damaged",)),
    "truncated metrics": (_truncated("metrics.json"), ("metrics.json is not JSON",)),
    "other JSON": (_text("metrics.json", "{}"), ("not a metrics.json",)),
    "metrics of another shape": (_text("metrics.json", '{"verdict": 1}'), ("does not have the shape",)),
    "metrics of another table": (_of_another_table, ("is of another table", '"age"', "evaluate this table")),
    "metrics of other rows": (_table(lambda t: t[:-1]), ("speaks of 600", "has 599", "evaluate this table")),
    "metrics of another k": (
        _text("metrics.json", about(metrics(), k=3).model_dump_json()),
        ("has k 3", "variables.toml 10"),
    ),
    "a truncated declaration": (_text("variables.toml", "[[variable]\n"), ("variables.toml",)),
    "a variable is gone": (_table(lambda t: t.drop_columns(["sex"])), ('lacks the column "sex"',)),
    "a column that was not evaluated": (_extra, ('a column "patient"', "was not evaluated")),
    "a level that no row has": (
        _table(lambda t: _as_dictionary(t, "a real patient's")),
        ('holds values of "sex" that no row has', "write that column as text"),
    ),
    "no rows": (_table(lambda t: t[:0]), ("has no rows",)),
    "a graph that is none": (_text("graph.json", "{"), ("graph.json is not the graph of a model",)),
    "an attrition that is none": (_text("attrition.json", "[]"), ("attrition.json is not the attrition",)),
    "an attrition that was not rounded": (
        _text("attrition.json", ATTRITION.model_copy(update={"patients": 703}).model_dump_json()),
        ("attrition.json has counts of patients that are not rounded to 10",),
    ),
    "an attrition that says it is rounded to one": (
        _text("attrition.json", ATTRITION.model_copy(update={"rounded_to": 1}).model_dump_json()),
        ("not rounded to 10",),
    ),
    "an attrition of other records": (
        _text("metrics.json", about(metrics(), artificial=False).model_dump_json()),
        ("attrition.json says that the records are artificial, and metrics.json that they are real",),
    ),
    "a link to a real table": (_link, ("is a file in private/", "must not leave")),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_in_one_line(folder: Path, case: str) -> None:
    spoil, parts = FAULTS[case]
    spoil(folder)
    with pytest.raises(BadInput) as raised:
        read(folder)
    assert "\n" not in str(raised.value)
    for part in parts:
        assert part in str(raised.value)


ODD: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "a value beyond the range": (
        _declared("age", low=18, high=60),
        ('synthetic.parquet: "age" has values beyond the low or high', "evaluate the table again"),
    ),
    "a level of its own": (_declared("smoker", levels=("never", "ex")), ('"smoker" has a level',)),
    "stored as something else": (
        _declared("age", storage="double"),
        ('"age" is stored as int64, and variables.toml says double',),
    ),
    "text that is no date": (
        _declared("sex", kind=Kind.DATE, levels=(), date_format="%Y"),
        ('"sex" does not read as date',),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_rows_that_are_not_as_declared_are_told(folder: Path, case: str) -> None:
    check_values(read(folder), folder)
    spoil, parts = ODD[case]
    spoil(folder)
    with pytest.raises(BadInput) as raised:
        check_values(read(folder), folder)
    assert "\n" not in str(raised.value)
    for part in parts:
        assert part in str(raised.value)


def test_the_folder_itself(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read(tmp_path / "absent")
    with pytest.raises(BadInput, match="is a file"):
        read(folder / "metrics.json")
    with pytest.raises(BadInput, match="name one of its folders: study"):
        read(tmp_path)


def test_a_dictionary_of_declared_levels_is_read(folder: Path) -> None:
    women = drawn().set_column(
        drawn().column_names.index("sex"), "sex", pa.array(["female"] * drawn().num_rows)
    )
    (folder / "synthetic.parquet").write_bytes(parquet_of(_as_dictionary(women, "male")))
    assert pa.types.is_dictionary(read(folder).table["sex"].type)


def test_notes_beside_the_rows_are_refused(folder: Path) -> None:
    """A place of the maker, or anything else that was written into the Parquet file, does not go out unread."""
    noted = pq.read_table(folder / "synthetic.parquet").replace_schema_metadata(
        {"pandas": '{"path": "/home/me"}'}
    )
    pq.write_table(noted, folder / "synthetic.parquet")
    with pytest.raises(BadInput, match='notes beside its rows, under "pandas"'):
        read(folder)
