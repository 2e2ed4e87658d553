"""What the server answers, one feature a module: pure functions of a view (text and project) and an offset."""
