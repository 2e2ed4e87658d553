"""Prompt text to tree and back: a folder for each dialect; conversion between them, and telling them apart."""
