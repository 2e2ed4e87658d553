"""One module per request: pure functions of a snapshot and an offset."""
