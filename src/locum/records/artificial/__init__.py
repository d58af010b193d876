"""An artificial extract in the layout of CPRD Aurum, from a causal model written from published figures."""

from locum.records.artificial.simulation import simulate

__all__ = ["simulate"]
