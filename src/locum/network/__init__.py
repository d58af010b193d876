"""The model: a resampled Bayesian network with tree-structured conditionals, on integer codes alone."""

from locum.network.document import from_document, schema, to_document
from locum.network.network import Network, Progress, fit
from locum.network.settings import BALANCED, OPEN, PRIVACY, STRICT, Settings

__all__ = [
    "BALANCED",
    "OPEN",
    "PRIVACY",
    "STRICT",
    "Network",
    "Progress",
    "Settings",
    "fit",
    "from_document",
    "schema",
    "to_document",
]
