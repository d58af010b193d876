"""Evidence files to pages that a reviewer can read. Nothing here ever sees a patient."""

from locum.report.load import load_attrition, load_graph, load_metrics
from locum.report.page import render
from locum.report.pdf import to_pdf

__all__ = ["load_attrition", "load_graph", "load_metrics", "render", "to_pdf"]
