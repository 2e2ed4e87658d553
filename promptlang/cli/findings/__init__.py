"""Which findings a command prints, and how."""
