"""Inputs that nobody would write, thousands a second, and what must hold for every one of them."""
