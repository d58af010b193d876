"""A codelist, as read: codes of one system, with their terms and, where they have them, categories."""

from __future__ import annotations

from dataclasses import dataclass, field

TABLES = {
    "medcodeid": "observation",
    "concept_id": "observation",
    "snomed": "observation",
    "ctv3": "observation",
    "read2": "observation",
    "prodcodeid": "medication",
    "drug_concept_id": "medication",
    "dmd": "medication",
    "substance": "medication",
    "icd10": "admission",
}
"""The systems a code can be of, and the table of the contract whose records it finds."""

WORDS = {
    "medcodeid": "CPRD medical codes",
    "concept_id": "OMOP concepts",
    "snomed": "SNOMED CT concepts",
    "ctv3": "Read codes (CTV3)",
    "read2": "Read codes (version 2)",
    "prodcodeid": "CPRD product codes",
    "drug_concept_id": "OMOP drug concepts",
    "dmd": "dm+d codes",
    "substance": "substances",
    "icd10": "ICD-10 codes",
}
"""What each system is called in sentences."""


@dataclass(frozen=True)
class Codelist:
    """codes are of `system`, distinct, in the order of the file; terms, and categories if there are any, go with them.

    term_contains, term_excludes: for substances alone. Words of which a product's term must hold one, or may hold
        none, joined by "|"; empty where it is not said.
    columns: the column of the file for each system that it has codes of.
    repeated, without_code: rows left out because their code was listed above, or they had none.
    provenance: what provenance.toml beside the file says of it.
    """

    name: str
    system: str
    codes: tuple[str, ...]
    terms: tuple[str, ...]
    categories: tuple[str, ...] | None
    source: str
    sha256: str
    term_contains: tuple[str, ...] = ()
    term_excludes: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    without_code: int = 0
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table of the contract whose records it finds: "observation", "medication" or "admission"."""
        return TABLES[self.system]

    @property
    def levels(self) -> tuple[str, ...]:
        """Its categories, each once, in the order of the file; none when it has no categories."""
        return tuple(dict.fromkeys(self.categories or ()))
