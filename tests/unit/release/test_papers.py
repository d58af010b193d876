"""The documents that people read: whole in every case, escaped, the same twice, and every number from the release."""

from __future__ import annotations

import itertools
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from locum.evaluate.metrics import Status, Verdict
from locum.release import (
    ablation,
    conditions,
    dictionary_page,
    facts,
    markdown,
    method_page,
    model_card,
    package,
    readme,
    terms,
    words,
)
from locum.release.about import Licence
from locum.release.minisign import SecretKey
from locum.release.policy import read_policy
from locum.release.release import Document, Release
from locum.report.pdf import to_pdf
from tests.unit.release.papers_cases import (
    ABOUT,
    ARTIFICIAL,
    BARE,
    DECLARED,
    HOSTILE_RELEASE,
    RELEASES,
    USUAL,
    many_rows,
    patients,
    release,
)
from tests.unit.release.seal_cases import KEY
from tests.unit.report.test_page import Page

ROOT = Path(__file__).parents[3]
PAGES = (*dictionary_page.DOCUMENTS, method_page.DOCUMENTS[0])
TEXTS = (*model_card.DOCUMENTS, *readme.DOCUMENTS, *terms.DOCUMENTS)
MARKDOWN = tuple(d for d in TEXTS if d.path.endswith(".md"))


def text(document: Document, of: Release = USUAL) -> str:
    return document.write(of, ()).decode()


def named(path: str) -> Document:
    return next(d for d in (*PAGES, *TEXTS) if d.path == path)


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("document", [*PAGES, *TEXTS], ids=lambda d: d.path)
def test_the_same_bytes_twice_and_nothing_left_open(document: Document, name: str) -> None:
    written = text(document, RELEASES[name])
    assert written == text(document, RELEASES[name])
    assert written.strip()
    assert not re.search(r"\bnan\b|\bNone(?=[|<,)\n]| \|)", written)
    if name != "hostile":
        assert not re.search(r"\{\{|\{%|\}\}", written)


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("document", PAGES, ids=lambda d: d.path)
def test_pages_close_their_tags_and_stand_alone(document: Document, name: str) -> None:
    html = text(document, RELEASES[name])
    page = Page(html)
    assert page.open == []
    idents = [a["id"] for _, a in page.found if "id" in a]
    assert len(idents) == len(set(idents))
    inner = [a["href"] for tag, a in page.found if tag == "a" and str(a.get("href")).startswith("#")]
    assert {str(x)[1:] for x in inner} <= set(idents)
    assert not {"script", "img", "iframe", "link"} & {tag for tag, _ in page.found}
    assert not re.search(r"<[^>]* on\w+=", re.sub(r'"[^"]*"', '""', html))
    assert page.count("h1") == 1


@pytest.mark.parametrize("document", MARKDOWN, ids=lambda d: d.path)
def test_hostile_text_has_no_power_in_markdown(document: Document) -> None:
    written = text(document, HOSTILE_RELEASE)
    outside = re.sub(r"(`+)[^\n]*?\1", "", written)
    assert "<script" not in outside
    assert "<img" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert "\n# not a heading" not in written
    assert "\u202e" not in written
    assert "\x00" not in written
    assert written.count("\n# ") + written.startswith("# ") == 1


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("followup_days", r"followup\_days"),
        ("a|b", r"a\|b"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("# x\n\ny", r"\# x y"),
        ("- x", r"\- x"),
        ("1. x", r"1\. x"),
        ("1.2.0", "1.2.0"),
        ("![x](y)", r"!\[x\](y)"),
        ("---", r"\---"),
    ],
)
def test_how_markdown_is_escaped(given: str, written: str) -> None:
    assert markdown.escape(given) == written


def test_code_holds_any_text() -> None:
    assert markdown.code("a`b") == "``a`b``"
    assert markdown.code("`a") == "`` `a ``"


@pytest.mark.parametrize("document", [*PAGES, *MARKDOWN], ids=lambda d: d.path)
def test_artificial_records_are_called_so_and_others_are_not(document: Document) -> None:
    notice = "The records that this dataset was learned from are artificial"
    assert notice in text(document, ARTIFICIAL)
    assert notice not in text(document, USUAL)
    said = ABOUT.model_copy(update={"artificial": True})
    assert notice in text(document, release(patients(), DECLARED, USUAL.evidence.metrics, about=said))


def test_conditions_are_told_apart_and_have_one_minus_sign() -> None:
    """Two counts of k, of which one can be answered for, do not read as one condition twice."""
    asked = conditions.checks(USUAL.evidence, read_policy().policy, ABOUT)
    words = [check.asked for check in asked]
    assert len(set(words)) == len(words) > 20
    below = asked[5].model_copy(update={"found": "-0.0022 (95 % interval -0.0149 to 0.0104)"})
    decided = USUAL.decision.model_copy(update={"checks": (*asked, below)})
    page = text(named("method.html"), replace(USUAL, decision=decided))
    assert "<bdi>−0.0022 (95% interval −0.0149 to 0.0104)</bdi>" in page


