"""What is said of the model file stands apart from what is said of the table."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import render
from locum.report.names import Names
from locum.report.privacy_sections import more

HEADING = "If the model file were given away"


def test_the_model_file_has_a_section_of_its_own(cases: dict[str, Metrics]) -> None:
    metrics = cases["model"]
    page = render(metrics, title="t")
    start, end = page.index(HEADING), page.index("Further descriptions, for information")
    section, descriptions = page[start:end], page[end : page.index('id="reading"')]
    assert "not the table that is shared" in section
    for name in ("model_membership_auc", "model_shadows_auc"):
        assert section.count(f"Does {name} hold?") == 1
        assert f"Does {name} hold?" not in descriptions
    assert "1.2%" in section  # recognised at 0.1 % false alarms
    assert page.count("tag-fail") > render(cases["small"], title="t").count("tag-fail")
    assert HEADING not in render(cases["usual"], title="t")


def test_small_cells_say_that_nothing_was_declared_and_count_few_as_few(cases: dict[str, Metrics]) -> None:
    found = more(cases["model"], Names())
    assert found.cells is not None
    told = dict(found.cells.rows)
    assert told["Combinations that one real patient has"] == "fewer than 10"
    assert told["Combinations that one artificial patient has"] == "1,234"
    page = render(cases["model"], title="t")
    assert "No variable is declared as a quasi-identifier" in page
    assert "<script>alert" not in page
    assert more(cases["usual"], Names()).cells is None
