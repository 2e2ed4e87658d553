"""CLIP token ids, the vocabulary, and how the owners of dialects lay tokens out in chunks."""