def test_patients_of_artificial_records_are_never_counted_as_real() -> None:
    """Beside a number the words say which they are, also of one, and on every page; the notice says the rest."""
    for document in (*PAGES, *TEXTS):
        assert not re.search(r"\d real patients?\b", text(document, ARTIFICIAL)), document.path
    assert "2,217 patients of artificial records" in text(named("dictionary.html"), ARTIFICIAL)
    assert "2,217 real patients" in text(named("dictionary.html"))
    assert facts.people(ARTIFICIAL, 1) == "patient of artificial records"
    assert facts.people(USUAL, 1) == "real patient"


def test_levels_that_are_in_no_row_are_told_with_the_reason() -> None:
    metrics = USUAL.evidence.metrics
    about = metrics.about.model_copy(update={"absent": {"diabetes": ["other *kind*", "<none>"]}, "k": 10})
    lacking = release(patients(), DECLARED, metrics.model_copy(update={"about": about}))
    page = " ".join(text(named("dictionary.html"), lacking).split())
    assert page.count("Not in the rows") == 1
    assert page.index('<h2 id="variable-') < page.index("Not in the rows")
    assert (
        "other *kind*, &lt;none&gt;: no row has them. Fewer than 10 of the patients learned from do" in page
    )
    readme = text(named("README.md"), lacking)
    assert "No synthetic row has these levels" in readme
    assert r"diabetes (other \*kind\*" in readme
    for path in ("dictionary.html", "README.md"):
        assert "o row has" not in text(named(path)).replace("no row has a person", "")


@pytest.mark.parametrize("path", ["README.md", "MODEL-CARD.md", "method.html", "dictionary.html", "TERMS.md"])
def test_patients_stand_beside_rows(path: str) -> None:
    written = text(named(path))
    assert "2,217" in written
    if path != "MODEL-CARD.md":
        assert "400" in written


def test_the_precision_is_that_of_the_patients_however_many_rows_there_are() -> None:
    few, many = words.precision(0.05, 10_000, 10_000), words.precision(0.05, 10_000, 10**9)
    assert few.error == pytest.approx(0.05**0.5 * 0.95**0.5 * (2 / 10_000) ** 0.5)
    assert many.error == pytest.approx((0.05 * 0.95 / 10_000) ** 0.5, rel=1e-4)
    assert many.error / many.naive == pytest.approx(10**2.5, rel=1e-4)


def test_precision_agrees_with_the_rules_for_combining() -> None:
    from locum.evaluate.combining import combine

    drawn, people, share = 5_000, 2_000, 0.1
    variance = share * (1 - share) / drawn
    found = combine([share], [variance], synthetic_rows=drawn, real_rows=people)
    assert words.precision(share, people, drawn).error == pytest.approx(float(found.standard_error[0]))


def test_more_rows_than_patients_are_told_in_numbers() -> None:
    crowd = many_rows()
    for path in ("README.md", "method.html"):
        written = " ".join(text(named(path), crowd).split())
        # 10,000 % of the patients: √(1 + 100) times
        assert "221,700 rows are not 221,700 patients" in written
        assert "10 times too small" in written
        assert "standard error of 0.47 points" in written


@pytest.mark.parametrize("verdict", list(itertools.product(Status, repeat=3)))
def test_what_is_said_of_uses_points_to_the_report(verdict: tuple[Status, ...]) -> None:
    families = dict(zip(("fidelity", "utility", "privacy"), verdict, strict=True))
    metrics = USUAL.evidence.metrics.model_copy(update={"verdict": Verdict(**families)})
    may, must_not = words.uses(release(patients(), DECLARED, metrics))
    assert not [said for said in (*may, *must_not) if "below" in said]


def test_a_failed_privacy_verdict_is_not_hidden() -> None:
    for path in ("README.md", "MODEL-CARD.md", "method.html"):
        assert "Any use outside the secure environment" in text(named(path), many_rows())


def test_the_decision_and_who_answered_are_told() -> None:
    html = text(named("method.html"))
    for said in ("the verdict on fidelity passes", "Dr A. Example", "One variable differs a little."):
        assert said in html
    assert "Dr A. Example" in text(named("README.md"))
    assert "Not released" in text(named("method.html"), BARE)
    assert "**Not released**" in text(named("README.md"), BARE)


def test_nothing_is_claimed_of_rows_whose_making_is_not_known() -> None:
    html = text(named("method.html"), BARE)
    assert "does not say how the rows were made" in html
    assert "resampled Bayesian network" not in html
    assert "benchmarks/README.md" not in html
    assert "No value is copied" not in html


def test_figures_of_the_release_are_those_of_its_metrics() -> None:
    html, card = text(named("method.html")), text(named("MODEL-CARD.md"))
    c2st = next(m for m in USUAL.evidence.metrics.metrics if m.name == "c2st")
    assert c2st.status is Status.WARN
    for written in (html, card):
        for figure in ("0.567", "0.551 to 0.583", "0.501"):
            assert figure in written


