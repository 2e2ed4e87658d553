"""The runtime: a plan in, pictures out."""
