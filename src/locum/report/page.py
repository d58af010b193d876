"""``metrics.json`` to one HTML page that needs nothing else: no network, no script, no font."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from locum.cohorts.attrition import Attrition
from locum.evaluate.metrics import Metric, Metrics, Status
from locum.report import (
    flow_chart,
    formats,
    gauge,
    glossary,
    graph_chart,
    graph_words,
    sections,
    words,
)
from locum.report.names import Names

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that HTML or UTF-8 cannot hold; a hostile name may carry them."""


def render(
    metrics: Metrics,
    *,
    title: str,
    subtitle: str = "",
    attrition: Attrition | None = None,
    graph: Graph | None = None,
) -> str:
    """The page of evidence. The same metrics, titles, attrition and graph give the same text.

    attrition: of the cohort that was learned from, where it was drawn from records. graph: of the model.
    """
    names = Names()
    may, must_not = words.uses(metrics.verdict)
    cards = _cards(metrics, names)
    made = sections.of(metrics, names)
    apart = sections.apart(metrics, names)
    shown = {check.name for some in (*made.values(), apart) for section in some for check in section.checks}
    told, told_more = graph_words.told(graph) if graph else ([], [])
    html = (
        environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            subtitle=subtitle,
            style=page_style(),
            m=metrics,
            about=metrics.about,
            lead=words.LEAD[metrics.verdict.privacy],
            compared=words.compared(metrics.about),
            cards=cards,
            gauged=any(card["gauge"] for card in cards),
            sentences=words.sentences(metrics),
            may=may,
            must_not=[*words.against(metrics), *must_not],
            deciding={family: words.deciding(metrics, family) for family in words.FAMILY},
            describing_of={
                family: [
                    x for x in metrics.metrics if x.family == family and not x.decides and x.name not in shown
                ]
                for family in words.FAMILY
            },
            sections=made,
            apart=apart,
            methods=_methods(metrics),
            terms=glossary.TERMS,
            attrition=attrition,
            flow=flow_chart.draw(attrition, names.new()) if attrition else None,
            graph=graph,
            has_tiers=graph is not None and any(node.tier is not None for node in graph.variables),
            drawn=graph_chart.draw(graph, names.new()) if graph else None,
            told=told,
            told_more=told_more,
        )
    )
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def _cards(metrics: Metrics, names: Names) -> list[dict[str, object]]:
    cards: list[dict[str, object]] = []
    for family, (name, question) in words.FAMILY.items():
        status: Status = getattr(metrics.verdict, family)
        card = {"family": family, "name": name, "question": question, "status": status}
        drawn = gauge.draw(words.deciding(metrics, family), name, names.new())
        cards.append({**card, "sentence": words.card(metrics, family, status), "gauge": drawn})
    return cards


def _methods(metrics: Metrics) -> list[tuple[str, list[Metric]]]:
    """Each method once, with the metrics that are computed by it."""
    found: dict[str, list[Metric]] = {}
    for metric in metrics.metrics:
        found.setdefault(metric.method, []).append(metric)
    return list(found.items())


def _rest(checks: Sequence[Metric]) -> str:
    """What the folded checks came to, to be read before they are opened."""
    found = [sum(x.status is status for x in checks if x.decides) for status in words.SEVERITY]
    said = [f"{n} {words.LABEL[s].lower()}" for n, s in zip(found, words.SEVERITY, strict=True) if n]
    return f" ({', '.join(said)})" if said else ""


@cache
def environment() -> Environment:
    """Templates of pages: what they print is escaped, and a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader("locum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["tidy"] = formats.tidy
    made.globals |= {
        "family_words": words.FAMILY,
        "status_words": words.LABEL,
        "quantity": formats.quantity,
        "interval": formats.interval,
        "percent": formats.percent,
        "count": formats.count,
        "rest": _rest,
    }
    return made


@cache
def page_style() -> Markup:
    """The style sheet that every page carries."""
    return Markup(resources.files("locum.report").joinpath("style.css").read_text(encoding="utf-8"))
