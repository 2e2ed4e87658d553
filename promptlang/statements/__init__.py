"""From a file to statements: scan, parse, recipes, removal, format."""
