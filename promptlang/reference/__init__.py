"""Writes what follows from the tables: pages, schema, editor words. `python -m promptlang.reference`."""
