"""The page as a PDF, for those who file paper. WeasyPrint is optional: it needs the system's Pango."""

from __future__ import annotations

from typing import Any

from locum.errors import UsageError


def to_pdf(html: str) -> bytes:
    """A PDF of a page that ``render`` made; nothing is fetched.

    Raises UsageError when WeasyPrint, or a system library that it needs, is not installed.
    """
    try:
        from weasyprint import HTML
    except ImportError:
        raise UsageError(
            "a PDF needs WeasyPrint, which is not installed; run: pip install 'locum[pdf]'"
        ) from None
    except OSError:
        raise UsageError(
            "a PDF needs the Pango text library, which is not installed on this system; install Pango, "
            "or write HTML and print it from a browser"
        ) from None
    document = HTML(string=html, url_fetcher=_refuse)
    written: bytes = document.write_pdf(pdf_identifier=b"locum")
    return written


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError("the page refers to something outside itself")
