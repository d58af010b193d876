"""What may be wrong with what a command is given: an exit code, one line, nothing written, no patient's value."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lifelines import datasets

from locum import read_table
from locum.model import Model, fit
from locum.records.tables import write_table
from tests.e2e.cli import Done, Locum, everything

USAGE, BAD = 2, 3
VALUE, NUMBER = "Marker-Zmarzly", 918273.5
"""A patient's values: planted in the tables, and in no message."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sound files of every kind: tables, a model, a declaration, evidence."""
    folder = tmp_path_factory.mktemp("good")
    table = pa.Table.from_pandas(datasets.load_gbsg2(), preserve_index=False)
    write_table(table, folder / "table.csv")
    write_table(table[:300], folder / "train.csv")
    write_table(table[300:600], folder / "holdout.csv")
    write_table(table[300:600].drop_columns("age"), folder / "no-age.csv")
    model = fit(table[:300])
    model.save(folder / "model.json")
    write_table(model.sample(300), folder / "synthetic.csv")
    from locum import evaluate
    from locum.variables import to_toml

    (folder / "variables.toml").write_text(to_toml(model.variables))
    (folder / "evidence").mkdir()
    metrics = evaluate(*(str(folder / f"{n}.csv") for n in ("train", "holdout", "synthetic")), quick=True)
    (folder / "evidence" / "metrics.json").write_text(metrics.model_dump_json())
    return folder


@pytest.fixture
def locum(locum: Locum, good: Path) -> Locum:
    """Commands in a folder that holds the sound files."""
    for file in good.iterdir():
        (locum.folder / file.name).symlink_to(file)
    return locum


def refused(locum: Locum, command: str, code: int, *says: str) -> Done:
    """Run COMMAND, which has to end with CODE and one line that says each of SAYS, and to change no file."""
    before = everything(locum.folder)
    done = locum(*command.split())
    assert done.code == code, done
    assert done.message.startswith("locum: ")
    for words in says:
        assert words in done.message, done.message
    assert done.out == ""
    assert VALUE not in done.err
    assert str(NUMBER) not in done.err
    assert everything(locum.folder) == before
    quiet = locum(*command.split(), "--quiet")
    if "no such" not in done.message and "missing" not in done.message:
        assert quiet.err == done.message + "\n", "the one line is all that --quiet leaves"
    return done


# --- tables that no command can read -------------------------------------------------------------------------

