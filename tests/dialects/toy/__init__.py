"""A small dialect of its own, which the house has never seen: a grammar, a reader, a rule and a row."""
