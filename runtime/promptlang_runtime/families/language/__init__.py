"""Families whose prompt a language model reads, one module each."""
