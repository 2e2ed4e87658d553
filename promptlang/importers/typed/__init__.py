"""What people type themselves: lists, tables and YAML of prompts, labels and settings in words of their own."""
