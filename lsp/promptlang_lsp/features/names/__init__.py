"""Where names are defined and used, and how the text is built."""
