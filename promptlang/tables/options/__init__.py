"""The option table: what a row is, the rows, and how their values are read."""
