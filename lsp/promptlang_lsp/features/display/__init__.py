"""What is shown in and around the text without being asked for."""
