"""What tells one model file from another: marks for ourselves, and the hashes that other programs write."""
