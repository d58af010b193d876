"""The page about loaded records: says what matters first, adds up, and stands alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from locum.records.quality import Check, Finding, Quality, TableCount
from locum.report.quality_page import render_quality

VOID = {"meta", "path", "circle"}


class Page(HTMLParser):
    """Its text, the tags that refer to something, and whether tags close in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.refers: list[str | None] = []
        self.ids: list[str | None] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.refers += [found[name] for name in ("href", "src") if name in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.text += " " if tag in ("td", "th") else ""

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.text)


def check(name: str, found: int, finding: Finding, table: str = "observation", of: int = 1000) -> Check:
    return Check(name=name, table=table, meaning=f"What {name} means.", found=found, of=of, finding=finding)


def quality(*checks: Check, artificial: bool = False, notices: tuple[str, ...] = ()) -> Quality:
    return Quality(
        source="CPRD Aurum 2.9",
        artificial=artificial,
        tables=(
            TableCount(table="patient", parts=1, read=12, kept=11, quarantined=1),
            TableCount(table="observation", parts=3, read=1_234_567, kept=1_234_560, quarantined=7),
        ),
        checks=checks,
        notices=notices,
    )


def page(given: Quality, title: str = "An extract") -> Page:
    return Page(render_quality(given, title))


def test_it_stands_alone_and_is_well_formed() -> None:
    shown = page(quality(check("cut", 1, Finding.FAULT), check("odd", 2, Finding.NOTE)))
    assert shown.open == []
    assert "script" not in shown.tags
    assert all(target and target.startswith("#") for target in shown.refers)
    assert {target[1:] for target in shown.refers if target} <= set(shown.ids)
    assert len(shown.ids) == len(set(shown.ids))
    assert shown.tags.count("h1") == 1


def test_what_was_read_adds_up() -> None:
    words = page(quality()).words
    assert "1,234,579 rows were read from 4 parts; 1,234,571 were kept, of 11 patients." in words
    assert "8 rows were put in quarantine" in words
    assert "All 4 1,234,579 1,234,571 8" in words


@pytest.mark.parametrize(
    ("finding", "lead"),
    [
        (Finding.FAULT, "Ask for it, or copy it, again"),
        (Finding.WARNING, "A person should look"),
        (Finding.NOTE, "Nothing was found that a person has to look at"),
        (Finding.FINE, "Nothing was found that a person has to look at"),
    ],
)
def test_the_first_sentence_follows_the_worst_finding(finding: Finding, lead: str) -> None:
    assert lead in page(quality(check("x", 3, finding), check("y", 0, Finding.FINE))).words


def test_the_worst_comes_first_and_nothing_is_left_out() -> None:
    checks = [check(f"thing {i}", i, Finding.WARNING) for i in range(1, 10)]
    words = page(quality(*checks, check("fault", 1, Finding.FAULT), check("unseen", 0, Finding.FINE))).words
    start = words[words.index("What a person should know") : words.index("What was read")]
    assert start.index("fault") < start.index("thing 9") < start.index("thing 8")
    assert "thing 1," not in start
    assert "4 more below" in start
    rest = words[words.index("What was read") :]
    assert all(f"What thing {i} means." in rest for i in range(1, 10))
    assert rest.index("What was looked for and not found") < rest.index("unseen.")


def test_it_says_whether_the_records_are_artificial() -> None:
    assert "These records are artificial" in page(quality(artificial=True)).words
    real = page(quality()).words
    assert "artificial." not in real.replace("that they are artificial.", "")
    assert "Treat these records as those of real people" in real


def test_shares_are_not_rounded_away() -> None:
    checks = [
        check("few", 1, Finding.NOTE, of=10_000_000),
        check("nearly", 9_999_999, Finding.NOTE, of=10_000_000),
        check("every", 7, Finding.NOTE, of=7),
        check("none to look at", 0, Finding.NOTE, of=0),
    ]
    words = page(quality(*checks)).words
    assert "1 10,000,000 under 0.01%" in words
    assert "9,999,999 10,000,000 over 99%" in words
    assert "7 7 all" in words


def test_hostile_words_are_shown_as_they_are() -> None:
    bad = '<script>alert("x")</script> & \x00'
    html = render_quality(quality(check(bad, 1, Finding.WARNING), notices=(bad,)), bad)
    assert "<script>" not in html
    assert "\x00" not in html
    assert Page(html).open == []


def test_the_same_gives_the_same() -> None:
    given = quality(check("a", 1, Finding.WARNING), check("b", 1, Finding.WARNING))
    assert render_quality(given, "t") == render_quality(given, "t")


def test_an_extract_with_nothing() -> None:
    empty = Quality(source="CPRD Aurum 2.9", artificial=False, tables=(), checks=())
    assert "0 rows were read" in page(empty).words
