from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from locum.errors import BadInput, UsageError
from locum.evaluate.metrics import Metrics
from locum.report import load_metrics, render, to_pdf


def test_a_file_and_its_directory_are_the_same(tmp_path: Path, cases: dict[str, Metrics]) -> None:
    file = tmp_path / "metrics.json"
    file.write_text(cases["small"].model_dump_json(), encoding="utf-8")
    assert load_metrics(file) == load_metrics(tmp_path) == cases["small"]


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        load_metrics(path)
    message = str(caught.value)
    assert "\n" not in message
    assert "locum evaluate" in message
    return message


def test_no_such_file(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "metrics.json")
    assert "holds no metrics.json" in refused(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "line 1"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"[]", "no 'verdict'"),
        (b'{"rows": 3}', "no 'verdict'"),
        (b'{"verdict": {"fidelity": "splendid"}}', "verdict.fidelity"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_wrong_content(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "metrics.json"
    file.write_bytes(content)
    assert said in refused(file)


def test_another_version_names_the_field_but_not_its_value(tmp_path: Path, cases: dict[str, Metrics]) -> None:
    given = json.loads(cases["small"].model_dump_json())
    given["marginals"][1]["gap"] = "secret value"
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    message = refused(file)
    assert "marginals.1.gap" in message
    assert "secret" not in message


def test_a_pdf_without_weasyprint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"pip install 'locum\[pdf\]'"):
        to_pdf("<p>x</p>")


@pytest.mark.slow
def test_a_pdf(cases: dict[str, Metrics]) -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    assert to_pdf(render(cases["small"], title="A study")).startswith(b"%PDF")
