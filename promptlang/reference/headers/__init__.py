"""Headers of published models, as far as they decide what a file is."""
