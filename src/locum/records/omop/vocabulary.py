"""From the vocabularies of OMOP to the contract's dictionaries: the codes that occur, and no other."""

from __future__ import annotations

import ibis

from locum.records.omop.events import UNMAPPED, medication_code
from locum.records.omop.people import Tables, known

UNMAPPED_TERM = "No matching concept"


def clinical_codes(t: Tables, observation: ibis.Table) -> ibis.Table:
    """A row for each code of the kept observations.

    `concept` is SNOMED CT's code where the concept is SNOMED CT or maps to one (the least of several). A code with a
    result, "concept:value concept", has none: a list of tests is not to take a negative one for a finding.
    """
    parts = observation.select("code").distinct()
    parts = parts.mutate(
        asked=parts.code.split(":")[0], result=ibis.ifelse(parts.code.contains(":"), _after(parts), None)
    )
    names, snomed = _names(t), _snomed(t)
    results = names.rename(result_id="id", result_name="name")
    joined = parts.left_join(names, parts.asked == names.id)
    joined = joined.left_join(results, joined.result == results.result_id)
    joined = joined.left_join(snomed, joined.asked == snomed.of)
    plain = joined.result.isnull()
    return joined.select(
        code=joined.code,
        concept=ibis.ifelse(plain, joined.snomed, None),
        term=ibis.cases(
            (joined.code == UNMAPPED, UNMAPPED_TERM),
            (plain, joined["name"]),
            else_=joined["name"] + ": " + joined.result_name.fill_null("?"),
        ),
    )


def _after(parts: ibis.Table) -> ibis.Value:
    return parts.code.split(":")[1]


def _names(t: Tables) -> ibis.Table:
    concept = t["concept"]
    return concept.group_by(id=concept.concept_id).agg(name=concept.concept_name.min())


def _snomed(t: Tables) -> ibis.Table:
    concept, relation = t["concept"], t["concept_relationship"]
    snomed = concept.filter(concept.vocabulary_id == "SNOMED").select(
        target="concept_id", snomed="concept_code"
    )
    maps = relation.filter(relation.relationship_id == "Maps to").select(of="concept_id_1", to="concept_id_2")
    mapped = maps.inner_join(snomed, maps.to == snomed.target).select("of", "snomed", own=ibis.literal(False))
    own = snomed.select(of="target", snomed="snomed", own=ibis.literal(True))
    both = ibis.union(own, mapped, distinct=False)
    first = both.snomed.min(where=both.own)
    return both.group_by("of").agg(snomed=first.fill_null(both.snomed.min()))


def products(t: Tables, medication: ibis.Table) -> ibis.Table:
    """A row for each code of the kept medication: its name, dm+d code, and ingredients."""
    used = medication.select("code").distinct()
    concept, ingredients = t["concept"], _ingredients(t)
    about = concept.group_by(id=concept.concept_id).agg(
        term=concept.concept_name.min(), dmd=concept.concept_code.min(where=concept.vocabulary_id == "dm+d")
    )
    joined = used.left_join(about, used.code == about.id)
    joined = joined.left_join(ingredients, joined.code == ingredients.of)
    term = ibis.ifelse(joined.code == UNMAPPED, UNMAPPED_TERM, joined.term)
    return joined.select(code=joined.code, dmd=joined.dmd, term=term, substance=joined.substance)


def _ingredients(t: Tables) -> ibis.Table:
    """The ingredients of each code that a drug exposure has, through the standard concept beside it."""
    concept, ancestor, drug = t["concept"], t["concept_ancestor"], t["drug_exposure"]
    pairs = drug.select(of=medication_code(t, drug), standard=known(drug.drug_concept_id)).distinct()
    pairs = pairs.mutate(standard=pairs.standard.fill_null(pairs.of))
    ingredient = concept.filter(
        concept.concept_class_id == "Ingredient", concept.vocabulary_id.isin(("RxNorm", "RxNorm Extension"))
    ).select(ingredient="concept_id", substance="concept_name")
    above = ancestor.select(below="descendant_concept_id", above="ancestor_concept_id")
    own = ingredient.select(below="ingredient", above="ingredient")
    above = ibis.union(above.semi_join(ingredient, above.above == ingredient.ingredient), own, distinct=True)
    found = pairs.inner_join(above, pairs.standard == above.below)
    found = (
        found.inner_join(ingredient, found.above == ingredient.ingredient)
        .select("of", "substance")
        .distinct()
    )
    return found.group_by("of").agg(substance=found.substance.group_concat("/", order_by=found.substance))
