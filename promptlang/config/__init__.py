"""`promptlang.toml` to `Project`: the nearest file counts, `extend` builds on another, every complaint has a place."""
