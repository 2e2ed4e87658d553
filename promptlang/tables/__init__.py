"""Every fact of the language once: options, samplers, families, concepts, commands, editions."""
