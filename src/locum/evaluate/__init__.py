"""Evidence on a synthetic table: how faithful, how useful and how private it is, in one `metrics.json`."""

from locum.evaluate.evaluation import evaluate
from locum.evaluate.json_schema import schema
from locum.evaluate.metrics import Metrics, Status

__all__ = ["Metrics", "Status", "evaluate", "schema"]
