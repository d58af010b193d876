"""Evidence on a synthetic table: how faithful, how useful and how private it is, in one `metrics.json`."""

from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metrics, Status
from locum.evaluate.schema import schema

__all__ = ["Metrics", "Status", "evaluate", "schema"]
