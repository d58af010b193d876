"""Templates of the documents that people read: pages in the style of the report, Markdown, and plain text."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from locum.release import markdown
from locum.report import formats
from locum.report.page import UNWRITABLE, environment, page_style


@cache
def _pages() -> Environment:
    loader = ChoiceLoader([PackageLoader("locum.release"), PackageLoader("locum.report")])
    made = environment().overlay(loader=loader)
    made.filters = {**made.filters, "share": formats.share, "number": formats.number}
    return made


@cache
def _texts() -> Environment:
    made = Environment(
        loader=PackageLoader("locum.release"),
        autoescape=False,  # each text has its own way, below
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=markdown.escape,
    )
    made.filters |= {"code": markdown.code, "tidy": formats.tidy, "share": formats.share}
    made.globals |= {"count": formats.count}
    return made


def page(template: str, **given: object) -> str:
    """A page of HTML that needs nothing else: what is GIVEN is escaped."""
    html = _pages().get_template(template).render(style=page_style(), **given)
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def plain_text(template: str, **given: object) -> bytes:
    """A text without markup: what is GIVEN stands in it as it is."""
    return plain(_texts().overlay(finalize=str).get_template(template).render(**given))


def plain(text: str) -> bytes:
    """TEXT as a file, without characters that UTF-8 or a terminal cannot hold."""
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def markdown_text(template: str, **given: object) -> bytes:
    """A text in Markdown: what is GIVEN stands in it as it is, and never as Markdown or HTML."""
    return plain(_texts().get_template(template).render(**given))
