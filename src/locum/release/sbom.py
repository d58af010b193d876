"""``sbom.cdx.json``: the software that packed the release, and all that it needs, as CycloneDX 1.6.

ECMA-424, "CycloneDX Bill of Materials". It lists what is installed where the release is made: locum, what its core
needs, what these need in turn. No date and no random number is in it: the same installation gives the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from locum.release.facts import as_json
from locum.release.release import Document, File, Release
from locum.version import VERSION

NAME = "locum"
OSI = "License :: OSI Approved :: "


@dataclass
class Installed:
    """A distribution. extras: those that something asks for. needs: names, in canonical form."""

    found: Distribution
    extras: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)


def write(release: Release, files: Sequence[File]) -> bytes:
    about = release.evidence.metrics.about
    made = {"evaluated by": f"locum {about.locum_version}", **about.made}
    component, rest = installation()
    properties = [{"name": f"locum:made:{key}", "value": value} for key, value in made.items()]
    return as_json(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": component, "properties": properties},
            **rest,
        }
    )


@cache  # it stays as it is while a process runs, and takes longer to read than all else in a small package
def installation() -> tuple[dict[str, Any], dict[str, Any]]:
    """What is installed here, as the document tells it: locum, and the rest."""
    installed, absent = walk(NAME)
    ours = installed.pop(NAME, None)
    refs = {name: _purl(name, one.found.version) for name, one in installed.items()}
    root = _purl(NAME, VERSION)
    needs = {
        root: ours.needs if ours else set(),
        **{refs[name]: one.needs for name, one in installed.items()},
    }
    component = {
        "type": "application",
        "bom-ref": root,
        "name": NAME,
        "version": VERSION,
        **({"licenses": licences} if ours and (licences := _licences(ours.found)) else {}),
        "purl": root,
    }
    return component, {
        "components": [_component(name, installed[name].found) for name in sorted(installed)],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(refs[name] for name in names if name in refs)}
            for ref, names in sorted(needs.items())
        ],
        "compositions": [
            {"aggregate": "complete" if ours and not absent else "incomplete", "dependencies": [root]}
        ],
    }


def walk(name: str) -> tuple[dict[str, Installed], set[str]]:
    """The distribution NAME and all that it needs here, by canonical name; and what is needed and not installed."""
    installed: dict[str, Installed] = {}
    absent: set[str] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(canonicalize_name(name), frozenset())]
    while waiting:
        wanted, extras = waiting.pop()
        known = installed.get(wanted)
        if known is not None and extras <= known.extras:
            continue
        if known is None:
            try:
                known = installed[wanted] = Installed(distribution(wanted))
            except PackageNotFoundError:
                absent.add(wanted)
                continue
        known.extras |= extras
        for requirement in _needed(known):
            other = canonicalize_name(requirement.name)
            known.needs.add(other)
            waiting.append((other, frozenset(requirement.extras)))
    return installed, absent


def _needed(one: Installed) -> Iterator[Requirement]:
    """What it requires in this environment, for the extras that are asked for and without any."""
    environment = {key: str(value) for key, value in default_environment().items()}
    for text in one.found.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(
            marker.evaluate({**environment, "extra": extra}) for extra in ("", *sorted(one.extras))
        ):
            yield requirement


def _component(name: str, found: Distribution) -> dict[str, Any]:
    purl = _purl(name, found.version)
    licences = _licences(found)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": found.metadata["Name"],
        "version": found.version,
        **({"licenses": licences} if licences else {}),
        "purl": purl,
    }


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version.replace('+', '%2B')}"


def _licences(found: Distribution) -> list[dict[str, Any]]:
    """As the distribution states them: an SPDX expression, else the names of its classifiers, else a short text."""
    stated = found.metadata
    if "License-Expression" in stated:
        return [{"expression": stated["License-Expression"]}]
    names = sorted({c.removeprefix(OSI) for c in stated.get_all("Classifier") or () if c.startswith(OSI)})
    text = stated["License"].strip() if "License" in stated else ""
    if not names and text and "\n" not in text and text.upper() != "UNKNOWN":
        names = [text]
    return [{"license": {"name": name}} for name in names]


DOCUMENTS = (
    Document(
        "sbom.cdx.json",
        "application/vnd.cyclonedx+json",
        "The software that made the package, and all that it needs (CycloneDX 1.6).",
        write,
    ),
)
