"""The tree and what reads it: nodes, grammar tables, the loop over them, weights of nested groups."""
