"""Records of patients, read into tables and written from them."""

from locum.records.tables import from_any, read_table, write_table

__all__ = ["from_any", "read_table", "write_table"]
