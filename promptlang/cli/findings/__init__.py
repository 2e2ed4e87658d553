"""Findings as commands print them: which, how, and again when something changes."""
