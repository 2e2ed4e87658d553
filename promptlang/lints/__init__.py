"""Rules about two things together, one file each, in a folder a subject."""
