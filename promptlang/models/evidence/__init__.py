"""What the header and the metadata of a model file say about it: each module reads one kind of evidence."""
