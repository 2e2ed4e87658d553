"""Rules about two things together: one file each, named after the rule."""
