"""What is written: pictures, metadata, sheets."""
