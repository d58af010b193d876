"""Load raw records of any known kind into one folder: find out what they are, and call their reader."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from locum.errors import BadInput
from locum.records.aurum.parts import named_table
from locum.records.loaded import is_loaded
from locum.records.loading import Loading
from locum.records.quality import Quality

__all__ = ["Loading", "kind_of", "load"]

_DATABASE = re.compile(r"postgres(ql)?://", re.IGNORECASE)
_PERSON = re.compile(r"person(\.csv|\.tsv|\.txt|\.parquet)(\.gz|\.zst)?", re.IGNORECASE)
_GIVE = "give a folder of CPRD Aurum files, a folder of OMOP tables, or an OMOP database"


def load(source: str | Path, folder: Path, loading: Loading = Loading()) -> Quality:  # noqa: B008  an immutable value
    """Read SOURCE into the existing, empty FOLDER in the contract (`locum.records.loaded`), and say how good it is.

    SOURCE is a folder or a zip of CPRD Aurum files, or an OMOP database: a folder of CSV or Parquet files, a DuckDB
    file, or a postgresql:// address.

    Raises BadInput when SOURCE is none of these, and as the readers do.
    """
    if kind_of(source) == "aurum":
        from locum.records.aurum.load import load_aurum

        return load_aurum(Path(source), folder, loading)
    from locum.records.omop.load import load_omop

    return load_omop(source, folder, loading)


def kind_of(source: str | Path) -> str:
    """aurum or omop. Raises BadInput when SOURCE is neither, and says what it is instead."""
    if _DATABASE.match(str(source)):
        return "omop"
    path = Path(source)
    if path.is_dir():
        return _kind_of_folder(path)
    if not path.is_file():
        raise BadInput(f"there is no file or folder {path}; {_GIVE}")
    return _kind_of_file(path)


def _kind_of_folder(path: Path) -> str:
    if is_loaded(path):
        raise BadInput(f"{path} holds records that are loaded already; use it as it is")
    files = [file for file in path.rglob("*") if file.is_file()]
    if not files:
        raise BadInput(f"{path} is an empty folder; {_GIVE}")
    aurum = any(named_table(file.name) or (_is_zip(file) and _holds_aurum(file)) for file in files)
    omop = any(_PERSON.fullmatch(file.name) for file in files)
    if aurum and omop:
        raise BadInput(f"{path} holds both CPRD Aurum and OMOP files; give the folder of one of them")
    if not aurum and not omop:
        raise BadInput(
            f"{path} holds no file of CPRD Aurum (such as …_Patient_001.txt) or of OMOP (such as person.csv); {_GIVE}"
        )
    return "aurum" if aurum else "omop"


def _kind_of_file(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(12)
    if start[8:12] == b"DUCK":
        return "omop"
    if _is_zip(path):
        if _holds_aurum(path):
            return "aurum"
        raise BadInput(f"{path} is a zip archive without CPRD Aurum files; {_GIVE}")
    if named_table(path.name):
        raise BadInput(f"{path} is one file of an extract; give the folder that holds all its files")
    if _PERSON.fullmatch(path.name):
        raise BadInput(f"{path} is one table of OMOP; give the folder that holds all its tables")
    raise BadInput(f"{path} is no kind of raw records; {_GIVE}")


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _holds_aurum(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return any(named_table(name) for name in archive.namelist())
    except (BadZipFile, OSError):
        return named_table(f"{path.stem}.txt") is not None  # damaged, and the reader says so
