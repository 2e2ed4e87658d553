"""The texts an editor shows, cut into statements and read against their surroundings."""
