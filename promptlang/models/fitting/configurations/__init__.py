"""What the configurations of a folder say: of tensors, of noise, and of one another."""
