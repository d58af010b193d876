"""The codelists of a definition, found, read, checked and matched to the codes of the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from locum.cohorts.attrition import UsedCodelist
from locum.cohorts.codelists import Codelist, check_codelist, find_codelist, read_codelist, resolve
from locum.cohorts.codelists.codelist import WORDS
from locum.cohorts.definition import Definition, Listing
from locum.errors import BadInput
from locum.records.contract import Records


@dataclass(frozen=True)
class MatchedList:
    """A codelist as the records know it: the codes to look for in one table of the contract.

    table: "observation", "medication" or "admission". codes: (code, category); for admissions ICD-10 prefixes.
    levels: its categories in the order of the file; in that of the codes, when not said.
    """

    name: str
    table: str
    codes: tuple[tuple[str, str | None], ...]
    levels: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """Its categories, in order."""
        return self.levels or tuple(
            dict.fromkeys(category for _, category in self.codes if category is not None)
        )


@dataclass(frozen=True)
class Matched:
    """lists: by name. notices: what is odd about them. evidence: a line on each, for the record. used: their files."""

    lists: dict[str, MatchedList]
    notices: tuple[str, ...]
    evidence: tuple[str, ...]
    used: tuple[UsedCodelist, ...] = ()


def match_lists(definition: Definition, beside: Path, folders: Sequence[Path], records: Records) -> Matched:
    """The codelists that DEFINITION names: from its own files, from FOLDERS, from beside it, or those that ship.

    beside: the folder of the definition.
    Raises BadInput when there is no such list, it cannot be read, or it is of another kind than the definition wants.
    """
    lists: dict[str, MatchedList] = {}
    notices: list[str] = []
    evidence: list[str] = []
    used: list[UsedCodelist] = []
    for name in definition.codelists:
        listing = definition.codelist.get(name, Listing())
        path = beside / listing.file if listing.file else find_codelist(name, [*folders, beside])
        codelist = read_codelist(path, name, listing.column, listing.category)
        used.append(_used(codelist, path))
        dictionary = {"observation": records.clinical_code, "medication": records.product}.get(codelist.table)
        codes = resolve(codelist, records)
        found = tuple((row["code"], row["category"]) for row in codes.to_pylist())
        lists[name] = MatchedList(name, codelist.table, found, codelist.levels)
        _check_kind(name, codelist, definition)
        unknown = dictionary if codelist.system in ("medcodeid", "prodcodeid") else None
        notices += [str(notice) for notice in check_codelist(codelist, unknown)]
        evidence.append(
            f"{name}: {codelist.source}, sha256 {codelist.sha256}, {len(codelist.codes)} codes ({codelist.system}), "
            f"{codes.num_rows} codes of the records"
        )
    # A list for any kind of records holds codes that these do not use: only none at all is odd.
    if absent := [name for name, found in lists.items() if not found.codes]:
        notices.insert(
            0, f"these codelists find nothing, since the records use none of their codes: {', '.join(absent)}"
        )
    return Matched(lists, tuple(notices), tuple(evidence), tuple(used))


def _used(codelist: Codelist, path: Path) -> UsedCodelist:
    said = codelist.provenance
    try:
        text = path.read_bytes().decode() if said.get("redistribute") == "True" else None
    except UnicodeDecodeError:  # of another encoding, which JSON would change
        text = None
    return UsedCodelist(
        name=codelist.name,
        system=WORDS[codelist.system],
        codes=len(codelist.codes),
        sha256=codelist.sha256,
        date=said.get("date", ""),
        licence=said.get("licence", ""),
        text=text,
    )


def _check_kind(name: str, codelist: Codelist, definition: Definition) -> None:
    """Refuse a list whose records have no values, or no categories, where the definition wants them."""
    for v in definition.variable:
        if name in v.of and v.is_ == "category" and codelist.categories is None:
            raise BadInput(
                f'variable "{v.name}" wants categories, and codelist {name} ({codelist.source}) has no column of them; '
                f'add one named "category", or say which with [codelist.{name}] category = "..."'
            )
        if name in v.of and v.is_ in ("latest", "mean", "sd") and codelist.table != "observation":
            raise BadInput(
                f'variable "{v.name}" wants values; codelist {name} finds {codelist.table}s, without any'
            )
