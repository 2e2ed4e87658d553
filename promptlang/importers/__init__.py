"""What other programs write about their pictures, read back: every format to one structure, and that to a statement."""
