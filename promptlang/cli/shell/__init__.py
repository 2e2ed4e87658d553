"""What shells are told: the script that asks for completions, and the answers."""
