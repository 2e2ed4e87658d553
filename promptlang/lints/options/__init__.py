"""What there is to say about options together with others."""
