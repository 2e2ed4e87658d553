"""What `config.json` says of the parts of a model folder, by the class of the part."""
