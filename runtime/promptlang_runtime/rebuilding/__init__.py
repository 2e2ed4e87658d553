"""Models of single files and of parts: networks made of what the shapes of tensors say."""
