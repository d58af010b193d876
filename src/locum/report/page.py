"""``metrics.json`` to one HTML page that needs nothing else: no network, no script, no font."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from locum.cohorts.attrition import Attrition
from locum.evaluate.metrics import Metrics, Status
from locum.report import (
    conclusions,
    flow_chart,
    formats,
    glossary,
    graph_chart,
    graph_words,
    heat_chart,
    risk_chart,
    sections,
    utility_sections,
    words,
)
from locum.report.names import Names

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph

POINTING = ("singling_out", "linkability", "outliers")
"""Metrics that tell whether an artificial patient points to a real one."""

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
    shown, folded = sections.variables(metrics, names)
    combinations = sections.combinations(metrics, names)
    missing, missing_more = sections.missingness(metrics, names)
    may, must_not = words.uses(metrics.verdict)
    told, told_more = graph_words.told(graph) if graph else ([], [])
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            subtitle=subtitle,
            style=_style(),
            m=metrics,
            about=metrics.about,
            lead=words.LEAD[metrics.verdict.privacy],
            compared=words.compared(metrics.about),
            cards=_cards(metrics),
            may=may,
            must_not=must_not,
            deciding={family: words.deciding(metrics, family) for family in words.FAMILY},
            describing_of={
                family: [x for x in metrics.metrics if x.family == family and not x.decides]
                for family in words.FAMILY
            },
            shown=shown,
            folded=folded,
            heat=sections.heat(metrics, names),
            heat_key=heat_chart.key(),
            heat_variables=len(heat_chart.shown(metrics.pairs)),
            worst_pairs=sections.worst_pairs(metrics),
            combinations=combinations,
            subgroups=sections.subgroups(metrics, names),
            grouped=next((x for x in metrics.metrics if x.name == "subgroup_within"), None),
            rules=sections.rules(metrics),
            missing=missing,
            missing_more=missing_more,
            give_aways=sections.give_aways(metrics, names),
            rocs=sections.rocs(metrics, names),
            auc_table=sections.auc_table(metrics),
            risk_answers=utility_sections.answers(
                metrics, "calibration_level", "calibration_slope", "precision", "net_benefit"
            ),
            risk_table=utility_sections.risk_table(metrics),
            risk_pictures=utility_sections.risk_pictures(metrics, names),
            same_answers=utility_sections.answers(metrics, "model_ranking", "importances"),
            importances=utility_sections.importances(metrics, names),
            conclusions=conclusions.drawn(metrics, names),
            conclusion=words.conclusion(metrics.predictions, metrics.verdict.utility),
            attack_charts=sections.attack_charts(metrics, names),
            attack_table=sections.attack_table(metrics.attacks),
            attack_words=sections.attack_words(metrics.attacks),
            other_privacy=[
                x
                for x in words.deciding(metrics, "privacy")
                if not x.name.startswith(("membership", "attribute", *POINTING))
            ],
            guessed=risk_chart.draw(
                metrics.guesses,
                "How often a variable is guessed right from the rest of the record",
                "Variable",
                names.new(),
            ),
            pointed=risk_chart.draw(
                metrics.risks, "How often an attack points to the right patient", "Attack", names.new()
            ),
            point_checks=[x for x in words.deciding(metrics, "privacy") if x.name.startswith(POINTING)],
            guess_checks=[x for x in words.deciding(metrics, "privacy") if x.name.startswith("attribute")],
            classified=any(x.name == "c2st" and x.value is not None for x in metrics.metrics),
            terms=glossary.TERMS,
            attrition=attrition,
            flow=flow_chart.draw(attrition, names.new()) if attrition else None,
            graph=graph,
            has_tiers=graph is not None and any(node.tier is not None for node in graph.variables),
            drawn=graph_chart.draw(graph, names.new()) if graph else None,
            graph_key=graph_chart.key(),
            told=told,
            told_more=told_more,
        )
    )
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def _cards(metrics: Metrics) -> list[dict[str, str]]:
    cards = []
    for family, (name, question) in words.FAMILY.items():
        status: Status = getattr(metrics.verdict, family)
        sentence = words.card(metrics, family, status)
        cards.append(
            {"family": family, "name": name, "question": question, "status": status, "sentence": sentence}
        )
    return cards


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("locum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["tidy"] = formats.tidy
    environment.globals |= {
        "family_words": words.FAMILY,
        "status_words": words.LABEL,
        "quantity": formats.quantity,
        "interval": formats.interval,
        "percent": formats.percent,
        "count": formats.count,
    }
    return environment


@cache
def _style() -> Markup:
    return Markup(resources.files("locum.report").joinpath("style.css").read_text(encoding="utf-8"))
