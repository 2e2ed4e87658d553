"""What is left of the findings of a statement: of texts that are drawn, one a cause, and no guess for a safe fix."""
