"""Whether the tensors of a network are all there and go together, by names and shapes alone."""
