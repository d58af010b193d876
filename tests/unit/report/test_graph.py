"""The graph is laid out without overlaps, drawn with its strengths, and told in words; a page without one has none."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.evaluate.metrics import Metrics
from locum.network.graph.schema import Condition, Follows, Graph, Group, Level, Node, Parent
from locum.report import graph_chart, graph_words, load_graph, render, svg
from locum.report.graph_layout import BOX, COLUMNS, joined, lay_out
from tests.unit.report.conftest import HOSTILE
from tests.unit.report.test_page import Page


def everyone(share: float = 0.4) -> Group:
    yes = Level(level="yes", share=share)
    return Group(where=(), share=1.0, missing=None, levels=(yes,), median=None, half=None)


def node(name: str, place: int, *parents: tuple[str, float], **changes: object) -> Node:
    groups = [
        Group(
            where=tuple(Condition(variable=p, words="≥ 62 years") for p, _ in parents[:1]),
            share=0.25,
            missing=None,
            levels=(Level(level="yes", share=0.61),),
            median=None,
            half=None,
        )
    ]
    given: dict[str, object] = {
        "variable": name,
        "kind": "binary",
        "unit": None,
        "description": "",
        "tier": None,
        "place": place,
        "known": min(sum(s for _, s in parents), 1.0),
        "parents": [Parent(variable=p, strength=s) for p, s in parents],
        "further": 2,
        "everyone": everyone(),
        "groups": groups if parents else [],
        "follows": [],
        "missing_parents": [],
        "missing_groups": [],
    }
    return Node.model_validate(given | changes)


def graph(*nodes: Node) -> Graph:
    return Graph(locum_version="0.1.0", k=10, members=16, drawn=20_000, variables=nodes)


def wide(count: int) -> Graph:
    """Each variable is drawn from the two before it."""
    names = [f"variable_{i}_at_index" for i in range(count)]
    return graph(
        *(
            node(n, i, *((names[p], 0.9 / (1 + i - p) - 0.001 * i) for p in range(max(0, i - 2), i)))
            for i, n in enumerate(names)
        )
    )


SMALL = graph(
    node("age", 0, tier=0),
    node("systolic", 1, ("age", 0.15), tier=3),
    node("treated hypertension", 2, ("systolic", 0.35), ("age", 0.2), ("coin", 0.01), tier=1),
    node("coin", 3),
)
HOSTILE_GRAPH = graph(
    node(HOSTILE[0], 0, description=HOSTILE[1], unit=HOSTILE[2]),
    *(
        node(
            name,
            i + 1,
            (HOSTILE[i], 0.5),
            groups=[
                {
                    **everyone().model_dump(),
                    "where": [{"variable": HOSTILE[i], "words": name}],
                    "levels": [{"level": name, "share": 0.5}],
                }
            ],
            follows=[Follows(words=name, share=0.5)],
        )
        for i, name in enumerate(HOSTILE[1:])
    ),
)
GRAPHS = {
    "small": SMALL,
    "wide": wide(115),
    "hostile": HOSTILE_GRAPH,
    "alone": graph(node("age", 0)),
    "none": graph(),
}


def text(html: str) -> str:
    return " ".join("".join(Page(html).text).split())


@pytest.mark.parametrize("name", GRAPHS)
def test_a_page_with_a_graph_is_as_sound_as_one_without(name: str, cases: dict[str, Metrics]) -> None:
    html = render(cases["small"], title="A study", graph=GRAPHS[name])
    page = Page(html)
    assert page.open == []
    identifiers = [a["id"] for _, a in page.found if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    assert page.count("svg", role="img") == page.count("desc") == page.count("details", class_="data")
    assert not {"script", "style"} & {tag for tag, _ in page.found[page.found.index(("body", {})) :]}
    assert not any(a.startswith("on") or a == "style" for _, attributes in page.found for a in attributes)
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for told in GRAPHS[name].variables:
        assert told.variable.replace("\x00", "\N{REPLACEMENT CHARACTER}") in "".join(page.text)
    assert html == render(cases["small"], title="A study", graph=GRAPHS[name].model_copy(deep=True))


def test_a_page_without_a_graph_says_nothing_of_it(cases: dict[str, Metrics]) -> None:
    html = render(cases["small"], title="A study")
    assert "What the model learned" not in html
    assert "What the model learned" in render(cases["small"], title="A study", graph=SMALL)


def test_the_words_of_a_variable(cases: dict[str, Metrics]) -> None:
    said = text(render(cases["small"], title="A study", graph=SMALL)).replace("\N{NO-BREAK SPACE}", " ")
    assert "treated hypertension from systolic, age" in said
    assert "Drawn with the help of systolic (35%), age (20%), coin (1%) and 2 that tell less." in said
    assert "Together they take away 56% of what is not known about it." in said
    assert "61% where systolic ≥ 62 years (25% of patients)" in said
    assert "It helps most to draw treated hypertension (20%) and systolic (15%)." in said
    assert "Nothing that is drawn before it tells much about it: 2 variables tell a little." in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"levels": [Level(level="yes", share=0.61)]}, "61%"),
        ({"levels": [Level(level="yes", share=0.1, bound="under")]}, "under 10%"),
        ({"levels": [Level(level="ex", share=0.5), Level(level="never", share=0.3)]}, "ex: 50%; never: 30%"),
        ({"levels": [], "median": 97.0, "half": (90.0, 105.0)}, "median 97 mmHg, middle half 90 to 105"),
        (
            {"levels": [Level(level="0", share=0.52)], "median": 0.0, "half": (0.0, 20.0)},
            "median 0 mmHg, middle half 0 to 20; 0: 52%",
        ),
        (
            {"levels": [Level(level="0", share=0.99, bound="over")], "median": 0.0, "half": (0.0, 0.0)},
            "0: over 99%",
        ),
        ({"levels": [], "missing": Level(level="", share=0.9, bound="over")}, "no value: over 90%"),
        ({"levels": []}, "too few to say"),
    ],
)
def test_what_a_group_says(changes: dict[str, object], said: str) -> None:
    group = Group.model_validate(everyone().model_dump() | changes)
    assert graph_words.says(node("x", 0, kind="continuous", unit="mmHg"), group) == said


def test_rules_and_missing_values_in_words(cases: dict[str, Metrics]) -> None:
    lacking = Group(
        where=(Condition(variable="a", words="is no"),),
        share=0.4,
        missing=Level(level="", share=0.97, bound="over"),
        levels=(),
        median=None,
        half=None,
    )
    told = node(
        "b",
        1,
        ("a", 0.99),
        known=0.99,
        follows=[Follows(words="the least of a, c", share=0.95), Follows(words="a", share=0.02)],
        missing_parents=[Parent(variable="a", strength=0.8)],
        missing_groups=[lacking],
    )
    said = text(render(cases["small"], title="A study", graph=graph(node("a", 0), told)))
    assert "It is the least of a, c for 95% of patients and a for 2% of them." in said
    assert "Together they take away nearly all of what is not known about it." in said
    assert "Whether it has a value goes with a (80%)." in said
    assert "no value: over 97% where a is no (40% of patients)" in said


def test_the_figure_stands_by_tiers_with_a_line_for_each_strong_parent() -> None:
    drawn = graph_chart.draw(SMALL, "g")
    assert drawn is not None
    assert drawn.boxes == 3
    assert drawn.alone == ("coin",)
    assert [row[:2] for row in drawn.chart.table.rows] == [
        ["treated hypertension", "systolic"],
        ["treated hypertension", "age"],
        ["systolic", "age"],
    ]
    places = {
        found[1]: float(found[0])
        for found in re.findall(r'<text x="([\d.]+)"[^>]*>([^<]+)<', drawn.chart.svg)
    }
    assert places["Demographics"] < places["History"] < places["Measurements"]
    assert places["age"] < places["treated hypertension"] < places["systolic"]
    widths = {row[1]: row[2] for row in drawn.chart.table.rows if row[0] != "systolic"}
    assert widths == {"systolic": "35%", "age": "20%"}
    # 35 %, and 20 %, which is half of it or more once that is rounded
    assert drawn.chart.svg.count('stroke-width="5"') == 2


def test_lines_have_a_head_only_where_tiers_bind_the_order() -> None:
    """Without, an arrow from an outcome to a history would read as a cause."""
    for ordered_by, lines, joins in (("finest", 3, "–"), ("tiers", 6, "→")):
        drawn = graph_chart.draw(SMALL.model_copy(update={"ordered_by": ordered_by}), "g")
        assert drawn is not None
        assert drawn.chart.svg.count("<path") == lines
        assert f"age {joins} systolic: 15%" in drawn.chart.svg


def test_a_copy_is_marked_and_the_others_are_wide_beside_one_another() -> None:
    copied = node("event", 4, ("outcome", 1.0), known=1.0)
    made = node("total", 5, ("age", 0.45), ("pulse", 0.45), follows=[Follows(words="the sum", share=0.9)])
    weak = node("outcome", 1, ("age", 0.12)), node("pulse", 2, ("age", 0.05)), node("bmi", 3, ("age", 0.021))
    drawn = graph_chart.draw(graph(node("age", 0), *weak, copied, made), "g")
    assert drawn is not None
    assert [(x.least, x.dash is not None) for x in drawn.key] == [
        (0.06, False),
        (0.02, False),
        (0.0, False),
        (-1.0, True),
    ]
    lines = re.findall(r"<path(?P<all>[^>]*)><title>(.*?)</title>", drawn.chart.svg)
    dashed = {tip.split(":")[0] for attributes, tip in lines if "dasharray" in attributes}
    assert dashed == {"outcome – event", "age – total", "pulse – total"}
    widest = [tip for attributes, tip in lines if 'stroke-width="5"' in attributes]
    assert widest == ["age – outcome: 12%"]
    assert "The strongest is between age and outcome." in drawn.chart.svg
    alone = graph_chart.draw(graph(node("outcome", 0), copied), "g")
    assert alone is not None
    assert [x.least for x in alone.key] == [-1.0]


def test_every_tier_with_a_name_is_called_by_it() -> None:
    tiers = [node("a", 0, tier=0), *(node(f"b{t}", t, ("a", 0.3), tier=t) for t in range(1, 7))]
    drawn = graph_chart.draw(graph(*tiers), "g")
    assert drawn is not None
    found = re.findall(r"Tier \d|" + "|".join(graph_chart.TIERS), drawn.chart.svg)
    assert found == [*graph_chart.TIERS, "Tier 6"]


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("", []),
        ("Erectile dysfunction, diagnosed or treated", ["Erectile dysfunction,", "diagnosed or treated"]),
        ("Sex: F female, M male", ["Sex"]),
        ("Asthma, " + "recorded at any time of the twenty years before " * 3, ["Asthma"]),
        ("Deviation of systolic pressures on two or more days of five years", None),
        ("Donaudampfschifffahrtsgesellschaftskapitänswitwe", []),
    ],
)
def test_a_box_holds_whole_clauses_or_words(description: str, said: list[str] | None) -> None:
    found = svg.short(description, graph_chart.SIZE, 126)
    if said is None:  # not even the first clause
        kept = " ".join(found).removesuffix(" …")
        assert description.startswith(kept + " ")
        assert len(kept) > 30
    else:
        assert found == said


def test_a_box_has_the_short_description_and_the_name_of_the_column() -> None:
    named = node("impot", 1, ("age", 0.3), description="Erectile dysfunction, diagnosed or treated")
    drawn = graph_chart.draw(graph(node("age", 0), named), "g")
    assert drawn is not None
    assert all(f">{said}<" in drawn.chart.svg for said in ("Erectile dysfunction,", "impot", "age"))


def test_nothing_is_drawn_where_nothing_tells() -> None:
    assert graph_chart.draw(graph(), "g") is None
    assert graph_chart.draw(graph(node("a", 0), node("b", 1, ("a", 0.01))), "g") is None


def test_of_many_variables_the_strongest_are_drawn_and_the_page_says_so(cases: dict[str, Metrics]) -> None:
    drawn = graph_chart.draw(wide(115), "g")
    assert drawn is not None
    assert drawn.boxes == graph_chart.MOST_BOXES
    said = text(render(cases["small"], title="A study", graph=wide(115)))
    assert "48 of 115 variables are drawn, those with the strongest lines" in said
    assert "The other 95 variables" in said


GRAPHLIKE = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=45, unique=True),
    )
)


@given(GRAPHLIKE)
def test_boxes_never_overlap_and_bands_stand_in_order(drawn: tuple[list[int], list[tuple[int, int]]]) -> None:
    bands, pairs = drawn
    edges = sorted({(a, b) for a, b in pairs if a < b})
    layout = lay_out(bands, edges)
    for a, b in itertools.combinations(range(len(bands)), 2):
        if layout.column[a] == layout.column[b]:
            assert abs(layout.y[a] - layout.y[b]) >= BOX - 1e-6
        if bands[a] < bands[b]:
            assert layout.column[a] < layout.column[b]
    assert max(layout.column) < max(COLUMNS, len(set(bands)))
    assert [layout.bands[c] for c in layout.column] == bands
    assert min(layout.y) >= BOX / 2 - 1e-6
    assert max(layout.y) <= layout.height - BOX / 2 + 1e-6
    assert [(line.from_, line.to) for line in layout.lines] == edges
    for line in layout.lines:
        columns = [layout.column[line.from_], *(c for c, _ in line.via), layout.column[line.to]]
        steps = {b - a for a, b in itertools.pairwise(columns)}
        assert steps in ({1}, {-1}, {0})
        for column, height in line.via:  # no line runs through a box
            assert all(
                abs(layout.y[i] - height) >= BOX / 2 for i in range(len(bands)) if layout.column[i] == column
            )


def test_a_tree_is_drawn_without_a_crossing() -> None:
    edges = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6), (3, 7)]
    layout = lay_out([0] * 8, edges)
    assert all(layout.column[b] == layout.column[a] + 1 for a, b in edges)
    for (a, b), (c, d) in itertools.combinations(edges, 2):
        if layout.column[a] == layout.column[c]:
            assert (layout.y[a] - layout.y[c]) * (layout.y[b] - layout.y[d]) >= 0


def test_the_strongest_edges_are_kept() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (0, 3)]
    weight = {(0, 1): 0.5, (1, 2): 0.2, (2, 3): 0.9, (0, 3): 0.1}
    assert joined(edges, weight, 3) == [(2, 3), (1, 2)][::-1]
    assert joined(edges, weight, 4) == edges


def test_reading_a_graph(tmp_path: Path) -> None:
    assert load_graph(tmp_path) is None
    (tmp_path / "graph.json").write_text(SMALL.model_dump_json(), encoding="utf-8")
    assert load_graph(tmp_path) == load_graph(tmp_path / "metrics.json") == SMALL


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"format": 2}', b"[" * 10_000])
def test_a_damaged_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "graph.json").write_bytes(content)
    with pytest.raises(BadInput, match="is not the graph of a model of this version; take it away"):
        load_graph(tmp_path)


@pytest.mark.parametrize(
    ("ordered_by", "tier", "said", "unsaid"),
    [
        ("finest", None, ["nothing about cause and effect"], ["order of tiers", "bind the order"]),
        (
            "finest",
            1,
            ["nothing about cause and effect", "none is to be read in the order of tiers"],
            ["bind the order"],
        ),
        ("tiers", 1, ["bind the order", "may be read in that direction"], ["nothing about cause and effect"]),
    ],
)
def test_the_page_says_whether_lines_may_be_read_in_the_order_of_tiers(
    cases: dict[str, Metrics], ordered_by: str, tier: int | None, said: list[str], unsaid: list[str]
) -> None:
    one = graph(node("age", 0, tier=tier), node("treated", 1, ("age", 0.3), tier=tier))
    page = render(cases["small"], title="T", graph=one.model_copy(update={"ordered_by": ordered_by}))
    assert all(words in page for words in said)
    assert not any(words in page for words in unsaid)


def test_where_tiers_bind_a_latent_class_stands_before_them() -> None:
    nodes = [
        node("age", 1, ("class", 0.3), tier=0),
        node("treated", 2, ("age", 0.3), tier=1),
        node("class", 0),
    ]
    drawn = graph_chart.draw(graph(*nodes).model_copy(update={"ordered_by": "tiers"}), "x")
    assert drawn is not None
    headings = re.findall(r"Unmeasured|Demographics|History|No tier", drawn.chart.svg)
    assert headings == ["Unmeasured", "Demographics", "History"]
