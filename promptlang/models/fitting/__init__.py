"""Whether a folder is whole, and whether networks and textual inversions fit a model, by names and shapes alone."""
