"""A whole study as one file: from records, or tables, to artificial patients and the reports on them."""
