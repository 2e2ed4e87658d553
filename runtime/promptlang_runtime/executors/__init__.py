"""Who draws: behind one interface, whatever the machine."""
