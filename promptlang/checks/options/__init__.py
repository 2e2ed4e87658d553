"""What is said of the options of a statement: their names, their values, and which of them count."""
