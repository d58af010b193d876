"""dcat.jsonld, read by rdflib."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import XSD

from locum.release import facts
from locum.release.package import Package
from locum.release.release import Release
from tests.unit.release.metadata_cases import ABOUT, release, written

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # in rdflib
ADMS, SPDX = Namespace("http://www.w3.org/ns/adms#"), Namespace("http://spdx.org/rdf/terms#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # of version 3: rdflib knows 2
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


def read(folder: Path, made: Release) -> Graph:
    return graph_of(written(folder, made))


def graph_of(made: Package) -> Graph:
    return Graph().parse(made.folder / "dcat.jsonld", format="json-ld")


def test_a_catalogue_finds_what_it_asks_for(tmp_path: Path) -> None:
    graph = read(tmp_path, release())
    dataset = URIRef("https://doi.org/10.1234/cvd.1")
    assert list(graph.subjects(RDF.type, DCAT.Dataset)) == [dataset]
    assert graph.value(dataset, DCAT.version) == Literal("1.1.0")
    assert graph.value(dataset, DCTERMS.issued) == Literal("2025-02-01", datatype=XSD.date)
    assert graph.value(graph.value(dataset, DCTERMS.publisher), FOAF.name) == Literal("A data service")
    contact = graph.value(dataset, DCAT.contactPoint)
    assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:data@example.org")
    assert str(graph.value(dataset, ADMS.versionNotes)).startswith("Nothing differs from 1.0.0")
    period = graph.value(dataset, DCTERMS.temporal)
    assert str(graph.value(period, DCAT.startDate)) >= "2015-01-01"
    assert "395 real patients" in str(graph.value(graph.value(dataset, DCTERMS.provenance), RDFS.label))
    activity = graph.value(dataset, PROV.wasGeneratedBy)
    assert str(graph.value(activity, PROV.wasAssociatedWith)).startswith("pkg:pypi/locum@")


def test_each_distribution_has_the_size_and_hash_of_its_file(tmp_path: Path) -> None:
    made = written(tmp_path)
    graph = graph_of(made)
    files = {file.path: file for file in made.files}
    found = list(graph.objects(None, DCAT.distribution))
    assert len(found) == 2
    for one in found:
        file = files[str(graph.value(one, DCTERMS.identifier))]
        checksum = graph.value(one, SPDX.checksum)
        assert graph.value(checksum, SPDX.checksumValue) == Literal(file.sha256, datatype=XSD.hexBinary)
        assert graph.value(one, DCAT.byteSize) == Literal(file.size, datatype=XSD.nonNegativeInteger)
        assert str(graph.value(one, DCAT.mediaType)).endswith(file.media)
        assert graph.value(one, DCTERMS.license) is not None
        assert str(one) == facts.address(file.sha256)


def test_a_release_without_doi_change_or_home_has_an_address_all_the_same(tmp_path: Path) -> None:
    publisher = ABOUT.publisher.model_copy(update={"url": None, "email": None})
    bare = ABOUT.model_copy(update={"identifier": None, "publisher": publisher, "keywords": ()})
    graph = read(tmp_path, release(about=bare, changes=None))
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset).startswith("ni:///sha-256;")
    assert str(graph.value(dataset, ADMS.versionNotes)) == "The first version."
    # Every address is one of its own: none was made from where the file lies.
    assert not [term for triple in graph for term in triple if str(term).startswith("file:")]
