"""Pages of pictures for a browser: one file each, without a network."""
