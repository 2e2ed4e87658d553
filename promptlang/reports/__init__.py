"""Findings, explanations and inspections for people and for programs."""
