"""Cohorts: who is in, described how, as one row a patient, from records in the contract."""
