"""What single programs write, one module each: JSON of their own, or lines of commands."""
