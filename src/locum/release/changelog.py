"""What is new in a release, for people (``CHANGELOG.md``) and for programs (``changes.json``)."""

from __future__ import annotations

from collections.abc import Sequence

from locum.release.changes import Change, Changes, Of
from locum.release.release import Document, File, Release

FIRST = "This is the first release of this dataset. There is none before it to compare it with."
TITLES: dict[Of, str] = {
    "size": "How much there is",
    "variable": "Variables that came, went or changed",
    "levels": "Levels that went (before) and came (after)",
    "missing": "How much is missing",
    "distribution": "Distributions",
    "association": "Associations between two variables",
    "setting": "How it was made",
}
NOTES: dict[Of, str] = {
    "distribution": "The gap is the largest difference of the two distribution functions for numbers, and the share of "
    "rows that would have to change for levels, in %.",
    "association": "Strength from 0, none, to 1, each tells the other (Cramér's V, each variable in a few groups). "
    "The pairs that changed most.",
}
TESTED: tuple[Of, ...] = ("missing", "distribution", "association")


def changelog(release: Release, files: Sequence[File]) -> bytes:
    """CHANGELOG.md, which says so where there was no release before."""
    about, changes = release.about, release.changes
    lines = [
        f"# Changes: {_text(about.title)}",
        "",
        f"## {about.version} ({about.published.isoformat()})",
        "",
    ]
    if about.artificial:
        lines += ["The records that this dataset was learned from are artificial: nobody in them exists.", ""]
    lines += [FIRST] if changes is None else _since(changes)
    return ("\n".join(lines) + "\n").encode()


def machine(release: Release, files: Sequence[File]) -> bytes:
    """changes.json; nothing where there was no release before."""
    if release.changes is None:
        return b""
    return (release.changes.model_dump_json(indent=1) + "\n").encode()


def _since(changes: Changes) -> list[str]:
    before, after = changes.compared
    lines = [
        f"Compared with version {changes.before} (SHA-256 of its Parquet file: `{changes.sha256}`).",
        "",
        f"What is missing, distributions and associations are compared on {before:,} rows of {changes.before} and "
        f"{after:,} rows of {changes.after}, drawn at random where a table has more. A difference is *beyond chance* "
        "where two draws of one model would not differ as much. All of them are tested together (Holm 1979): were both "
        "tables draws of one model, something would be called so by mistake once in 20 times at most.",
    ]
    if not changes.differences:
        return [*lines, "", "No difference was found."]
    for of, title in TITLES.items():
        found = [c for c in changes.differences if c.of == of]
        shown = [c for c in found if c.beyond_chance] if of in TESTED else found
        if not found:
            continue
        lines += ["", f"### {title}", ""]
        if of in NOTES:
            lines += [NOTES[of], ""]
        if shown:
            lines += _table(shown, changes, of)
        if rest := len(found) - len(shown):
            lines += [""] * bool(shown) + [_alike(rest, bool(shown), of)]
    return lines


def _alike(rest: int, others: bool, of: Of) -> str:
    if of == "association":  # of those that changed less, only the largest changes are told
        return f"{'No other association' if others else 'None'} changed more than between two draws of one model."
    one = rest == 1
    who = f"{'one ' if one else f'{rest:,} '}{'other ' if others else ''}{'variable' if one else 'variables'}"
    return (
        f"{who[0].upper()}{who[1:]} {'differs' if one else 'differ'} no more than two draws of one model do."
    )


def _table(found: Sequence[Change], changes: Changes, of: Of) -> list[str]:
    head = ["", changes.before, changes.after]
    if of == "distribution":
        head.append("gap, %")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for change in found:
        cells = [_text(change.what), _text(change.before), _text(change.after)]
        if of == "distribution":
            cells.append(f"{change.gap or 0:.1f}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _text(text: str) -> str:
    """TEXT as Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))


DOCUMENTS = (
    Document("CHANGELOG.md", "text/markdown", "What is new in this version", changelog),
    Document("changes.json", "application/json", "The same, for programs", machine),
)
