"""The tensors that networks are made of, and which of their sides are the same, by the layout of their names."""
