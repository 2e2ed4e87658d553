"""From a plan to what other tools read."""
