"""One editor that is served: its documents, requests, reports and renders."""
