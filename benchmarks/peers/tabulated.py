"""The results as a table, and its place in the README between two marks."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.registry import GENERATORS
from benchmarks.peers.results import Results, Scores, Summary, summary

BEGIN, END = "<!-- peers: written by benchmarks/peers/run.py -->", "<!-- end of peers -->"
HEAD = (
    "| {table} | seeds | C2ST | membership AUC | isolated tenth AUC | found at 1 % | copies beyond chance | utility "
    "| processor | wall-clock | peak memory |"
)


def text(results: Results) -> str:
    """A table for each table of patients, medians over the seeds that were done; lines in the order of the registry."""
    parts = []
    for name, (rows, columns) in results.shapes.items():
        lines = [HEAD.format(table=f"{name}, {rows:,} × {columns}"), "|---" * 11 + "|"]
        found = summary(results, name, GENERATORS)
        notes = []
        for one in found:
            lines.append(_line(one))
            told = "; ".join(part for part in (one.failure, one.note) if part)
            if told:
                notes.append(f"{GENERATORS[one.generator].label}: {told} ({one.done} of {one.runs} done).")
        if real := results.real.get(name):
            lines.append(f"| *real rows learned from* | | {_cells(real)} | | | |")
        parts.append("\n".join([*lines, *(["", *notes] if notes else [])]))
    return "\n\n".join(parts)


def _line(one: Summary) -> str:
    label = GENERATORS[one.generator].label
    times = f"{_seconds(one.processor)} | {_seconds(one.seconds)} | {one.memory / 1000:.1f} GB"
    if not one.done:
        return f"| {label} | {one.runs} | {one.failure.split(':')[0]} | | | | | | {times} |"
    return f"| {label} | {one.done} | {_cells(one.scores)} | {times} |"


def _cells(scores: Scores) -> str:
    member = _figure(scores, "member_auc")
    if scores.get("member_auc_se") is not None:
        member += f" ± {scores['member_auc_se']:.3f}"
    shares = (_share(scores, "member_tpr_at_1pct"), _share(scores, "copies_excess"))
    figures = [_figure(scores, "c2st"), member, _figure(scores, "outlier_auc"), *shares]
    return " | ".join([*figures, _figure(scores, "utility")])


def _figure(scores: Scores, name: str) -> str:
    value = scores.get(name)
    return "" if value is None else f"{value:.3f}"


def _share(scores: Scores, name: str) -> str:
    value = scores.get(name)
    return "" if value is None else f"{100 * value:.1f} %".replace("-0.0", "0.0")


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 9.5 else f"{value:.1f} s"


def write(results: Results, readme: Path) -> None:
    """Put the table between the marks; raises ValueError where they are missing."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme.name} has no place for the table")
    whole = f"{before}{BEGIN}\n\n{text(results)}\n\n{END}{after}"
    readme.write_text(whole, encoding="utf-8")
