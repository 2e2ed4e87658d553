"""What came along when a prompt was copied from a page, a chat or a list."""
