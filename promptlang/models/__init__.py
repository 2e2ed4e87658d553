"""What model files are, read from their headers alone."""
