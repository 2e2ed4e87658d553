"""What the server answers, one feature a module: pure functions of a page (text and project) and an offset."""
