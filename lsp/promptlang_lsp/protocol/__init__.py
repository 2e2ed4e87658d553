"""The wire: messages, positions, capabilities, what the client can do."""