HEAD = "name,age\n"
ROWS = f"{VALUE},{NUMBER}\n"


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table({"name": [VALUE] * 100, "age": [NUMBER] * 100}), folder / "whole.parquet")
    data = (folder / "whole.parquet").read_bytes()
    (folder / "whole.parquet").unlink()
    return data[: len(data) // 2]


UNREADABLE: dict[str, tuple[str, str | bytes | Callable[[Path], bytes], str, str]] = {
    # what it is: (name, content, what is said, what to do)
    "empty file": ("bad.csv", "", "is empty", "give a"),
    "empty table": ("bad.csv", HEAD, "has column names but no rows", "give a file with a row for each"),
    "no names": (
        "bad.csv",
        f"{NUMBER},1\n{NUMBER},2\n",
        "numbers where column names should be",
        "add a first",
    ),
    "doubled name": ("bad.csv", "age,age\n" + ROWS * 30, 'more than one column named "age"', "rename"),
    "nameless column": ("bad.csv", "age,\n" + ROWS * 30, "column 2 has no name", "name it"),
    "ragged row": ("bad.csv", HEAD + ROWS * 30 + f"{VALUE},1,2\n", "row 32 has 3 fields", "mend it"),
    "PNG": ("bad.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "an image", "give a CSV"),
    "PNG called CSV": ("bad.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "an image", "give a"),
    "truncated Parquet": ("bad.parquet", parquet, "damaged Parquet", "write it again"),
    "CSV called Parquet": ("bad.parquet", HEAD + ROWS * 30, "is not Parquet but", "give a CSV"),
    "damaged gzip": ("bad.csv.gz", b"\x1f\x8b\x08\0" + b"x" * 60, "damaged gzip", "copy or pack it again"),
    "some JSON": ("bad.csv", json.dumps({"name": VALUE}), "JSON", "give a CSV"),
}
READERS = {
    "describe": "describe {} --out out.toml",
    "fit": "fit {} --out out.json",
    "synthesize": "synthesize {} --out out",
    "evaluate --train": "evaluate --train {} --holdout holdout.csv --synthetic synthetic.csv --out out",
    "evaluate --holdout": "evaluate --train train.csv --holdout {} --synthetic synthetic.csv --out out",
    "evaluate --synthetic": "evaluate --train train.csv --holdout holdout.csv --synthetic {} --out out",
}


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
@pytest.mark.parametrize("what", UNREADABLE)
def test_a_table_that_cannot_be_read(locum: Locum, what: str, command: str) -> None:
    name, content, says, mend = UNREADABLE[what]
    content = content(locum.folder) if callable(content) else content
    (locum.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    refused(locum, command.format(name), BAD, name, says, mend)


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("absent.csv", "does not exist"),
        ("evidence", "is a directory"),
        ("model.json", "JSON (a model or metrics file?)"),
        ("evidence/metrics.json", "JSON (a model or metrics file?)"),
    ],
)
def test_another_file_in_place_of_a_table(locum: Locum, command: str, given: str, says: str) -> None:
    refused(locum, command.format(given), BAD, given, says)


# --- tables that can be read, and not be used ----------------------------------------------------------------

UNUSABLE = {
    # what it is: (rows, command, code, what is said)
    "one row, fit": (ROWS, "fit bad.csv --out out.json", "too few to learn from", "give at least 20"),
    "one row, synthesize": (
        ROWS,
        "synthesize bad.csv --out out",
        "a table of 1 patient ",
        "give more patients",
    ),
    "few rows, synthesize": (
        ROWS * 30,
        "synthesize bad.csv --out out",
        "15 patients are left",
        "at least 20",
    ),
    "other columns, train": (
        ROWS * 30,
        "evaluate --train bad.csv --holdout holdout.csv --synthetic synthetic.csv --out out",
        "the holdout table lacks",
        "give all three",
    ),
    "other columns, synthetic": (
        ROWS * 30,
        "evaluate --train train.csv --holdout holdout.csv --synthetic bad.csv --out out",
        "the synthetic table lacks",
        "give all three",
    ),
}


@pytest.mark.parametrize(("rows", "command", "says", "mend"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_table_that_cannot_be_used(locum: Locum, rows: str, command: str, says: str, mend: str) -> None:
    (locum.folder / "bad.csv").write_text(HEAD + rows)
    refused(locum, command, BAD, says, mend)


LARGE = {
    # command: how it ends; the declaration is where numbers that stand for a gap are listed
    "describe bad.csv --out out.toml": None,
    "fit bad.csv --out out.json": 'column "x"',
    "synthesize bad.csv --out out": 'column "x"',
    "evaluate --train bad.csv --holdout bad.csv --synthetic bad.csv --out out": 'training table: column "x"',
    "synthesize bad.csv --variables bad.toml --quick --out out": None,
}


@pytest.mark.parametrize("command", LARGE)
def test_numbers_that_are_too_large_to_compare(locum: Locum, command: str) -> None:
    rng = random.Random(0)
    values = [rng.choice(["1e300", "-1e300", "", f"{rng.gauss(0, 1):.3f}"]) for _ in range(600)]
    (locum.folder / "bad.csv").write_text("x,y\n" + "".join(f"{x},{rng.random()}\n" for x in values))
    (locum.folder / "bad.toml").write_text(
        '[[variable]]\nname = "x"\nkind = "continuous"\nmissing = { unknown = ["1e300", "-1e300"] }\n'
        '[[variable]]\nname = "y"\nkind = "continuous"\n'
    )
    if says := LARGE[command]:
        refused(locum, command, BAD, says, "beyond 1e+29", "missing reasons")
    else:
        assert locum(*command.split()).code == 0


# --- options, models, metrics, declarations, places to write to ----------------------------------------------

EVALUATE = "evaluate --train train.csv --holdout holdout.csv --synthetic synthetic.csv --out out"
OPTIONS = {
    # command: (code, what is said)
    "nonsense": (USAGE, "no such command", "locum --help"),
    "fit table.csv --out out.json --colour red": (USAGE, "no such option: --colour", "locum fit --help"),
    "describe": (USAGE, "missing argument 'table'", "locum describe --help"),
    "fit table.csv": (USAGE, "missing option '--out'", "locum fit --help"),
    "generate model.json --out out.csv": (USAGE, "missing option '--rows'", "locum generate --help"),
    "evaluate --train train.csv --out out": (USAGE, "missing option '--holdout'", "locum evaluate --help"),
    "report evidence": (USAGE, "missing option '--out'", "locum report --help"),
    "synthesize table.csv": (USAGE, "missing option '--out'", "locum synthesize --help"),
    "fit table.csv --out out.json --privacy none": (
        USAGE,
        'unknown privacy "none"',
        "open, balanced, strict",
    ),
    "synthesize table.csv --out out --privacy none": (
        USAGE,
        'unknown privacy "none"',
        "open, balanced, strict",
    ),
    "fit table.csv --out out.json --order tier": (USAGE, 'unknown order "tier"', "finest, tiers"),
    "fit table.csv --out out.json --order tiers": (USAGE, "needs a declaration", "give one"),
    "synthesize table.csv --out out --order tiers": (USAGE, "needs a declaration", "give one"),
    "fit table.csv --out out.json --seed -1": (USAGE, "'--seed'", "greater than or equal to 0"),
    "fit table.csv --out out.json --seed x": (USAGE, "'--seed'", "integer"),
    "fit table.csv --out out.json --threads 0": (USAGE, "'--threads'", "greater than or equal to 1"),
    "generate model.json --rows 0 --out out.csv": (USAGE, "'--rows'", "greater than or equal to 1"),
    "generate model.json --rows 5 --sets 0 --out out.csv": (USAGE, "'--sets'", "greater than or equal to 1"),
    "generate model.json --rows 5 --seed -1 --out out.csv": (USAGE, "'--seed'", "greater than or equal to 0"),
    f"{EVALUATE} --seed -1": (USAGE, "'--seed'", "greater than or equal to 0"),
    "demo --seed -1 --out out": (USAGE, "'--seed'", "greater than or equal to 0"),
    "synthesize table.csv --out out --holdout 1.5": (USAGE, "holdout of 1.5", "give a share such as 0.2"),
    "synthesize table.csv --out out --holdout 0": (USAGE, "holdout of 0", "give a share such as 0.2"),
    "synthesize table.csv --out out --holdout nan": (USAGE, "holdout of nan", "give a share such as 0.2"),
    "synthesize table.csv --out out --holdout 0.0001": (
        BAD,
        "686 patients cannot be divided",
        "more patients",
    ),
    "describe table.csv --patient-id who --out out.toml": (BAD, '"who"', "name one"),
    "fit table.csv --out out.json --patient-id who": (BAD, '"who"', "name one"),
    f"{EVALUATE} --patient-id who": (BAD, '"who"', "name one"),
    "synthesize table.csv --out out --patient-id who": (BAD, 'no column "who"', "--patient-id"),
    "synthesize table.csv --out out --target who": (BAD, 'no column "who"', "--target"),
    f"{EVALUATE} --target who": (BAD, "who", "name one of the table's variables"),
    # a holdout or a declaration that does not fit
    EVALUATE.replace("holdout.csv", "no-age.csv"): (BAD, "the holdout table lacks", "age", "give all three"),
    # models
    "generate table.csv --rows 5 --out out.csv": (BAD, "table.csv is not a model file", "give one"),
    "generate evidence/metrics.json --rows 5 --out out.csv": (BAD, "is not a model file", "give one"),
    "generate evidence --rows 5 --out out.csv": (BAD, "evidence is not a model file", "give one"),
    "generate absent.json --rows 5 --out out.csv": (BAD, "absent.json does not exist", "check the name"),
    # metrics
    "report model.json --out out.html": (BAD, "model.json is JSON but not a metrics.json", "write it anew"),
    "report table.csv --out out.html": (BAD, "table.csv is not JSON", "write it anew"),
    "report absent --out out.html": (BAD, "absent does not exist", "name the directory"),
    "report . --out out.html": (BAD, ". holds no metrics.json", "name the directory"),
    # places and names to write to
    "describe table.csv --out evidence": (BAD, "evidence is a directory", "give the name of a file"),
    "describe table.csv --out table.csv": (BAD, "table.csv is the table itself", "give another name"),
    "describe table.csv --out no/out.toml": (BAD, "there is no folder no", "make it first"),
    "fit table.csv --out out": (BAD, "does not end in .json or .json.zst", "name it so"),
    "fit table.csv --out no/out.json": (BAD, "there is no folder no", "make it first"),
    f"generate model.json --rows {10**26} --out out.csv": (BAD, "cannot draw 1000", "several sets"),
    "generate model.json --rows 5 --sets 100000000 --out out.csv": (USAGE, "'--sets'", "less than or equal"),
    "generate model.json --rows 5 --out out.xlsx": (
        BAD,
        "does not end in .parquet, .csv or .csv.gz",
        "name it",
    ),
    "generate model.json --rows 5 --out no/out.csv": (BAD, "there is no folder no", "make it first"),
    "report evidence --out out.docx": (BAD, "does not end in .html or .pdf", "name it so"),
    "report evidence --out no/out.html": (BAD, "there is no folder no", "make it first"),
    f"{EVALUATE}/within": (BAD, "there is no folder", "make it first"),
    EVALUATE.replace("--out out", "--out train.csv"): (BAD, "not a directory", "give another name"),
    EVALUATE.replace("--out out", "--out ."): (BAD, "holds files that locum did not make", "another name"),
    "synthesize table.csv --out .": (BAD, "holds files that locum did not make", "another name"),
    "synthesize table.csv --out no/out": (BAD, "there is no folder", "make it first"),
    "demo --out table.csv": (BAD, "is not a directory", "give another name"),
    "demo cvdd --out out": (USAGE, 'no demonstration of "cvdd"', 'did you mean "cvd"?'),
    "demo --patients 0 --out out": (USAGE, "'--patients'", "greater than or equal to 1"),
    "run absent.toml": (BAD, "absent.toml does not exist", "give the study"),
    "run table.csv --out out": (BAD, "table.csv is not TOML", "mend that line"),
    "run evidence --out out": (BAD, "evidence cannot be read as text", "give the study"),
    "demo --out .": (BAD, "holds files that locum did not make", "another name"),
}


@pytest.mark.parametrize("command", OPTIONS)
def test_options_that_do_not_fit(locum: Locum, command: str) -> None:
    code, *says = OPTIONS[command]
    refused(locum, command, code, *says)


@pytest.mark.parametrize("name", ["out.json", "out.json.zst"])
@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda d: d | {"version": 99}, "of another version"),
        (lambda d: d | {"format": "other"}, "is not a model file"),
        (lambda d: {k: v for k, v in d.items() if k != "declaration"}, "declaration"),
        (lambda d: {k: v for k, v in d.items() if k != "conditionals"}, "parts missing"),
    ],
)
def test_a_model_that_was_changed(
    locum: Locum, name: str, edit: Callable[[dict[str, object]], dict[str, object]], says: str
) -> None:
    data = json.dumps(edit(json.loads((locum.folder / "model.json").read_bytes()))).encode()
    if name.endswith(".zst"):
        data = pa.Codec("zstd").compress(data, asbytes=True)
    (locum.folder / name).write_bytes(data)
    refused(locum, f"generate {name} --rows 5 --out out.csv", BAD, name, says)


DECLARATIONS = {
    # change: (from, to, what is said)
    "a column that is not there": ('name = "age"', 'name = "aeg"', 'the column "aeg"'),
    "a key with a typo": ("low = ", "lwo = ", "lwo"),
    "a kind with a typo": ('kind = "count"', 'kind = "cuont"', "cuont"),
    "no TOML": ("k = 10", "k : 10", "not TOML"),
}


@pytest.mark.parametrize(
    "command", ["fit table.csv --out out.json", "synthesize table.csv --out out"], ids=["fit", "synthesize"]
)
@pytest.mark.parametrize("what", DECLARATIONS)
def test_a_declaration_that_does_not_fit(locum: Locum, what: str, command: str) -> None:
    before, after, says = DECLARATIONS[what]
    text = (locum.folder / "variables.toml").read_text()
    assert before in text
    (locum.folder / "bad.toml").write_text(text.replace(before, after, 1))
    refused(locum, f"{command} --variables bad.toml", BAD, says)


@pytest.mark.parametrize(
    ("given", "says"), [("absent.toml", "does not exist"), ("evidence", "cannot be read")]
)
@pytest.mark.parametrize(
    "command", ["fit table.csv --out out.json", EVALUATE, "synthesize table.csv --out out"]
)
def test_no_declaration(locum: Locum, command: str, given: str, says: str) -> None:
    refused(locum, f"{command} --variables {given}", BAD, given, says)


EMPTY = {  # as of a variable of the shell that is not set; as a path it would be the folder one is in
    "verify": ["verify", ""],
    "run": ["run", ""],
    "report": ["report", "", "--out", "out.html"],
    "keys new --out": ["keys", "new", "--out", ""],
    "synthesize table.csv --out": ["synthesize", "table.csv", "--out", ""],
    "fit table.csv --out out.json --variables": ["fit", "table.csv", "--out", "out.json", "--variables="],
}


@pytest.mark.parametrize("command", EMPTY)
def test_an_empty_path_is_not_the_folder_one_is_in(locum: Locum, command: str) -> None:
    before = everything(locum.folder)
    done = locum(*EMPTY[command])
    assert (done.code, done.out) == (USAGE, ""), done
    assert done.message == f"locum: what follows {command.split()[-1]} is empty; say what it is to be"
    assert everything(locum.folder) == before


# --- disks ---------------------------------------------------------------------------------------------------

WRITERS = {
    "describe": "describe ../table.csv --out out.toml",
    "fit": "fit ../table.csv --out out.json",
    "generate": "generate ../model.json --rows 20000 --out out.csv",
    "generate sets": "generate ../model.json --rows 300 --sets 9 --out out.csv",
    "evaluate": "evaluate --train ../train.csv --holdout ../holdout.csv --synthetic ../synthetic.csv --quick --out out",
    "report": "report ../evidence --out out.html",
    "synthesize": "synthesize ../table.csv --quick --out out",
}


@pytest.fixture
def full(locum: Locum) -> Iterator[Locum]:
    """Commands in a folder of a file system with room for very little."""
    small = locum.folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted by root alone")
    (small / "mine").write_bytes(b"x" * 4096)
    locum.folder = small
    yield locum
    subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_full_disk(full: Locum, command: str) -> None:
    refused(full, command, BAD, "no space left", "write elsewhere")


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_disk_that_fills_up_at_the_last_moment(
    locum: Locum, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (locum.folder / "small").mkdir()
    locum.folder /= "small"
    monkeypatch.setattr(os, "fsync", full)
    refused(locum, command, BAD, "no space left", "write elsewhere")


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_folder_that_may_not_be_written_to(
    locum: Locum, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = locum.folder / "locked"
    locked.mkdir(0o555)
    locum.folder = locked
    if os.geteuid() == 0:  # who may write everywhere
        monkeypatch.setattr(os, "access", lambda path, mode, **_: mode != os.W_OK)
    refused(locum, command, BAD, "permission denied", "write elsewhere")


# --- odd, and well: the right result -------------------------------------------------------------------------

N = 300
Texts = dict[str, list[str]]
ODD: dict[str, tuple[Texts, str, dict[str, pa.DataType]]] = {
    # what it is: (columns as text, encoding, types of the artificial table)
    "one column": ({"a": [str(i % 50) for i in range(N)]}, "utf-8", {"a": pa.int64()}),
    "a column without a cell": (
        {"a": [str(i % 50) for i in range(N)], "b": [""] * N},
        "utf-8",
        {"a": pa.int64(), "b": pa.string()},
    ),
    "no cell at all": ({"a": [""] * N, "b": [""] * N}, "utf-8", {"a": pa.string(), "b": pa.string()}),
    "one level": (
        {"a": ["only"] * N, "b": [str(i % 50) for i in range(N)]},
        "utf-8",
        {"a": pa.string(), "b": pa.int64()},
    ),
    "dates as text": (
        {
            "a": [f"{i % 28 + 1:02d}/03/{2004 + i % 20}" for i in range(N)],
            "b": [str(i % 7) for i in range(N)],
        },
        "utf-8",
        {"a": pa.string(), "b": pa.int64()},
    ),
    "Latin-1": (
        {"größe": [("Müller", "Ærø")[i % 2] for i in range(N)]},
        "latin-1",
        {"größe": pa.string()},
    ),
    "byte-order mark": ({"a": [str(i % 50) for i in range(N)]}, "utf-8-sig", {"a": pa.int64()}),
    "an infinity": (
        {"a": ["inf" if i == 7 else str(i % 50 / 2) for i in range(N)]},
        "utf-8",
        {"a": pa.float64()},
    ),
    "codes and numbers mixed": (
        {"a": [("3", "unknown", "4.5")[i % 3] for i in range(N)]},
        "utf-8",
        {"a": pa.string()},
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_table_works(locum: Locum, what: str) -> None:
    columns, encoding, types = ODD[what]
    lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    if len(columns) == 1 and "" in lines:
        pytest.fail("a line without a cell is no row")
    (locum.folder / "odd.csv").write_bytes(("\n".join(lines) + "\n").encode(encoding))
    locum.well("describe", "odd.csv", "--out", "odd.toml")
    locum.well("synthesize", "odd.csv", "--out", "out", "--quick")
    made = read_table(locum.folder / "out" / "synthetic.parquet")
    assert dict(zip(made.schema.names, made.schema.types, strict=True)) == types
    for name, cells in columns.items():
        drawn = made.column(name).to_pylist()
        if not any(cells):
            assert drawn == [None] * len(drawn)
        elif what == "dates as text" and name == "a":
            parts = [cell.split("/") for cell in drawn if cell is not None]
            assert len(parts) > 100
            assert all(len(d) == 2 and m == "03" and 2003 <= int(y) <= 2025 for d, m, y in parts) or all(
                1 <= int(d) <= 31 and 1 <= int(m) <= 12 and 2003 <= int(y) <= 2025 for d, m, y in parts
            )
        elif types[name] == pa.string():
            assert set(drawn) == set(cells)
        else:
            assert np.isfinite([x for x in drawn if x is not None]).all()
            assert min(x for x in drawn if x is not None) >= 0
            assert max(x for x in drawn if x is not None) <= 50
    assert Model.load(locum.folder / "out" / "model.json").variables.modelled[0].name == next(iter(columns))


def test_half_a_million_levels_are_left_out_and_named(locum: Locum) -> None:
    count = 500_000
    code = pa.array([f"C{i * 7919 % 1000003}" for i in range(count)])
    pq.write_table(pa.table({"code": code, "b": pa.array(np.arange(count) % 7)}), locum.folder / "t.parquet")
    done = locum.well("fit", "t.parquet", "--out", "out.json")
    assert 'column "code": left out' in done.err
    assert Model.load(locum.folder / "out.json").variables.modelled[0].name == "b"
    assert (locum.folder / "out.json").stat().st_size < 100_000


@pytest.mark.parametrize("command", ["describe", "fit", "synthesize"])
def test_identifiers_and_free_text_are_left_out_with_the_reason(locum: Locum, command: str) -> None:
    rows = [
        f"{9434765919 + 11 * i},{VALUE} told the nurse on day {i} that the pain is {i * 37 % 1000} times worse,{i % 7}"
        for i in range(N)
    ]
    (locum.folder / "notes.csv").write_text("nhs_number,note,b\n" + "\n".join(rows) + "\n")
    out = {"describe": "out.toml", "fit": "out.json", "synthesize": "out"}[command]
    done = locum.well(command, "notes.csv", "--out", out)
    notes = [line for line in done.err.splitlines() if line.startswith("note: ")]
    assert [note for note in notes if '"nhs_number": left out, because it looks like an identifier' in note]
    assert [note for note in notes if '"note": left out, because it looks like free text' in note]
    written = b"".join(data for name, data in everything(locum.folder).items() if name.startswith("out"))
    assert VALUE.encode() not in written
    if command == "synthesize":
        for file in ("synthetic", "private/train", "private/holdout"):
            assert read_table(locum.folder / out / f"{file}.parquet").column_names == ["b"]
