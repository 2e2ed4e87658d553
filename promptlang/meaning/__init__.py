"""What a statement means against its surroundings: project, `/set`, recipes, settings, variants."""
