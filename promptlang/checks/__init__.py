"""Everything there is to say about a document: walks over the tables, the lints, and what comments silence."""
