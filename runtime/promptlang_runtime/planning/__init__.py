"""What is to be drawn, in which order and from which seeds."""
