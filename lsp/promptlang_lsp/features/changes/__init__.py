"""What a person can ask to have changed: quick fixes, rewrites, conversions, layout."""
