"""What is said of the model file stands apart from what is said of the table."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import render
from locum.report.names import Names
from locum.report.sections import model_file, small_cells

HEADING = "Apart from the verdict: what if the model file were given away?"


def test_the_model_file_has_a_section_of_its_own(cases: dict[str, Metrics]) -> None:
    metrics = cases["model"]
    made = model_file.section(metrics, Names())
    assert made is not None
    assert [check.name for check in made.checks] == ["model_membership_auc", "model_shadows_auc"]
    assert made.status is None  # none of them decides on the table
    assert any("not the table that is shared" in " ".join(text.split()) for text in made.text)
    assert "1.2%" in str(made.charts[0].table)  # recognised at 0.1 % false alarms
    page = render(metrics, title="t")
    assert page.count(HEADING) == 1
    assert "The model file fails: whoever holds it can tell who was in the data." in page
    assert page.index(HEADING) > page.index("Copies and other checks")  # after all that the verdict rests on
    assert HEADING not in render(cases["usual"], title="t")


def test_small_cells_say_that_nothing_was_declared_and_count_few_as_few(cases: dict[str, Metrics]) -> None:
    made = small_cells.section(cases["model"], Names())
    assert made is not None
    told = dict(made.tables[0].rows)
    assert told["Combinations that one real patient has"] == "fewer than 10"
    assert told["Combinations that one artificial patient has"] == "1,234"
    page = render(cases["model"], title="t")
    assert "No variable is declared as a quasi-identifier" in page
    assert "<script>alert" not in page
    assert small_cells.section(cases["usual"], Names()) is None
