"""The pages on import, export and conversion, whose tables are found out by sending prompts there and back."""
