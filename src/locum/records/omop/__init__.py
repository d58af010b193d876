"""The OMOP common data model, versions 5.3 and 5.4, from files or a database."""
