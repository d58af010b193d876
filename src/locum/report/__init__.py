"""Evidence files to pages that a reviewer can read. Nothing here ever sees a patient."""

from locum.report.comparison_page import render_comparison
from locum.report.load import load_attrition, load_graph, load_metrics
from locum.report.page import render
from locum.report.pdf import to_pdf

__all__ = ["load_attrition", "load_graph", "load_metrics", "render", "render_comparison", "to_pdf"]
