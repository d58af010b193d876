"""``provenance.intoto.json``: who made which files from what, as an in-toto statement with SLSA provenance.

in-toto attestation framework, Statement v1; SLSA 1.0, "Provenance". The signature is not in it: SHA256SUMS, which is
signed, lists it. No time is in it: the same evidence gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from locum.release.commands import inputs, made_by, settings
from locum.release.facts import address, as_json, filled
from locum.release.release import Document, File, Release
from locum.version import VERSION

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "pkg:pypi/locum#release/v1"
"""The name of this way of making a package; its parameters are those written below."""


def write(release: Release, files: Sequence[File]) -> bytes:
    about, made = release.evidence.metrics.about, release.evidence.metrics.about.made
    return as_json(
        {
            "_type": STATEMENT,
            "subject": [{"name": file.path, "digest": {"sha256": file.sha256}} for file in files],
            "predicateType": PREDICATE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE,
                    "externalParameters": {
                        "commands": made_by(release),
                        **filled(settings=settings(release)),
                        "seed": int(made.get("Random seed", about.seed)),
                        **filled(privacy=made.get("Privacy setting")),
                        "policy": {
                            "name": release.decision.policy,
                            "digest": {"sha256": release.decision.policy_sha256},
                        },
                    },
                    "internalParameters": filled(made=made, evaluated=f"locum {about.locum_version}"),
                    "resolvedDependencies": [
                        {"name": name, "uri": address(sha256), "digest": {"sha256": sha256}}
                        for name, sha256 in _read(release).items()
                    ],
                },
                "runDetails": {"builder": {"id": f"pkg:pypi/locum@{VERSION}", "version": {"locum": VERSION}}},
            },
        }
    )


def _read(release: Release) -> dict[str, str]:
    """The real rows, and the evidence as the gate read it."""
    real = {name: sha for name, sha in inputs(release).items() if name.startswith("private/")}
    return {**real, **dict(sorted(release.evidence.sha256.items()))}


DOCUMENTS = (
    Document(
        "provenance.intoto.json",
        "application/vnd.in-toto+json",
        "What the files were made from and by which command (in-toto, SLSA provenance 1.0).",
        write,
    ),
)