@pytest.mark.parametrize("part", ablation.PARTS, ids=lambda a: f"{a.part}, {a.table}")
def test_figures_of_the_method_are_those_that_were_published(part: ablation.Ablation) -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    section = re.split(r"^##+ ", page, flags=re.MULTILINE)
    (found,) = (s for s in section if s.splitlines()[0] == part.heading)
    table = part.table.split(",")[0]
    assert table in found
    assert part.without in found
    assert part.with_it in found
    if part.heading in ("Latent classes", "Draws that share chance out"):  # a row holds both
        (row,) = (r for r in found.splitlines() if r.startswith("| ") and r[2:].startswith(table))
        assert part.without in row
        assert part.with_it in row


def test_figures_of_the_dial_are_those_that_were_published() -> None:
    page = (ROOT / "docs" / "explanation" / "privacy.md").read_text(encoding="utf-8")
    for step in ablation.DIAL:
        assert f"| `{step.name}` | {step.adult} | {step.framingham} |" in page


@pytest.mark.parametrize("key", [KEY, None], ids=["signed", "unsigned"])
def test_the_readme_lists_each_file_once_and_says_what_can_be_done_with_them(
    tmp_path: Path, key: SecretKey | None
) -> None:
    folder = package.write(USUAL, tmp_path / "package", key).folder
    written = (folder / "README.md").read_text("utf-8")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert sorted(re.findall(r"^\| `(.*?)` \|", written, re.MULTILINE)) == sorted(
        there - {".locum", "README.md"}
    )
    for line in (
        'locum.load("cvd-1.2.0.zip")',
        "locum verify cvd-1.2.0.zip",
        "sha256sum -c SHA256SUMS",
        "https://doi.org/10.5072/locum.cvd.12",
    ):
        assert line in written
    assert ("minisign -Vm SHA256SUMS -p publisher.pub" in written) is (key is not None)
    assert ("is not signed" in written) is (key is None)


def test_the_readme_points_to_the_report_where_nothing_follows_below() -> None:
    found = USUAL.evidence.metrics
    verdict = found.verdict.model_copy(update={"privacy": Status.WARN, "fidelity": Status.FAIL})
    evidence = replace(USUAL.evidence, metrics=found.model_copy(update={"verdict": verdict}))
    written = readme.DOCUMENTS[0].write(replace(USUAL, evidence=evidence), []).decode()
    assert "the privacy cautions in evidence/report.html" in written
    assert "below" not in written


def test_the_model_card_has_the_headings_of_mitchell() -> None:
    found = re.findall(r"^## (.*)$", text(named("MODEL-CARD.md")), re.MULTILINE)
    assert found == [
        "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data",
        "Quantitative analyses", "Ethical considerations", "Caveats and recommendations",
    ]  # fmt: skip


def _licensed(licence: Licence) -> str:
    about = ABOUT.model_copy(update={"licence": licence})
    return text(named("LICENCE.txt"), release(patients(), DECLARED, USUAL.evidence.metrics, about=about))


def test_which_licence_is_in_the_package() -> None:
    assert "grants you a licence" in text(named("LICENCE.txt"))
    assert _licensed(Licence(text="Wörter\r\n")) == "Wörter\r\n"
    other = _licensed(Licence(name="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"))
    assert "CC BY 4.0" in other
    assert "https://creativecommons.org/licenses/by/4.0/" in other
    assert "grants you a licence" not in other


def test_the_terms_forbid_and_ask_for_what_they_must() -> None:
    written = text(named("TERMS.md"))
    for said in (
        "find out who was in",
        "decision about",
        "Report",
        "Copies are marked",
        "Withdrawal",
        "Cite",
    ):
        assert said in written


def test_without_a_pdf_writer_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method_page, "to_pdf", to_pdf)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert method_page.DOCUMENTS[1].write(USUAL, ()) == b""


def test_a_pdf_is_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method_page, "to_pdf", to_pdf)
    first = method_page.DOCUMENTS[1].write(BARE, ())
    if not first:
        pytest.skip("needs WeasyPrint and Pango")
    assert first.startswith(b"%PDF")
    assert first == method_page.DOCUMENTS[1].write(BARE, ())


def test_a_page_that_does_not_become_a_pdf_for_another_reason_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(html: str) -> bytes:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(method_page, "to_pdf", broken)
    with pytest.raises(ValueError, match="a fault of ours"):
        method_page.DOCUMENTS[1].write(USUAL, ())


def test_300_levels_are_all_on_the_page_and_115_variables_each_have_a_place() -> None:
    html = text(named("dictionary.html"))
    assert all(f">C{i:03d}<" in html for i in range(300))
    assert "levels long" in html


def test_every_variable_says_what_it_means() -> None:
    page = Page(text(named("dictionary.html")))
    said = " ".join(" ".join(page.text).split())
    for words_ in (
        "Age on the index date", "18 to 110", "Recorded in steps of 0.1 ",
        "systolic_bp", "refused (the value -7)", "the least of age, systolic",
        "100% not recorded", "1 May 2008 or more",
    ):  # fmt: skip
        assert words_ in said, words_
