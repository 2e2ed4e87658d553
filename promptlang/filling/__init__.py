"""What a statement asks for, at every point of its sweeps, as plans."""
