"""`promptlang render`."""
