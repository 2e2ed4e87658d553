"""Why something is not drawn, in one clause each: what the check says before, and the renderer where it comes to it."""
