"""What there is to say about the words of a prompt, and whose signs they are."""
