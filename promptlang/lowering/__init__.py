"""From meaning to plans, and the same in words."""
