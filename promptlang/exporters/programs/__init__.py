"""What single programs read, one module each."""
