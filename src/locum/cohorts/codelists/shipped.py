"""Where a codelist of a name lies: in the folders of the user first, else among those that locum ships."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from locum.errors import BadInput

LISTS = Path(__file__).parents[1] / "lists"


def shipped() -> dict[str, Path]:
    """The codelists that come with locum, by name."""
    return {path.stem: path for path in sorted(LISTS.glob("*.csv"))}


def find_codelist(name: str, folders: Sequence[str | Path] = ()) -> Path:
    """NAME.csv in the first of FOLDERS that has it, else the shipped list. Raises BadInput when there is none."""
    for folder in folders:
        path = Path(folder) / f"{name}.csv"
        if path.is_file():
            return path
    ours = shipped()
    if name in ours:
        return ours[name]
    known = sorted({*ours, *(path.stem for folder in folders for path in Path(folder).glob("*.csv"))})
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "put it beside the definition as a CSV file"
    raise BadInput(f'there is no codelist "{name}"; {hint}')
