"""Other programs that draw: what they have, what they are told, and what they answer."""
