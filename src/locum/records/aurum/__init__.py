"""CPRD Aurum, as delivered: many tab-delimited parts a table, dictionaries and look-ups (specification 2.9)."""
