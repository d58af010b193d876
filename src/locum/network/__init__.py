"""The model: a resampled Bayesian network with tree-structured conditionals, on integer codes alone."""

from locum.network.document import from_document, schema, to_document
from locum.network.learning import LATENT, MISSING, check_arms, fit, tell_missing
from locum.network.network import Network
from locum.network.order import ORDERS, check_order, declared_tiers
from locum.network.settings import BALANCED, OPEN, PRIVACY, STRICT, Settings
from locum.network.threads import Progress

__all__ = [
    "BALANCED",
    "LATENT",
    "MISSING",
    "OPEN",
    "ORDERS",
    "PRIVACY",
    "STRICT",
    "Network",
    "Progress",
    "Settings",
    "check_arms",
    "check_order",
    "declared_tiers",
    "fit",
    "from_document",
    "schema",
    "tell_missing",
    "to_document",
]
