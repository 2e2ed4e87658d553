"""The version of everything in this distribution; `pyproject.toml` reads it from here."""

VERSION = "0.1.0"
