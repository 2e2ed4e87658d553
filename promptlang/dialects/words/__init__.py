"""The dialects of the hosted service: `old` and `new`."""
