"""What there is to say about clip skip."""
