"""The CLIP vocabulary as package data, shared by the token counts and the bundled model."""
