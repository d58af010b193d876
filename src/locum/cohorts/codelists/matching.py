"""Which of the records' own codes a codelist means."""

from __future__ import annotations

import re

import ibis
import pyarrow as pa

from locum.cohorts.codelists.codelist import WORDS, Codelist
from locum.errors import BadInput
from locum.records.contract import Records

RESOLVED = pa.schema([("code", pa.string()), ("category", pa.string())])
NEVER = "a^"  # a pattern that no text matches
_AS_THEY_ARE = ("medcodeid", "prodcodeid", "concept_id", "drug_concept_id")


def resolve(codelist: Codelist, records: Records) -> pa.Table:
    """The codes of the records that CODELIST matches, and their categories: `RESOLVED`, sorted by code, each once.

    CPRD's and OMOP's own codes are taken as they are, whether the dictionary has them or not. SNOMED CT concepts are
    looked up among clinical codes; dm+d codes and substances among products. A substance matches a product when one
    of its ingredients is that word, or begins with it (as salts do); where the product's ingredients are not known,
    its term is looked at instead. For admissions: the prefixes of `matches_icd10`.

    Raises BadInput for Read codes, which records in the contract do not carry.
    """
    categories = codelist.categories or (None,) * len(codelist.codes)
    if codelist.system == "icd10":
        return _sorted(list(zip(matches_icd10(codelist), categories, strict=True)))
    if codelist.system in _AS_THEY_ARE:
        return _sorted(list(zip(codelist.codes, categories, strict=True)))
    if codelist.system == "snomed":
        return _looked_up(codelist, records.clinical_code.select("code", key="concept"))
    if codelist.system == "dmd":
        return _looked_up(codelist, records.product.select("code", key="dmd"))
    if codelist.system == "substance":
        return _by_substance(codelist, records.product)
    raise BadInput(
        f"{codelist.source} lists {WORDS[codelist.system]}, which loaded records do not carry; "
        "use a list of SNOMED CT concepts or of medcodeids, or name such a column of this one"
    )


def matches_icd10(codelist: Codelist) -> tuple[str, ...]:
    """The beginnings of ICD-10 codes, without dots, that CODELIST matches, in its order."""
    return tuple(re.sub(r"[^A-Z0-9]", "", code.upper()) for code in codelist.codes)


def _listed(codelist: Codelist, **columns: tuple[str, ...]) -> ibis.Table:
    size = len(codelist.codes)
    categories = codelist.categories or (None,) * size
    rows = {"key": codelist.codes, "category": categories, "row": range(size), **columns}
    kinds = {"key": pa.string(), "category": pa.string(), "row": pa.int32()}
    arrays = {name: pa.array(list(of), kinds.get(name, pa.string())) for name, of in rows.items()}
    return ibis.memtable(pa.table(arrays))


def _looked_up(codelist: Codelist, dictionary: ibis.Table) -> pa.Table:
    found = dictionary.inner_join(_listed(codelist), "key")
    return _first(found)


def _by_substance(codelist: Codelist, product: ibis.Table) -> pa.Table:
    size = len(codelist.codes)
    wanted = _listed(
        codelist,
        word=tuple(code.lower() for code in codelist.codes),
        holds=tuple(_any_of(words, "") for words in codelist.term_contains or ("",) * size),
        lacks=tuple(_any_of(words, NEVER) for words in codelist.term_excludes or ("",) * size),
    )
    term = ibis.coalesce(product.term, "").lower()
    ingredients = ibis.coalesce(product.substance.nullif(""), product.term, "").lower().split("/")
    parts = product.select("code", term=term, part=ingredients.unnest())
    parts = parts.mutate(part=parts.part.strip())
    found = parts.join(wanted, (parts.part == wanted.word) | parts.part.startswith(wanted.word + " "))
    found = found.filter(found.term.re_search(found.holds) & ~found.term.re_search(found.lacks))
    return _first(found)


def _any_of(words: str, otherwise: str) -> str:
    """A pattern for a term with a word that begins with one of WORDS; OTHERWISE when there are none."""
    listed = [re.escape(word.strip().lower()) for word in words.split("|") if word.strip()]
    return rf"(^|[^a-z])({'|'.join(listed)})" if listed else otherwise


def _first(found: ibis.Table) -> pa.Table:
    """Each code with the category of the first row of the list that matches it."""
    found = found.group_by("code").agg(category=found.category.argmin(found.row))
    return found.order_by("code").to_pyarrow().select(RESOLVED.names).cast(RESOLVED)


def _sorted(rows: list[tuple[str, str | None]]) -> pa.Table:
    rows = sorted(dict(rows).items())
    return pa.table([[code for code, _ in rows], [category for _, category in rows]], schema=RESOLVED)
