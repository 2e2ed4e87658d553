"""What a place means, in words."""
