"""Notebooks of the manual: their code cells run in order, and what they print and draw is kept in them.

    python -m tests.spec.notebook docs/tutorial/risk-model.ipynb    run it, and store what it shows

Figures are also written beside the notebook, as NAME-CELL.png, for a page that shows them.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import matplotlib

Notebook = dict[str, Any]
DOTS = 90  # to the inch: sharp enough on a phone, and small


def read(path: Path) -> Notebook:
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(notebook: Notebook, path: Path) -> None:
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def code(notebook: Notebook) -> list[dict[str, Any]]:
    """The code cells, in order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def printed(cell: dict[str, Any]) -> str:
    return "".join("".join(one["text"]) for one in cell["outputs"] if one["output_type"] == "stream")


def figures(cell: dict[str, Any]) -> list[bytes]:
    """The figures of a cell as PNG."""
    drawn = [one["data"] for one in cell["outputs"] if one["output_type"] == "display_data"]
    return [base64.b64decode(data["image/png"]) for data in drawn]


def run(notebook: Notebook) -> Notebook:
    """NOTEBOOK with what its cells print and draw when run in this process. A warning is an error."""
    matplotlib.use("Agg")
    ran: Notebook = json.loads(json.dumps(notebook))
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(code(ran), 1):
        text = io.StringIO()
        with warnings.catch_warnings(), redirect_stdout(text):
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)  # see pyproject.toml
            exec(compile("".join(cell["source"]), f"cell {cell['id']}", "exec", dont_inherit=True), names)
        cell["execution_count"] = number
        cell["outputs"] = [*_stream(text.getvalue()), *_drawn()]
    return ran


def _stream(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    return [{"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}]


def _drawn() -> list[dict[str, Any]]:
    """The figures that are open, as a notebook shows them; they are closed."""
    from matplotlib import pyplot

    shown = []
    for number in pyplot.get_fignums():
        png = io.BytesIO()
        pyplot.figure(number).savefig(png, format="png", dpi=DOTS, metadata={"Software": None})
        pyplot.close(number)
        data = {"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": ["<Figure>"]}
        shown.append({"data": data, "metadata": {}, "output_type": "display_data"})
    return shown


def figure_files(path: Path, notebook: Notebook) -> dict[Path, bytes]:
    """The files beside the notebook at PATH that hold its figures."""
    return {
        path.with_name(f"{path.stem}-{cell['id']}.png"): png
        for cell in code(notebook)
        for png in figures(cell)  # a cell draws one
    }


def main(path: Path, out: Path) -> None:
    """Run the notebook at PATH and write it, with what it shows, to OUT; its figures beside it."""
    ran = run(read(path))
    write(ran, out)
    for file, png in figure_files(out, ran).items():
        file.write_bytes(png)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[-1]))
